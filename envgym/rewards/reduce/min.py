"""ReduceMin: the worst step decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Reduce
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class ReduceMin(Reduce):
    """The lowest event's value.

    Formula: R = min_t x_t
    Source:  cookbook 1.2 (ours); the limit T -> 0 of C8
    Shapes:  x [T], R scalar; the first event that reaches the minimum earns it
    Range:   that of x
    Laws:    up in each (L3); adding a good step changes nothing; T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> ReduceMin(Source("score")).settle([{"score": s} for s in (0, 0.9, -0.6, 0.7)])
    (-0.6, (0.0, -0.6, 0.0))
    """

    kind: ClassVar[str] = "reduce.min"

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return 1 at the first minimum, 0 elsewhere."""
        worst = min(range(len(series)), key=series.__getitem__)
        return [1.0 if t == worst else 0.0 for t in range(len(series))]

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds
