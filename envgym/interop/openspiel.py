"""Any game of OpenSpiel behind the protocols ``Game`` and ``State``.

An own thin adapter: positions never change (``apply`` clones), simultaneous moves are asked player
by player with the choices hidden, chance keeps its probabilities, and nothing cuts an episode short
(OpenSpiel's longest game counts decisions, not chance). What a player sees is OpenSpiel's
information state and observation strings; a game without information states gets them from the
player's observations and actions.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from envgym.envs.games.base import Position, result_line
from envgym.types import ConfigError, MissingExtraError
from envgym.types.errors import unknown
from envgym.types.game import CHANCE, OVER, State


def open_spiel_game(game: str, **params: Any) -> "SpielGame":
    """Return a game of OpenSpiel, such as ``open_spiel_game("leduc_poker(players=3)")``.

    Args:
        game: OpenSpiel's name, with or without arguments in brackets.
        params: more arguments, as keywords.

    Raises:
        ConfigError: no such game, a bad argument, or a game that cannot be played here: mean-field
            games, and those whose chance is sampled inside and cannot be repeated.
        MissingExtraError: OpenSpiel is not installed.
    """
    if find_spec("pyspiel") is None:
        raise MissingExtraError(f"OpenSpiel's game '{game}'", "openspiel")
    pyspiel = import_module("pyspiel")
    short = game.partition("(")[0]
    if short not in pyspiel.registered_names():
        raise ConfigError(unknown("OpenSpiel game", short, pyspiel.registered_names()))
    try:
        loaded = pyspiel.load_game(game)
        if params:
            given = dict(pyspiel.game_parameters_from_string(game))
            given.pop("name", None)
            loaded = pyspiel.load_game(short, {**given, **params})
        first = loaded.new_initial_state()
        if not first.is_chance_node():
            first.legal_actions(max(first.current_player(), 0))  # some games number no actions
    except (pyspiel.SpielError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"OpenSpiel's game '{game}' cannot be made: {reason}") from error
    refuse(short, loaded.get_type(), pyspiel.GameType)
    return SpielGame(loaded)


def refuse(short: str, kind: Any, words: Any) -> None:
    """Raise ConfigError if a game cannot be played through this adapter.

    Args:
        short: OpenSpiel's name of the game.
        kind: its ``pyspiel.GameType``.
        words: the class ``pyspiel.GameType``.
    """
    if kind.dynamics == words.Dynamics.MEAN_FIELD:
        raise ConfigError(f"OpenSpiel's game '{short}' is a mean-field game: it has no players.")
    if kind.chance_mode == words.ChanceMode.SAMPLED_STOCHASTIC:
        raise ConfigError(
            f"OpenSpiel's game '{short}' samples its chance inside, so an episode cannot be repeated."
        )
    if not kind.provides_information_state_string and not kind.provides_observation_string:
        raise ConfigError(
            f"OpenSpiel's game '{short}' describes its positions neither by information states nor "
            "by observations."
        )


class SpielGame:
    """A game of OpenSpiel; equal by its name with arguments. Make it with ``open_spiel_game``."""

    def __init__(self, loaded: Any) -> None:
        self._loaded = loaded
        self._kind = loaded.get_type()
        dynamics = type(self._kind).Dynamics
        self.spec = str(loaded)
        """OpenSpiel's name with arguments, such as "leduc_poker(players=3)"."""
        self.name = f"openspiel:{self.spec}"
        self.players: int = loaded.num_players()
        self.num_actions: int = loaded.num_distinct_actions()
        self.utility: tuple[float, float] = (loaded.min_utility(), loaded.max_utility())
        self.zero_sum = bool(self._kind.utility == type(self._kind).Utility.ZERO_SUM)
        self.simultaneous = bool(self._kind.dynamics == dynamics.SIMULTANEOUS)
        self.max_decisions: int = loaded.max_game_length() * (
            self.players if self.simultaneous else 1
        )
        self.has_infostate = bool(self._kind.provides_information_state_string)
        """Whether OpenSpiel gives information states; else they are made from observations."""
        self.has_observation = bool(self._kind.provides_observation_string)
        """Whether OpenSpiel gives observations as text."""
        self.tensor = (
            "observation_tensor"
            if self._kind.provides_observation_tensor
            else "information_state_tensor"
            if self._kind.provides_information_state_tensor
            else ""
        )
        """Name of the method behind ``State.observation``; "" where there is none."""

    @property
    def observation_size(self) -> int:
        """Length of an observation; 1 where OpenSpiel has no tensor (whether it is one's turn)."""
        if not self.tensor:
            return 1
        return int(getattr(self._loaded, f"{self.tensor}_size")())

    @property
    def params(self) -> Mapping[str, Any]:
        """Nothing: the name holds the arguments."""
        return MappingProxyType({})

    def initial(self) -> "SpielState":
        """Return the position before anything happened."""
        return SpielState(self, (), self._loaded.new_initial_state(), {}, None)

    def rules(self, player: int) -> str:
        """Return what OpenSpiel tells about a game: its name, players and range of returns."""
        low, high = self.utility
        together = " All players of a round choose at the same time." if self.simultaneous else ""
        total = " The results of all players sum to 0." if self.zero_sum else ""
        return (
            f"{self._kind.long_name} (OpenSpiel's {self.spec}). You are player {player} of "
            f"{self.players} (players 0 to {self.players - 1}).{together}\n"
            f"Results range from {low:g} to {high:g}; higher is better.{total}"
        )

    def aliases(self) -> Mapping[str, int]:
        """Return no other words."""
        return {}

    def expert(self, state: State) -> int | None:
        """Return None: no expert is known."""
        return None

    def advantage(self, state: State, player: int) -> float | None:
        """Return None: no rough value is known."""
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpielGame) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (open_spiel_game, (self.spec,))

    def __repr__(self) -> str:
        return f"open_spiel_game({self.spec!r})"


class SpielState(Position):
    """A position of a game of OpenSpiel.

    A simultaneous node of OpenSpiel is several positions here: one per player who has to choose.
    """

    __slots__ = ("_base", "_before", "_pending", "_words")

    game: SpielGame

    def __init__(
        self,
        game: SpielGame,
        history: tuple[int, ...],
        base: Any,
        pending: dict[int, int],
        before: "SpielState | None",
    ) -> None:
        self.game, self.history = game, history
        self._base = base  # never changed after this
        self._pending = pending  # choices of the current simultaneous node
        self._before = before
        self._words: dict[int, str] | None = None
        if base.is_terminal():
            self.current_player = OVER
        elif base.is_chance_node():
            self.current_player = CHANCE
        elif base.is_simultaneous_node():
            self.current_player = self._waiting()[0]
        else:
            self.current_player = base.current_player()

    def _waiting(self) -> tuple[int, ...]:
        """Return the players of a simultaneous node who have not chosen yet."""
        return tuple(
            p
            for p in range(self.game.players)
            if p not in self._pending and self._base.legal_actions(p)
        )

    def movers(self) -> tuple[int, ...]:
        """Return the player to move, or all who have not chosen yet at a simultaneous node."""
        if self.current_player < 0:
            return ()
        return self._waiting() if self._base.is_simultaneous_node() else (self.current_player,)

    def legal(self) -> tuple[int, ...]:
        """Return OpenSpiel's legal actions of the current player."""
        if self.current_player < 0:
            return ()
        return tuple(self._base.legal_actions(self.current_player))

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return OpenSpiel's outcomes with their probabilities."""
        return tuple(self._base.chance_outcomes()) if self.current_player == CHANCE else ()

    def apply(self, action: int) -> "SpielState":
        """Return the position after an action; this one stays as it is."""
        if self.current_player == CHANCE:
            possible = action in [a for a, _ in self._base.chance_outcomes()]
        else:
            possible = action in self.legal()
        if not possible:
            raise self.impossible(action)
        after = (*self.history, action)
        if self.current_player >= 0 and self._base.is_simultaneous_node():
            pending = {**self._pending, self.current_player: action}
            if len(self._waiting()) > 1:
                return SpielState(self.game, after, self._base, pending, self)
            base = self._base.clone()
            base.apply_actions([pending.get(p, 0) for p in range(self.game.players)])
        else:
            base = self._base.clone()
            base.apply_action(action)
        return SpielState(self.game, after, base, {}, self)

    def returns(self) -> tuple[float, ...]:
        """Return OpenSpiel's returns so far."""
        return tuple(x + 0.0 for x in self._base.returns())

    def _steps(self, player: int) -> Iterator[tuple["SpielState", int]]:
        """Yield (position, action) of every past decision of ``player``, the last one first."""
        here = self
        while here._before is not None:
            if here._before.current_player == player:
                yield here._before, here.history[-1]
            here = here._before

    def _view(self, player: int) -> str:
        """Return OpenSpiel's strings for ``player``; at chance nothing is asked of it."""
        if self.current_player == CHANCE:
            return "Chance moves."
        game, base = self.game, self._base
        known = base.information_state_string(player) if game.has_infostate else ""
        seen = base.observation_string(player) if game.has_observation else ""
        parts = [known.rstrip(), seen.rstrip()] if known != seen else [known.rstrip()]
        return "\n".join(part for part in parts if part)

    def infostate(self, player: int) -> str:
        """Return OpenSpiel's strings, the own actions, whether it is one's turn, and the result.

        Without information states the past observations too.
        """
        own = ",".join(str(action) for _, action in reversed(list(self._steps(player))))
        if self.current_player == CHANCE:
            before = self._before.infostate(player) if self._before is not None else ""
            return f"{own}|chance after {before}"
        turn = "!" if player in self.movers() else "?" if player in self._pending else ""
        text = f"{own}|{turn}|{self._view(player)}"
        if not self.game.has_infostate:
            text += "".join(f"\n< {there._view(player)}" for there, _ in self._steps(player))
        return text + (f"\n{result_line(self.returns())}" if self.current_player == OVER else "")

    def observation(self, player: int) -> tuple[float, ...]:
        """Return OpenSpiel's tensor for ``player``; zeros while chance moves."""
        game = self.game
        if not game.tensor:
            return (float(player in self.movers()),)
        if self.current_player == CHANCE:
            return (0.0,) * game.observation_size
        return tuple(getattr(self._base, game.tensor)(player))

    def text(self, player: int) -> str:
        """Return OpenSpiel's strings and what is to be done."""
        lines = [self._view(player)] if self._view(player) else []
        if self.current_player == OVER:
            lines.append(result_line(self.returns()))
        elif player in self.movers():
            lines.append("Your turn.")
        elif player in self._pending:
            lines.append("You have chosen; the others choose.")
        elif self.current_player != CHANCE:
            lines.append("Wait: another player is to act.")
        return "\n".join(lines)

    def log(self, player: int) -> tuple[str, ...]:
        """Return the own actions, each after what was seen then, and the result."""
        lines: list[str] = []
        for there, action in reversed(list(self._steps(player))):
            seen = " / ".join(there._view(player).splitlines())
            if seen:
                lines.append(f"You see: {seen}")
            lines.append(f"You: {there.action_text(action)}")
        if self.current_player == OVER:
            lines.append(result_line(self.returns()))
        return tuple(lines)

    def action_text(self, action: int) -> str:
        """Return OpenSpiel's text in lower case, with the number where two would be the same."""
        if self._words is None:
            words = {a: self._word(a) for a in self.legal()}
            count: dict[str, int] = {}
            for word in words.values():
                count[word] = count.get(word, 0) + 1
            self._words = {a: w if count[w] == 1 else f"{w} (#{a})" for a, w in words.items()}
        return self._words.get(action) or self._word(action)

    def _word(self, action: int) -> str:
        player = max(self.current_player, 0)
        return " ".join(self._base.action_to_string(player, action).lower().split())
