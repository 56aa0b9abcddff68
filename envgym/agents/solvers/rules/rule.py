"""What all regret minimisers share."""

import numpy as np

from envgym.agents.solvers.sequences import Floats, Sequences


class Rule:
    """Cumulative regrets and the weighted sum of played plans, an array per player.

    A subclass says how an iteration's regrets change the strategy (``update``) and how much the
    strategy played counts in the average (``average``). Regrets arrive counterfactual, in the
    game's unit or, for rules with constants of their own (``normalised``), in units of its
    largest return: either way a game with all payoffs doubled is played alike.

    Args:
        game: whose strategies they are.
        horizon: how many iterations are planned; rules with a warm-up take a share of it.
    """

    normalised = False
    """Whether regrets must come in units of the game's largest return."""

    def __init__(self, game: Sequences, horizon: int) -> None:
        self.seats = game.seats
        self.horizon = horizon
        self.regrets = [np.zeros(len(seat.pairs)) for seat in self.seats]
        self.totals = [np.zeros(len(seat.pairs)) for seat in self.seats]

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return [n] the player's next behaviour after the regrets of iteration t (from 0)."""
        raise NotImplementedError

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Add [n] what was played in iteration t: own reach times probability of each action."""
        raise NotImplementedError


def share(u: float, exponent: float) -> float:
    """Return u^x / (u^x + 1), the part of a sum that discounted rules keep (0.5 for x = 0)."""
    power: float = u**exponent
    return power / (power + 1.0)
