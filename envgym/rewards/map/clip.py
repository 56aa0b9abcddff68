"""Clip and cap: keep a value inside limits."""

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction, Node
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Clip(Map):
    """Limit a value to [lo, hi].

    Formula: y = min(max(x, lo), hi)
    Source:  cookbook B1 (seen: PorUna-byte/PAR)
    Shapes:  as x: below a step value every event is clipped by itself; to limit what an
             episode collects, clip its ReduceSum
    Range:   [lo, hi] clipped to the bounds of x
    Laws:    up (L3); limits outside the bounds of x: identity (L8)

    >>> from envgym.rewards import Source
    >>> Clip(Source("bonus"), 0.0, 0.4).value(0.8)
    0.4
    """

    kind: ClassVar[str] = "clip"

    lo: float = -inf
    """Lower limit; -inf: none."""
    hi: float = inf
    """Upper limit; inf: none."""

    def validate(self) -> None:
        """Refuse reversed limits and limits that no number can meet."""
        if not (self.lo <= self.hi and self.lo < inf and self.hi > -inf):
            raise ConfigError(f"Clip.lo must not exceed hi, got {self.lo} and {self.hi}.")

    def value(self, x: float) -> float:
        """Return x limited to [lo, hi]."""
        return min(max(x, self.lo), self.hi)

    @property
    def formula(self) -> str:
        """For instance ``clip(bonus, 0, 0.4)``."""
        return f"clip({self.of.formula}, {self.lo:g}, {self.hi:g})"

    @cached_property
    def bounds(self) -> Bounds:
        """The child's bounds, clipped."""
        return self.of.bounds.clipped(self.lo, self.hi)

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return ("up",)


def cap(of: Node, hi: float, *, name: str = "") -> Clip:
    """Return ``of`` limited from above.

    >>> from envgym.rewards import Source
    >>> cap(Source("bonus"), 0.4).value(-1.0)
    -1.0
    """
    return Clip(of, hi=hi, name=name)
