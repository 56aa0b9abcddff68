"""Utilities of sequences for any number of players, with NumPy alone."""

from typing import Protocol

import numpy as np

from envgym.agents.solvers.sequences import Floats, Seat, Sequences


class Form(Protocol):
    """A game as solvers see it: what sequences earn against the plans of the others."""

    game: Sequences
    seats: tuple[Seat, ...]

    def utilities(self, player: int, plans: list[Floats]) -> Floats:
        """Return [n + 1] what ends after each of the player's sequences earn it."""
        ...


class LevelForm:
    """Sums over the ends of the game: one gather per other player and one ``bincount``.

    The payoffs are a sparse tensor with one axis per player; a player's utilities are its
    contraction with everybody else's plans. Costs time proportional to the number of ends.

    Args:
        game: the sequences.
        unit: utilities come in multiples of this.
    """

    def __init__(self, game: Sequences, unit: float = 1.0) -> None:
        self.game = game
        self.seats = game.seats
        self.payoffs = game.payoffs / unit

    def utilities(self, player: int, plans: list[Floats]) -> Floats:
        """Return [n + 1] what ends after each of the player's sequences earn it.

        Args:
            player: whose utilities.
            plans: everybody's plan; the player's own is not looked at.

        Returns:
            A new array: chance's and the others' reach times the return.
        """
        reach = self.payoffs[player]
        for other, plan in enumerate(plans):
            if other != player:
                reach = reach * plan.take(self.game.ends[other])
        size = len(self.seats[player].pairs) + 1
        # NumPy's annotations know only counts of integers.
        return np.asarray(np.bincount(self.game.ends[player], reach, size), np.float64)
