"""Scale: a constant factor, the only map that a program's root is flattened through."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.settled import Settled, linear
from envgym.rewards.signal import Bounds, Evidenced


@dataclass(frozen=True)
class Scale(Map):
    """Multiply by a constant.

    Formula: y = factor * x
    Source:  cookbook C1, weighted sum (ours)
    Shapes:  as x
    Range:   factor * [lo, hi]
    Laws:    linear, so every turn keeps its share whatever the signs; factor 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> Scale(Source("progress"), 0.5).settle([{"progress": 0.0}, {"progress": 0.5}])
    (0.25, (0.25,))
    """

    kind: ClassVar[str] = "scale"

    factor: float
    """Any finite number."""

    def value(self, x: float) -> float:
        """Return factor * x."""
        return self.factor * x + 0.0  # never a negative zero

    @property
    def formula(self) -> str:
        """For instance ``0.5*progress``."""
        inner = f"({self.of.formula})" if " " in self.of.formula else self.of.formula
        return f"-{inner}" if self.factor == -1 else f"{self.factor:g}*{inner}"

    @cached_property
    def bounds(self) -> Bounds:
        """Scaled bounds."""
        return self.of.bounds.scaled(self.factor)

    @cached_property
    def total(self) -> Bounds:
        """Scaled bounds of the sum."""
        return self.of.total.scaled(self.factor)

    def directions(self) -> tuple[Direction, ...]:
        """Return the factor's sign as a direction."""
        return ("up" if self.factor >= 0 else "down",)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the same combination of the child's parts."""
        below = self.of.explain(records)
        step = self.scope == "step"
        return linear([(self.factor, below)], (lambda xs: self.value(xs[0])) if step else None)
