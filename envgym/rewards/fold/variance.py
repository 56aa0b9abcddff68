"""Variance: how far several channels disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import ClassVar

from envgym.rewards.kinds import Fold
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class Variance(Fold):
    """Population variance over channels.

    Formula: y = sum_k (x_k - mean)^2 / K
    Source:  cookbook C1 (the penalty of UWO) and C16 (spread over users) (recalled)
    Shapes:  of one scope, step or episode
    Range:   [0, (hi - lo)^2 / 4] over the hull of the intervals (Popoviciu)
    Laws:    adding c to every channel changes nothing; equal channels: 0; no direction (L3)

    >>> from envgym.rewards import Source
    >>> round(Variance((Source("a"), Source("b"), Source("c"))).combine([0.8, 0.6, 0.1]), 4)
    0.0867
    """

    kind: ClassVar[str] = "variance"

    def validate(self) -> None:
        """Refuse a mixture of scopes."""
        super().validate()
        self.one_scope()

    def combine(self, values: Sequence[float]) -> float:
        """Return the mean squared distance to the mean."""
        if min(values) == max(values):
            return 0.0  # the mean of equal numbers may differ from them in the last bit
        mean = fsum(values) / len(values)
        return fsum((x - mean) ** 2 for x in values) / len(values)

    @property
    def formula(self) -> str:
        """For instance ``variance(a, b)``."""
        return f"variance({', '.join(child.formula for child in self.of)})"

    @cached_property
    def bounds(self) -> Bounds:
        """From 0 to a quarter of the squared width of the hull; 0 for one channel."""
        if len(self.of) == 1:
            return Bounds(0.0, 0.0)
        lo = min(child.bounds.lo for child in self.of)
        hi = max(child.bounds.hi for child in self.of)
        return Bounds(0.0, (hi - lo) * (hi - lo) / 4.0)
