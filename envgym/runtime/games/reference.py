"""The solved game behind an environment: found by name, because solvers live on a higher floor."""

from functools import lru_cache
from importlib import import_module
from typing import Protocol

from envgym.runtime.games.random_play import estimated_positions
from envgym.types.game import Game, State

HOPELESS = 1e9
"""Estimated positions beyond which a game is not even tried: building the first part of its tree can
take minutes where positions are slow to make. A thousand times what is solved, since it is a guess."""


class Reference(Protocol):
    """A profile of policies that is close to an equilibrium, and what it says of positions."""

    @property
    def name(self) -> str:
        """How it was found, such as "lp"."""
        ...

    @property
    def nash_conv(self) -> float:
        """Sum over players of what a best response would gain, in the game's unit."""
        ...

    def policy(self, state: State) -> tuple[float, ...]:
        """Return the current player's probabilities over ``state.legal()``, from its infostate."""
        ...

    def action_values(self, state: State) -> tuple[float, ...]:
        """Return the current player's expected return after each legal action, from its infostate."""
        ...

    def value(self, state: State, player: int) -> float:
        """Return the expected return of ``player`` given what it knows."""
        ...


def reference_of(game: Game) -> Reference | None:
    """Return the solved profile of a game, kept for the games used last; None: it is too large."""
    if _hopeless(game):
        return None
    solvers = import_module("envgym.agents.solvers.reference")
    found: Reference | None = solvers.reference(game)
    return found


@lru_cache(maxsize=256)
def _hopeless(game: Game) -> bool:
    return estimated_positions(game, 20) > HOPELESS
