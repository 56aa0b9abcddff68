"""What games and everything that plays, solves or shows them agree on.

A ``Game`` is a frozen value: its name and parameters say all. A ``State`` is one position of it,
immutable, so that a tree search, a solver and an environment may share it. Players are numbered
from 0; players who move at the same time are asked one after the other, the later ones knowing
nothing of the earlier ones' choices.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Protocol, Self, runtime_checkable

CHANCE = -1
"""``State.current_player`` where nature moves."""
OVER = -4
"""``State.current_player`` after the end (OpenSpiel's number for it)."""


class State(Protocol):
    """One position; ``apply`` returns the next and changes nothing."""

    @property
    def current_player(self) -> int:
        """Who moves: a player from 0, ``CHANCE`` or ``OVER``."""
        ...

    @property
    def history(self) -> tuple[int, ...]:
        """Every action so far, chance's included."""
        ...

    def movers(self) -> tuple[int, ...]:
        """Return the players who move now, the one to be asked first in front; () elsewhere.

        One player in a turn-based game; in a simultaneous move those who have not chosen yet.
        """
        ...

    def legal(self) -> tuple[int, ...]:
        """Return the current player's legal actions, ascending; () at chance and at the end."""
        ...

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return (action, probability) of nature's moves; () elsewhere. Probabilities sum to 1."""
        ...

    def apply(self, action: int) -> Self:
        """Return the position after a legal action or a possible outcome of chance.

        Raises:
            ValueError: the action is not possible here.
        """
        ...

    def returns(self) -> tuple[float, ...]:
        """Return what each player has won so far, in the game's own unit; final at the end."""
        ...

    def infostate(self, player: int) -> str:
        """Return all that ``player`` knows, its own past included (perfect recall).

        Two positions that a player cannot tell apart have equal texts, any others different ones.
        """
        ...

    def observation(self, player: int) -> tuple[float, ...]:
        """Return what ``player`` sees as ``Game.observation_size`` numbers; decided by infostate."""
        ...

    def text(self, player: int) -> str:
        """Return what ``player`` sees now in words; decided by its infostate."""
        ...

    def log(self, player: int) -> tuple[str, ...]:
        """Return what ``player`` has seen happen, a line each; grows, decided by its infostate."""
        ...

    def action_text(self, action: int) -> str:
        """Return the word for an action of the current player, such as "bet" or "b2"."""
        ...


@runtime_checkable
class Game(Hashable, Protocol):
    """A game's rules and sizes; ``initial`` begins it. Hashable, equal by name and parameters."""

    @property
    def name(self) -> str:
        """The name that ``envgym.make_game`` knows, such as "leduc"."""
        ...

    @property
    def players(self) -> int:
        """Number of players, 1 or more."""
        ...

    @property
    def num_actions(self) -> int:
        """Actions are numbers from 0 to this - 1, the same numbers in every position."""
        ...

    @property
    def max_decisions(self) -> int:
        """Most decisions of one episode, all players together, chance not counted."""
        ...

    @property
    def utility(self) -> tuple[float, float]:
        """Lowest and highest return of a player."""
        ...

    @property
    def zero_sum(self) -> bool:
        """Whether the returns of an episode always sum to 0."""
        ...

    @property
    def simultaneous(self) -> bool:
        """Whether some move is made by several players at once."""
        ...

    @property
    def observation_size(self) -> int:
        """Length of ``State.observation``."""
        ...

    @property
    def params(self) -> Mapping[str, Any]:
        """JSON arguments that make the same game again; defaults included."""
        ...

    def initial(self) -> State:
        """Return the position before anything happened."""
        ...

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``: aim, moves, payoffs. Plain English."""
        ...

    def aliases(self) -> Mapping[str, int]:
        """Return other words for actions, lower case, where a word means one action everywhere."""
        ...

    def expert(self, state: State) -> int | None:
        """Return a good action of the current player, from its infostate alone; None: none known.

        For games too large to solve; small ones are solved instead.
        """
        ...

    def advantage(self, state: State, player: int) -> float | None:
        """Return a rough value for ``player``, -1 to 1, decided by its infostate; None: none known."""
        ...
