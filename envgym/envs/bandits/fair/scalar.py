"""One episode of fair thresholds on plain numbers."""

from math import floor, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.fair.core import FairThresholdCore

_PATH = 128
"""Points of the population's path that are kept at most; every other one goes when there are more."""


class FairThresholdScalar:
    """The same rules as the array path for one episode, written separately.

    Args:
        core: its parameters.
    """

    t: int
    """Rounds played."""

    def __init__(self, core: "FairThresholdCore") -> None:
        self.core = core
        people = core.people
        self._accepted = people.accepted.tolist()
        self._good = people.good.tolist()
        self._best, self._rest, self._optimum = core.swept.best, core.rest, core.optimum
        self._limit, self._least, self._loss = core.limit, core.least, core.loss
        self._gain = core.benefit
        self._k, self._n = core.thresholds, core.applicants

    def start(self, rng: Generator) -> None:
        """Begin with equal groups; nothing is drawn."""
        self.t = 0
        self.share = 0.5
        """Share of group 1 among the applicants of the coming round."""
        self.path: list[tuple[int, float]] = [(0, 0.5)]
        """Rounds and shares, thinned out as the episode grows."""
        self._stride = 1
        self.plays: dict[int, int] = {}
        """Rounds per threshold played."""
        self._seen: list[float] = [0.0] * self.core.width
        self._line: list[list[float]] = []

    def observe(self) -> NDArray[Any]:
        """Return what was revealed last, zeros before: float64 [width]."""
        return np.array(self._seen)

    def mask(self) -> None:
        """Return None: every threshold may be played."""
        return

    def expert(self) -> int:
        """Return the best feasible threshold at steady state."""
        return self._best

    def myopic(self) -> int:
        """Return the threshold of highest expected reward now among those feasible now."""
        (a0, a1), (g0, g1) = self.core.people.accepted, self.core.people.good
        p = self.share
        gain, loss = self._gain, self._loss
        served = (1 - p) * a0 + p * a1
        worth = (gain + loss) * ((1 - p) * g0 + p * g1) - loss * served
        allowed = (np.abs(a1 - a0) <= self._limit + 1e-12) & (served >= self._least - 1e-12)
        return int(np.argmax(np.where(allowed, worth, -np.inf)))

    def advance(self, action: int, rng: Generator) -> Facts:
        """Play one round."""
        core = self.core
        p = self.share
        q = 1.0 - p
        (all0, all1), (win0, win1) = self._accepted, self._good
        a0, a1, g0, g1 = all0[action], all1[action], win0[action], win1[action]
        gain, loss = self._gain, self._loss
        u0 = gain * g0 - loss * (a0 - g0)
        u1 = gain * g1 - loss * (a1 - g1)
        expected = q * u0 + p * u1
        serving = q * a0 + p * a1
        many: tuple[list[float], list[float], list[float]] | None = None
        if core.full:
            many = self._every(p, rng)
            utility, gap, served = (values[action] for values in many)
        elif core.noise == "binomial":
            sizes = self._sizes(p, rng)
            in0, in1 = rng.binomial(sizes[0], a0), rng.binomial(sizes[1], a1)
            ok0 = rng.binomial(in0, min(1.0, g0 / a0) if a0 > 0 else 0.0)
            ok1 = rng.binomial(in1, min(1.0, g1 / a1) if a1 > 0 else 0.0)
            utility, gap, served = self._counted(sizes, int(in0), int(in1), int(ok0), int(ok1))
        elif core.noise == "gaussian":
            utility, gap, served = self._normal(action, p, rng.standard_normal(3).tolist())
        else:
            utility, gap, served = expected, self._as_told(a1 - a0), serving
        self._remember(action, [action / (self._k - 1), utility, gap, served], many)
        target = min(0.95, max(0.05, 0.5 + core.kappa * (a1 - a0)))
        self.share = moved = core.decay * p + (1.0 - core.decay) * target
        self.t += 1
        self._walk(moved)
        limit = self._limit
        violation = max(0.0, abs(a1 - a0) - limit) + max(0.0, self._least - serving)
        return {
            "utility": utility,
            "expected": expected,
            "violation": violation,
            "dp_gap": gap,
            "served": served,
            "dp_residual": abs(gap) - limit,
            "gap_high_residual": gap - limit,
            "gap_low_residual": (gap if core.absolute else -gap) - limit,
            "service_residual": self._least - served,
            "share": moved,
            "shortfall": self._optimum - expected,
            "potential": -abs(moved - self._rest),
        }

    def reveal(self, action: int, facts: Facts) -> tuple[Outcome, ...]:
        """Return the outcome that became known: of this round, or of ``delay`` rounds ago."""
        number: Any = self.t - 1 - self.core.delay
        if number < 0:
            number = -1  # what else the outcome holds is nothing: zeros, as first seen
        seen: Any = self._seen
        played: Any = round(seen[0] * (self._k - 1))
        utility, gap, served = seen[1:4]
        if self.core.full:
            k = self._k
            table = np.array(seen[4:])
            utility, gap, served = table[:k], table[k : 2 * k], table[2 * k :]
        high = gap - self._limit
        low = high if self.core.absolute else -self._limit - gap
        return (Outcome(number, played, utility, (high, low, self._least - served)),)

    # -- Inside a round -------------------------------------------------------------------

    def _as_told(self, gap: float) -> float:
        return abs(gap) if self.core.absolute else gap

    def _sizes(self, p: float, rng: Generator) -> tuple[int, int]:
        n = self._n
        ones = min(n - 1, max(1, floor(n * p + rng.random())))
        return n - ones, ones

    def _counted(
        self, sizes: tuple[int, int], in0: int, in1: int, ok0: int, ok1: int
    ) -> tuple[float, float, float]:
        """Return utility, gap and served share of counts."""
        accepted, good, n = in0 + in1, ok0 + ok1, self._n
        utility = (self._gain * good - self._loss * (accepted - good)) / n
        utility = min(self._gain, max(-self._loss, utility))  # sums round: 0.1 * 3 / 3 > 0.1
        return utility, self._as_told(in1 / sizes[1] - in0 / sizes[0]), accepted / n

    def _normal(self, action: int, p: float, z: list[float]) -> tuple[float, float, float]:
        """Return normals with the moments of the counts."""
        gain, loss, n = self._gain, self._loss, self._n
        rates: list[float] = []
        mean = variance = 0.0
        for group, part in ((0, 1.0 - p), (1, p)):
            a, g = self._accepted[group][action], self._good[group][action]
            rate = a + sqrt(a * (1.0 - a) / (n * part)) * z[group]
            rates.append(rate)
            if a > 0:
                f = min(1.0, g / a)
                mean += part * rate * (gain * f - loss * (1.0 - f))
                variance += part * a * (gain + loss) ** 2 * f * (1.0 - f) / n
        served = (1.0 - p) * rates[0] + p * rates[1]
        return mean + sqrt(variance) * z[2], self._as_told(rates[1] - rates[0]), served

    def _every(self, p: float, rng: Generator) -> tuple[list[float], list[float], list[float]]:
        """Return every threshold's outcome for the same applicants."""
        k = self._k
        if self.core.noise == "binomial":
            triples = self._pooled(p, rng)
        elif self.core.noise == "gaussian":
            z = rng.standard_normal(3).tolist()
            triples = [self._normal(action, p, z) for action in range(k)]
        else:
            triples = []
            for a0, a1, g0, g1 in zip(*self._accepted, *self._good, strict=True):
                served, good = (1.0 - p) * a0 + p * a1, (1.0 - p) * g0 + p * g1
                utility = self._gain * good - self._loss * (served - good)
                triples.append((utility, self._as_told(a1 - a0), served))
        utilities, gaps, serveds = zip(*triples, strict=True)
        return list(utilities), list(gaps), list(serveds)

    def _pooled(self, p: float, rng: Generator) -> list[tuple[float, float, float]]:
        """Draw the applicants' score cells from the top, then who is good; count downwards."""
        k = self._k
        sizes = self._sizes(p, rng)
        chance, rate = (table.tolist() for table in self.core.pool)
        left = list(sizes)
        held = [[0] * k, [0] * k]
        for cell in range(k - 1, 0, -1):
            for group in (0, 1):
                held[group][cell] = int(rng.binomial(left[group], chance[group][cell]))
                left[group] -= held[group][cell]
        held[0][0], held[1][0] = left
        good = [
            [int(rng.binomial(held[group][cell], rate[group][cell])) for cell in range(k)]
            for group in (0, 1)
        ]
        triples: list[tuple[float, float, float]] = []
        in0 = in1 = ok0 = ok1 = 0
        for cell in range(k - 1, -1, -1):
            in0, in1 = in0 + held[0][cell], in1 + held[1][cell]
            ok0, ok1 = ok0 + good[0][cell], ok1 + good[1][cell]
            triples.append(self._counted(sizes, in0, in1, ok0, ok1))
        return triples[::-1]

    def _remember(
        self,
        action: int,
        fresh: list[float],
        many: tuple[list[float], list[float], list[float]] | None,
    ) -> None:
        """Queue an outcome; show the one whose time has come."""
        if many is not None:
            fresh = [*fresh, *many[0], *many[1], *many[2]]
        self.plays[action] = self.plays.get(action, 0) + 1
        if not self.core.delay:
            self._seen = fresh
            return
        self._line.append(fresh)
        if len(self._line) > self.core.delay:
            self._seen = self._line.pop(0)

    def _walk(self, share: float) -> None:
        """Note the population's path, more coarsely as it grows."""
        if self.t % self._stride == 0:
            self.path.append((self.t, share))
            if len(self.path) > _PATH:
                self.path = self.path[::2]
                self._stride *= 2
