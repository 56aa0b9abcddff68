"""Welford: running mean and spread, and the nodes that normalise by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Welford:
    """Count, mean and sum of squared distances of all values seen.

    Formula: mean += d / n, m2 += d * (x - mean) per value; two states merge exactly (Chan)
    Source:  cookbook B1 (seen: PorUna-byte/PAR, running mean and std)
    Laws:    the order of values and merges changes nothing but rounding; no spread: divide by 1

    Statistics drift with the policy, so that the same behaviour is paid differently tomorrow.
    ``standardise`` and ``clip`` freeze them into a node; use one node for an evaluation, and one
    per training batch.

    >>> seen = Welford().updated([1.0, 2.0]).merged(Welford().updated([3.0]))
    >>> (seen.count, seen.mean, round(seen.std, 4))
    (3, 2.0, 0.8165)
    >>> from envgym.rewards import Source
    >>> print(seen.standardise(Source("score")).formula)
    affine(score, 1.22474, -2.44949)
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    """Sum of squared distances to the mean."""

    def __post_init__(self) -> None:
        if self.count < 0 or self.m2 < 0 or not (isfinite(self.mean) and isfinite(self.m2)):
            raise ConfigError(
                "Welford needs a count and m2 of 0 or more and finite numbers, got "
                f"{self.count}, {self.mean} and {self.m2}."
            )

    @property
    def std(self) -> float:
        """Population standard deviation; 0 before two different values."""
        return sqrt(self.m2 / self.count) if self.count else 0.0

    def updated(self, values: Iterable[float]) -> "Welford":
        """Return the state after more values.

        Raises:
            ConfigError: for a value that is not finite; leave out invalid scores.
        """
        count, mean, m2 = self.count, self.mean, self.m2
        for x in values:
            if not isfinite(x):
                raise ConfigError(f"Welford takes finite values, got {x!r}.")
            count += 1
            delta = x - mean
            mean += delta / count
            m2 += delta * (x - mean)
        return Welford(count, mean, m2)

    def merged(self, other: "Welford") -> "Welford":
        """Return the state of both, for instance of two workers."""
        count = self.count + other.count
        if not count:
            return self
        delta = other.mean - self.mean
        mean = self.mean + delta * other.count / count
        m2 = self.m2 + other.m2 + delta * delta * self.count * other.count / count
        return Welford(count, mean, m2)

    def standardise(self, of: Node, *, name: str = "") -> Node:
        """Return ``of`` less the mean, divided by the spread, both frozen now."""
        spread = self.std or 1.0
        return Affine(of, 1.0 / spread, -self.mean / spread, name=name)

    def clip(self, of: Node, widths: float = 3.0, *, name: str = "") -> Node:
        """Return ``of`` limited to the mean plus and minus so many spreads, frozen now.

        Raises:
            ConfigError: for a negative number of spreads.
        """
        if not widths >= 0:
            raise ConfigError(f"Welford.clip.widths must be 0 or more, got {widths!r}.")
        if not self.count:
            return Clip(of, -inf, inf, name=name)
        reach = widths * self.std
        return Clip(of, self.mean - reach, self.mean + reach, name=name)
