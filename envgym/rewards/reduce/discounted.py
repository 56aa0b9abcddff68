"""ReduceDiscounted: the discounted return."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Reduce
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class ReduceDiscounted(Reduce):
    """Discounted sum over events.

    Formula: R = sum_t gamma**t * x_t
    Source:  cookbook 1.2 (recalled)
    Shapes:  x [T], R scalar; event t earns its term
    Range:   [min(lo, lo / (1 - gamma)), max(hi, hi / (1 - gamma))] for gamma < 1
    Laws:    up in each (L3); gamma = 1: ReduceSum (L8)

    >>> from envgym.rewards import Source
    >>> ReduceDiscounted(Source("r"), 0.5).settle([{"r": r} for r in (0, 1, 1, 1)])
    (1.75, (1.0, 0.5, 0.25))
    """

    kind: ClassVar[str] = "reduce.discounted"

    gamma: float = 0.99
    """Discount, 0 to 1."""

    def validate(self) -> None:
        """Refuse a discount outside [0, 1]."""
        super().validate()
        if not 0.0 <= self.gamma <= 1.0:
            raise ConfigError(f"ReduceDiscounted.gamma must be 0 to 1, got {self.gamma}.")

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return the powers of gamma."""
        return [self.gamma**t for t in range(len(series))]

    @property
    def formula(self) -> str:
        """For instance ``reduce.discounted(r, 0.5)``."""
        return f"{self.kind}({self.of.formula}, {self.gamma:g})"

    @cached_property
    def bounds(self) -> Bounds:
        """The geometric series' limits; the first term alone where all have one sign."""
        if self.gamma == 1:
            return self.of.total
        whole = self.of.bounds.scaled(1.0 / (1.0 - self.gamma))
        return whole.hull(self.of.bounds)
