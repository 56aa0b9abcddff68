"""Affine: stretch and shift."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class Affine(Map):
    """Stretch and shift.

    Formula: y = factor * x + shift
    Source:  cookbook B1 (seen: PorUna-byte/PAR)
    Shapes:  as x
    Range:   factor * [lo, hi] + shift
    Laws:    keeps the order if factor > 0 (L3); factor 1, shift 0: identity (L8)

    >>> from envgym.rewards import Source
    >>> Affine(Source("score"), factor=2.0, shift=-1.0).value(0.75)
    0.5
    """

    kind: ClassVar[str] = "affine"

    factor: float = 1.0
    """Any finite number."""
    shift: float = 0.0
    """Added after the factor, in the unit of the result."""

    def value(self, x: float) -> float:
        """Return factor * x + shift."""
        return self.factor * x + self.shift

    @property
    def formula(self) -> str:
        """For instance ``affine(score, 2, -1)``."""
        return f"affine({self.of.formula}, {self.factor:g}, {self.shift:g})"

    @cached_property
    def bounds(self) -> Bounds:
        """Mapped bounds."""
        return self.of.bounds.scaled(self.factor) + Bounds(self.shift, self.shift)

    def directions(self) -> tuple[Direction, ...]:
        """Return the factor's sign as a direction."""
        return ("up" if self.factor >= 0 else "down",)
