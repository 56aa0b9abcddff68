"""ReduceMean: the average step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Reduce
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class ReduceMean(Reduce):
    """Mean over events.

    Formula: R = sum_t x_t / T
    Source:  cookbook 1.2 (ours); the first guard of section 13 against longer episodes
             collecting more
    Shapes:  x [T], R scalar; event t earns x_t / T
    Range:   that of x
    Laws:    up in each (L3); T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> ReduceMean(Source("bonus")).settle([{"bonus": b} for b in (9, 0.5, 1)])
    (0.75, (0.25, 0.5))
    """

    kind: ClassVar[str] = "reduce.mean"

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return 1 / T everywhere."""
        return (1.0 / len(series),) * len(series)

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds
