"""AOD-CFR: asymmetric scaling, a trend for optimism and discounts on a schedule."""

import numpy as np

from envgym.agents.solvers.rules.rule import Rule, share
from envgym.agents.solvers.sequences import Floats, Sequences
from envgym.types.errors import ConfigError


class Aod(Rule):
    """AOD-CFR, found by an evolving language model beside VAD-CFR.

    Formula: with t from 0, u = t + 1, progress q = min(1, t / ramp), d(x) = u^x / (u^x + 1):
             R <- d R + s r; d of alpha (1 to 2.5 with q) where R >= 0, of beta (.5 to 0)
             elsewhere; s by the signs of R and r: ++ 1.1, +- 0.9, -+ 0.7, -- 1.2;
             sigma proportional to max(0, R + .5 (R - E))^2, E <- .1 R + .9 E;
             average: S <- d(gamma) S + played, gamma 1 to 5 with q
    Source:  arXiv 2602.16928 v1, the appendix's code (seen). E is the average before this
             iteration's R enters it, and begins at 0 (inferred); the ramp, there 500 of 1,000
             iterations, is a share of the horizon here.

    Args:
        game: whose strategies they are.
        horizon: planned iterations.
        ramp: share of them after which the exponents stay, above 0, at most 1.
    """

    normalised = True

    def __init__(self, game: Sequences, horizon: int, *, ramp: float = 0.5) -> None:
        super().__init__(game, horizon)
        if not 0.0 < ramp <= 1.0:
            raise ConfigError(f"aod.ramp must be above 0 and at most 1, got {ramp!r}.")
        self.ramp = max(1.0, ramp * horizon)
        self.trend = [np.zeros(len(seat.pairs)) for seat in self.seats]

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept, trend = self.regrets[player], self.trend[player]
        progress, u = min(1.0, t / self.ramp), t + 1.0
        up, gain = kept >= 0.0, regret >= 0.0
        scale = np.where(up, np.where(gain, 1.1, 0.9), np.where(gain, 0.7, 1.2))
        good, bad = share(u, 1.0 + 1.5 * progress), share(u, 0.5 - 0.5 * progress)
        kept *= np.where(up, good, bad)
        kept += scale * regret
        expected = np.maximum(kept + 0.5 * (kept - trend), 0.0)
        trend += 0.1 * (kept - trend)
        return self.seats[player].normalise(expected * expected)

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Let what was counted fade and count what was played."""
        total = self.totals[player]
        total *= share(t + 1.0, 1.0 + 4.0 * min(1.0, t / self.ramp))
        total += played
