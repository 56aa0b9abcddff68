"""ReduceLast: the value at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Reduce
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class ReduceLast(Reduce):
    """The last event's value.

    Formula: R = x_{T-1}
    Source:  cookbook 1.2 (ours)
    Shapes:  x [T], R scalar; the last event earns it
    Range:   that of x
    Laws:    up in each (L3); T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> ReduceLast(Source("progress")).settle([{"progress": p} for p in (0, 0.5, 0.75)])
    (0.75, (0.0, 0.75))
    """

    kind: ClassVar[str] = "reduce.last"

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return 1 at the end, 0 before."""
        return (0.0,) * (len(series) - 1) + (1.0,)

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds
