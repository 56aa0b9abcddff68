"""What all games share: positions that compare by their past, arguments, PettingZoo's forms."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self

from envgym.types import ConfigError
from envgym.types.errors import unknown
from envgym.types.game import State


class Position:
    """The shared half of a position; a subclass adds what its rules need.

    Positions of one game with one history are equal. A pickle holds the game and the history alone
    and plays it again.
    """

    __slots__ = ("current_player", "game", "history")

    game: Any
    history: tuple[int, ...]
    current_player: int

    def movers(self) -> tuple[int, ...]:
        return (self.current_player,) if self.current_player >= 0 else ()

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        return ()

    def legal(self) -> tuple[int, ...]:
        raise NotImplementedError

    def apply(self, action: int) -> Self:
        raise NotImplementedError

    def impossible(self, action: object) -> ValueError:
        """Return the error for an action that cannot be taken here; the caller raises it."""
        options = tuple(a for a, _ in self.chance_outcomes()) or self.legal()
        shown = ", ".join(map(str, options[:20])) + (", ..." if len(options) > 20 else "")
        return ValueError(
            f"{self.game.name}: action {action!r} is not possible here; "
            f"possible: {shown or 'none, the game is over'}."
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Position):
            return NotImplemented
        return self.history == other.history and bool(self.game == other.game)

    def __hash__(self) -> int:
        return hash((self.game, self.history))

    def __reduce__(self) -> tuple[Any, ...]:
        return (replay, (self.game, self.history))

    def __repr__(self) -> str:
        return f"<{self.game.name} after {self.history}>"


class Rules:
    """The shared half of a game: a frozen dataclass whose fields are its arguments."""

    name: ClassVar[str]
    proof: ClassVar[str] = "equilibrium"
    """How the default game is proved: it is solved, or ("reference") its expert is."""

    @property
    def params(self) -> Mapping[str, Any]:
        """JSON arguments that make the same game again; defaults included."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @property
    def unit(self) -> float:
        """No positive return is smaller; 1.0 where returns are whole numbers."""
        return 1.0

    def __getstate__(self) -> dict[str, Any]:
        """Return the arguments alone: what follows from them is computed again."""
        return dict(self.params)

    def aliases(self) -> Mapping[str, int]:
        """Return other words for actions: none, unless a game has some."""
        return {}

    def expert(self, state: State) -> int | None:
        """Return None: the game is small enough to be solved."""
        return None

    def advantage(self, state: State, player: int) -> float | None:
        """Return None: there is no rough value."""
        return None


def replay(game: Any, history: Iterable[int]) -> Any:
    """Return the position of ``game`` after ``history``.

    Raises:
        ValueError: an action of it is not possible.
    """
    state = game.initial()
    for action in history:
        state = state.apply(action)
    return state


def check_whole(game: str, field: str, value: object, low: int, high: int) -> None:
    """Raise ConfigError unless ``value`` is a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{game}: {field} must be a whole number {low} to {high}, got {value!r}.")


def check_choice(game: str, field: str, value: object, allowed: Iterable[str]) -> None:
    """Raise ConfigError unless ``value`` is one of the words ``allowed``."""
    names = tuple(allowed)
    if value not in names:
        raise ConfigError(f"{game}: {unknown(field, str(value), names)}")


def check_flag(game: str, field: str, value: object) -> None:
    """Raise ConfigError unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise ConfigError(f"{game}: {field} must be true or false, got {value!r}.")


def one_hot(size: int, index: int) -> list[float]:
    """Return ``size`` zeros with a 1.0 at ``index``; all zeros where it is negative."""
    row = [0.0] * size
    if index >= 0:
        row[index] = 1.0
    return row


def signed(amount: float) -> str:
    """Return a return as text: "+1", "-0.5", "0"."""
    return f"{amount:+g}" if amount else "0"


def result_line(returns: Iterable[float]) -> str:
    """Return "Result: player 0 +1, player 1 -1." for the end of a game."""
    return f"Result: {', '.join(f'player {p} {signed(x)}' for p, x in enumerate(returns))}."


def who(player: int, viewer: int) -> str:
    """Return "You" for the viewer, else "Player 1"."""
    return "You" if player == viewer else f"Player {player}"


def pettingzoo_forms(
    name: str,
) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return ``env``, ``raw_env`` and ``parallel_env`` of a game, as PettingZoo's modules have them.

    The first two are the same: there are no wrappers to leave off. Each takes the game's arguments
    and raises what ``make_game`` raises, and MissingExtraError without PettingZoo.
    """

    def env(**params: Any) -> Any:
        """Return the game as a PettingZoo ``AECEnv`` with numeric spaces."""
        from envgym.runtime.games.registry import make_aec

        return make_aec(name, **params)

    def parallel_env(**params: Any) -> Any:
        """Return the game as a PettingZoo ``ParallelEnv`` with numeric spaces."""
        from envgym.runtime.games.registry import make_parallel

        return make_parallel(name, **params)

    return env, env, parallel_env
