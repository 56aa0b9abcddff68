"""VAD-CFR: volatility-adaptive discounting, optimism and a warm start."""

import numpy as np

from envgym.agents.solvers.rules.rule import Rule
from envgym.agents.solvers.sequences import Floats, Seat, Sequences, visit_order
from envgym.types.errors import ConfigError

_BLOCK = 64
"""Terms of the moving average that one matrix product takes; 0.9^64 is still a normal number."""


class Vad(Rule):
    """VAD-CFR, found by an evolving language model.

    Formula: with t from 0, u = t + 1, m = max_a |r(a)| and the moving average e of m,
             v = min(1, e / 2), alpha = max(.1, 1.5 - .5 v), beta = min(alpha, -.1 - .5 v),
             d = u^x / (u^x + 1) with x = alpha where R >= 0, beta elsewhere:
             R <- max(-20, d R + b), b = 1.1 r where r > 0, r elsewhere;
             sigma proportional to max(0, d R + o b)^1.5, o = max(0, 1 - .5 v) / (1 + t / 100);
             average: nothing before the warm-up is over, then with v' = min(1, m / 2) the weight
             u^min(4, 2 + 1.5 v') / (1 + m^1.5) * max(.1, sqrt(1 + m / 2))
    Source:  arXiv 2602.16928 v1, the appendix's code (seen); the text's formulas differ from it.
             The warm-up, there 500 of 1,000 iterations, is a share of the horizon here.
    Laws:    r enters twice, accumulated and expected again; negative R is kept

    e is one number for all information sets of all players, updated in the order in which they
    are visited: a player's by a depth-first walk of the tree, as OpenSpiel's solvers do (inferred;
    on 4-card Goofspiel the order decides between 1e-5 and 1e-15). The regret and the policy half of the original have one each, but both see the
    same m in the same order: they are equal.

    Args:
        game: whose strategies they are.
        horizon: planned iterations.
        warmup: share of them that the average leaves out, 0 to below 1.
        optimism: whether r is expected again.
        boost: factor of positive regrets.
        exponent: power of the regrets in the strategy.
        volatility: False: v = 0 and v' = 0.
        magnitude: False: the average's weight is u^gamma alone.
    """

    normalised = True

    def __init__(
        self,
        game: Sequences,
        horizon: int,
        *,
        warmup: float = 0.5,
        optimism: bool = True,
        boost: float = 1.1,
        exponent: float = 1.5,
        volatility: bool = True,
        magnitude: bool = True,
    ) -> None:
        super().__init__(game, horizon)
        if not 0.0 <= warmup < 1.0:
            raise ConfigError(f"vad.warmup must be from 0 to below 1, got {warmup!r}.")
        self.warm = int(warmup * horizon)
        self.optimism, self.boost, self.exponent = optimism, boost, exponent
        self.volatility, self.magnitude = volatility, magnitude
        self.ewma = Ewma(0.1)
        self.order = visit_order(game)

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        seat, u = self.seats[player], t + 1.0
        volatile = self._volatility(seat, t, regret)
        alpha = np.maximum(0.1, 1.5 - 0.5 * volatile)
        beta = np.minimum(alpha, -0.1 - 0.5 * volatile)
        good, bad = _share(u, alpha).take(seat.owner), _share(u, beta).take(seat.owner)
        boosted = np.where(regret > 0.0, self.boost * regret, regret)
        kept = self.regrets[player]
        kept *= np.where(kept >= 0.0, good, bad)
        kept += boosted
        np.maximum(kept, -20.0, out=kept)
        expected = kept * np.where(kept >= 0.0, good, bad)
        if self.optimism:
            trust = np.maximum(0.0, 1.0 - 0.5 * volatile) / (1.0 + t / 100.0)
            expected += trust.take(seat.owner) * boosted
        return seat.normalise(np.maximum(expected, 0.0) ** self.exponent)

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Count what was played once the warm-up is over, less where regrets are large."""
        if t < self.warm:
            return
        seat = self.seats[player]
        largest = _largest(seat, regret)
        volatile = np.minimum(1.0, largest / 2.0) * self.volatility
        weight = (t + 1.0) ** np.minimum(4.0, 2.0 + 1.5 * volatile)
        if self.magnitude:
            weight *= np.maximum(0.1, np.sqrt(1.0 + largest / 2.0)) / (1.0 + largest**1.5)
        self.totals[player] += weight.take(seat.owner) * played

    def _volatility(self, seat: Seat, t: int, regret: Floats) -> Floats:
        if not self.volatility:
            return np.zeros(len(seat.starts))
        order = self.order[seat.player]
        largest = _largest(seat, regret)[order]
        smooth = np.empty(len(order))
        smooth[order] = self.ewma.start(largest) if t == 0 else self.ewma(largest)
        return np.asarray(np.minimum(1.0, smooth / 2.0))


class Ewma:
    """An exponential moving average over a stream of numbers, fed in arrays.

    Formula: e_i = rate * m_i + (1 - rate) * e_(i-1)
    """

    def __init__(self, rate: float) -> None:
        self.last = 0.0
        self.keep = 1.0 - rate
        power = np.arange(_BLOCK)
        gap = power[:, None] - power[None, :]
        self._kernel = np.where(gap >= 0, rate * self.keep ** np.maximum(gap, 0), 0.0).T.copy()
        self._carry = self.keep ** (power + 1.0)

    def start(self, numbers: Floats) -> Floats:
        """Return the numbers themselves and go on from the last of them."""
        if len(numbers):
            self.last = float(numbers[-1])
        return numbers

    def __call__(self, numbers: Floats) -> Floats:
        """Return the average after each number."""
        size = len(numbers)
        rows = -(-size // _BLOCK)
        padded = np.zeros(rows * _BLOCK)
        padded[:size] = numbers
        made = padded.reshape(rows, _BLOCK) @ self._kernel
        for row in made:
            row += self.last * self._carry
            self.last = float(row[-1])
        found = made.reshape(-1)[:size]
        if size:
            self.last = float(found[-1])
        return found


def _largest(seat: Seat, regret: Floats) -> Floats:
    if not len(seat.starts):
        return np.zeros(0)
    return np.asarray(np.maximum.reduceat(np.abs(regret), seat.starts))


def _share(u: float, exponent: Floats) -> Floats:
    power = u**exponent
    return np.asarray(power / (power + 1.0))
