"""ReduceSum: what all steps add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Reduce
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class ReduceSum(Reduce):
    """Sum over events.

    Formula: R = sum_t x_t
    Source:  cookbook 1.2 (ours)
    Shapes:  x [T], R scalar; event t earns x_t
    Range:   the child's total; [-inf, inf] where steps may have either sign without end
    Laws:    up in each (L3); T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> ReduceSum(Source("bonus")).settle([{"bonus": b} for b in (9, 0.5, 0.25)])
    (0.75, (0.5, 0.25))
    """

    kind: ClassVar[str] = "reduce.sum"

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return ones."""
        return (1.0,) * len(series)

    @cached_property
    def bounds(self) -> Bounds:
        """The child's total."""
        return self.of.total
