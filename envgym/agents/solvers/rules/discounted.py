"""Discounted CFR: early iterations fade from the regrets and from the average."""

import numpy as np

from envgym.agents.solvers.rules.rule import Rule, share
from envgym.agents.solvers.sequences import Floats, Sequences


class Dcfr(Rule):
    """Discounted CFR, DCFR(alpha, beta, gamma).

    Formula: R <- (R + r) d after adding (``before=False``), or R <- R d + r before it, where
             d = t^alpha / (t^alpha + 1) for what is >= 0, t^beta / (t^beta + 1) for the rest, t
             from 1; sigma proportional to max(0, R); iteration t counts t^gamma
    Source:  Brown & Sandholm 2019 (recalled). Discounting R + r is OpenSpiel's order (seen),
             the other that of the evolved rules; they differ because d then lags by one.
    Laws:    alpha = beta = gamma = 1 is linear CFR: d is one number for all regrets

    Args:
        game: whose strategies they are.
        horizon: not used.
        alpha: how slowly regrets >= 0 fade; 1.5.
        beta: the same for regrets < 0; 0 halves them.
        gamma: weight of later iterations in the average; 2.
        before: discount before adding.
    """

    def __init__(
        self,
        game: Sequences,
        horizon: int,
        *,
        alpha: float = 1.5,
        beta: float = 0.0,
        gamma: float = 2.0,
        before: bool = False,
    ) -> None:
        super().__init__(game, horizon)
        self.alpha, self.beta, self.gamma, self.before = alpha, beta, gamma, before

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept = self.regrets[player]
        if not self.before:
            kept += regret
        good, bad = share(t + 1.0, self.alpha), share(t + 1.0, self.beta)
        kept *= np.where(kept >= 0.0, good, bad)
        if self.before:
            kept += regret
        return self.seats[player].normalise(np.maximum(kept, 0.0))

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Count what was played (t + 1)^gamma times."""
        self.totals[player] += (t + 1.0) ** self.gamma * played


class Lcfr(Dcfr):
    """Linear CFR: DCFR(1, 1, 1). Source: Brown & Sandholm 2019 (recalled), OpenSpiel (seen)."""

    def __init__(self, game: Sequences, horizon: int) -> None:
        super().__init__(game, horizon, alpha=1.0, beta=1.0, gamma=1.0)


class DcfrBefore(Dcfr):
    """DCFR that discounts before it adds the new regrets."""

    def __init__(
        self,
        game: Sequences,
        horizon: int,
        *,
        alpha: float = 1.5,
        beta: float = 0.0,
        gamma: float = 2.0,
    ) -> None:
        super().__init__(game, horizon, alpha=alpha, beta=beta, gamma=gamma, before=True)
