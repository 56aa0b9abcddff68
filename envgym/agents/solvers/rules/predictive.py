"""Predictive CFR+: the last regrets are expected once more."""

import numpy as np

from envgym.agents.solvers.rules.rule import Rule, share
from envgym.agents.solvers.sequences import Floats, Sequences


class PcfrPlus(Rule):
    """Predictive CFR+.

    Formula: R <- max(0, R + r); sigma proportional to max(0, R + r), r again as the forecast of
             the next regrets; iteration t (from 1) counts t^gamma
    Source:  Farina et al. 2021 (recalled)

    Args:
        game: whose strategies they are.
        horizon: not used.
        gamma: weight of later iterations in the average; 2.
    """

    def __init__(self, game: Sequences, horizon: int, *, gamma: float = 2.0) -> None:
        super().__init__(game, horizon)
        self.gamma = gamma

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept = self.regrets[player]
        kept += regret
        np.maximum(kept, 0.0, out=kept)
        return self.seats[player].normalise(np.maximum(kept + regret, 0.0))

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Count what was played (t + 1)^gamma times."""
        self.totals[player] += (t + 1.0) ** self.gamma * played


class PdcfrPlus(PcfrPlus):
    """Predictive discounted CFR+.

    Formula: R <- max(0, R d(t - 1) + r), d(t) = t^alpha / (t^alpha + 1), t from 1; sigma
             proportional to max(0, R d(t) + r); iteration t counts t^gamma
    Source:  Xu et al. 2024, arXiv 2404.13891 (recalled)

    Args:
        game: whose strategies they are.
        horizon: not used.
        alpha: how slowly regrets fade; 2.3.
        gamma: weight of later iterations in the average; 5.
    """

    def __init__(
        self, game: Sequences, horizon: int, *, alpha: float = 2.3, gamma: float = 5.0
    ) -> None:
        super().__init__(game, horizon, gamma=gamma)
        self.alpha = alpha

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept = self.regrets[player]
        kept *= share(float(t), self.alpha)
        kept += regret
        np.maximum(kept, 0.0, out=kept)
        expected = kept * share(t + 1.0, self.alpha) + regret
        return self.seats[player].normalise(np.maximum(expected, 0.0))
