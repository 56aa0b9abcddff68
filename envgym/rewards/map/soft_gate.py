"""SoftGate: a gate without a cliff that nevertheless closes."""

from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class SoftGate(Map):
    """How far a score opens a gate: 0 well below its pass mark, 1 well above it.

    Formula: y = clip((sigmoid((s - mark) / width) - delta) / (1 - 2 * delta), 0, 1)
    Source:  cookbook C4, whose soft gate is the sigmoid alone with width 0.05 (inferred); the
             cut by delta is ours: a sigmoid never closes, and a failed level that leaks a tenth
             of its credit is worth farming
    Shapes:  as s
    Range:   [0, 1]
    Laws:    up (L3); 1/2 at the mark; exactly 0 from ``closes_at`` down and 1 from ``opens_at``
             up; delta 0: the plain sigmoid (L8)

    Multiply a reward by it: ``SoftGate(passed, mark=0.5) * bonus``.

    >>> from envgym.rewards import Source
    >>> gate = SoftGate(Source("tests", "episode", lo=0, hi=1), mark=0.5)
    >>> [round(gate.value(s), 3) for s in (0.25, 0.45, 0.5, 0.75)]
    [0.0, 0.264, 0.5, 1.0]
    >>> round(gate.closes_at, 3)
    0.27
    """

    kind: ClassVar[str] = "soft_gate"

    mark: float
    """Half open here, in the unit of s."""
    width: float = 0.05
    """Of the sigmoid, in the unit of s; more than 0."""
    delta: float = 0.01
    """Openings below this are 0 and above 1 - delta are 1; 0 to below 0.5; 0: never quite closed."""

    def validate(self) -> None:
        """Refuse a width that is not positive and a delta that leaves nothing between."""
        if not self.width > 0:
            raise ConfigError(f"SoftGate.width must be more than 0, got {self.width}.")
        if not 0 <= self.delta < 0.5:
            raise ConfigError(f"SoftGate.delta must be from 0 to below 0.5, got {self.delta}.")

    @property
    def closes_at(self) -> float:
        """The highest score at which it is exactly closed; -inf for delta 0."""
        return self.mark - self._reach

    @property
    def opens_at(self) -> float:
        """The lowest score at which it is wide open; inf for delta 0."""
        return self.mark + self._reach

    @cached_property
    def _reach(self) -> float:
        if self.delta == 0:
            return float("inf")
        return self.width * (log(1 - self.delta) - log(self.delta))

    def value(self, x: float) -> float:
        """Return the opening at score x."""
        if x <= self.closes_at:
            return 0.0
        if x >= self.opens_at:
            return 1.0
        z = (x - self.mark) / self.width
        opening = 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))
        return min(max((opening - self.delta) / (1.0 - 2.0 * self.delta), 0.0), 1.0)

    @property
    def formula(self) -> str:
        """For instance ``soft[tests > 0.5]``."""
        return f"soft[{self.of.formula} > {self.mark:g}]"

    @cached_property
    def bounds(self) -> Bounds:
        """The openings at the child's bounds."""
        return Bounds(self.value(self.of.bounds.lo), self.value(self.of.bounds.hi))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return ("up",)
