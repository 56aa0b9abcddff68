"""Power: a non-negative value to a fixed exponent."""

from dataclasses import dataclass
from functools import cached_property
from math import inf, isinf
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Power(Map):
    """A value that is never negative, raised to an exponent.

    Formula: y = x ** exponent
    Source:  cookbook C3 (the K-th root of a geometric mean), C14 (1 / N ** beta)
    Shapes:  as x
    Range:   the image of the bounds of x; with a negative exponent x must be above 0
    Laws:    up for a positive exponent, down for a negative one (L3); exponent 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> Power(Source("visits", lo=1), -0.5).value(4.0)
    0.5
    """

    kind: ClassVar[str] = "power"

    exponent: float = 1.0
    """Any finite number."""

    def validate(self) -> None:
        """Refuse a child that may be negative, or 0 under a negative exponent."""
        lo = self.of.bounds.lo
        if lo < 0 or (self.exponent < 0 and lo < 1e-12):
            least = "above 0" if self.exponent < 0 else "0 or more"
            raise ConfigError(
                f"Power.of must be {least} for exponent {self.exponent:g}; '{self.of.label}' has "
                f"{self.of.bounds}, so clip it first."
            )

    def value(self, x: float) -> float:
        """Return x ** exponent."""
        try:
            return float(x**self.exponent)
        except OverflowError:
            return inf

    @property
    def formula(self) -> str:
        """For instance ``visits**-0.5``."""
        return f"{self.of.formula}**{self.exponent:g}"

    @cached_property
    def bounds(self) -> Bounds:
        """The image of the child's bounds."""
        ends = [self._end(self.of.bounds.lo), self._end(self.of.bounds.hi)]
        return Bounds(min(ends), max(ends))

    def _end(self, x: float) -> float:
        if isinf(x):
            return inf if self.exponent > 0 else 1.0 if self.exponent == 0 else 0.0
        return self.value(x)

    def directions(self) -> tuple[Direction, ...]:
        """Return "up", or "down" for a negative exponent."""
        return ("down",) if self.exponent < 0 else ("up",)
