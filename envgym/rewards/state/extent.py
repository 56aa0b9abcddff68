"""Extent: running minimum and maximum, and the node that stretches them to [0, 1]."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Extent:
    """Lowest and highest of all values seen.

    Formula: y = clip((x - lo) / (hi - lo), 0, 1); no extent yet: 0.5
    Source:  cookbook B1 (seen: PorUna-byte/PAR, running min-max)
    Laws:    order and merging change nothing; keeps the order of values inside

    >>> from envgym.rewards import Source
    >>> seen = Extent().updated([2.0, 6.0, 3.0])
    >>> seen.stretch(Source("score")).settle([{"score": 0}, {"score": 3.0}])[0]
    0.25
    """

    count: int = 0
    lo: float = 0.0
    """Lowest value; 0 while the count is 0."""
    hi: float = 0.0
    """Highest value; 0 while the count is 0."""

    def __post_init__(self) -> None:
        if self.count < 0 or not (isfinite(self.lo) and isfinite(self.hi)) or self.lo > self.hi:
            raise ConfigError(
                "Extent needs a count of 0 or more and finite lo <= hi, got "
                f"{self.count}, {self.lo} and {self.hi}."
            )

    def updated(self, values: Iterable[float]) -> "Extent":
        """Return the state after more values.

        Raises:
            ConfigError: for a value that is not finite.
        """
        found = list(values)
        for x in found:
            if not isfinite(x):
                raise ConfigError(f"Extent takes finite values, got {x!r}.")
        return self.merged(Extent(len(found), min(found), max(found))) if found else self

    def merged(self, other: "Extent") -> "Extent":
        """Return the state of both."""
        if not self.count or not other.count:
            return self if self.count else other
        return Extent(self.count + other.count, min(self.lo, other.lo), max(self.hi, other.hi))

    def stretch(self, of: Node, *, name: str = "") -> Node:
        """Return ``of`` mapped to [0, 1], the extent frozen now; values beyond it are clipped."""
        width = self.hi - self.lo
        if width == 0:
            return Affine(of, 0.0, 0.5, name=name)
        return Clip(Affine(of, 1.0 / width, -self.lo / width), 0.0, 1.0, name=name)
