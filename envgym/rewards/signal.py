"""Signals: a number with declared bounds that may also be unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, Literal

Scope = Literal["step", "episode"]
"""One value per event, or one value per episode."""

Evidenced = Mapping[str, Any]
"""One record of evidence: key to value. Record 0 is reset's, record e + 1 that of event e."""


class InvalidSignal(Exception):  # noqa: N818 - a state of the score, not an error of anybody
    """A source could not answer; the score of the episode is unknown, never 0.

    ``node`` is the label of the node where the answer is missing.
    """

    def __init__(self, node: str) -> None:
        super().__init__(f"reward:{node}")
        self.node = node


@dataclass(frozen=True, slots=True)
class Bounds:
    """A closed interval that holds every valid value; interval arithmetic for law L1.

    >>> Bounds(0, 1) - Bounds(0, 1)
    Bounds(lo=-1.0, hi=1.0)
    """

    lo: float = -inf
    """Lowest value, inclusive; -inf: no bound."""
    hi: float = inf
    """Highest value, inclusive; inf: no bound."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lo", float(self.lo))
        object.__setattr__(self, "hi", float(self.hi))

    @property
    def finite(self) -> bool:
        """Whether both ends are finite."""
        return isfinite(self.lo) and isfinite(self.hi)

    def __contains__(self, value: float) -> bool:
        return self.lo <= value <= self.hi

    def __add__(self, other: "Bounds") -> "Bounds":
        return Bounds(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: "Bounds") -> "Bounds":
        return Bounds(self.lo - other.hi, self.hi - other.lo)

    def __mul__(self, other: "Bounds") -> "Bounds":
        ends = [_times(a, b) for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        return Bounds(min(ends), max(ends))

    def scaled(self, factor: float) -> "Bounds":
        """Return the bounds of ``factor`` times the value."""
        ends = (_times(factor, self.lo), _times(factor, self.hi))
        return Bounds(min(ends), max(ends))

    def hull(self, other: "Bounds") -> "Bounds":
        """Return the smallest interval around both."""
        return Bounds(min(self.lo, other.lo), max(self.hi, other.hi))

    def clipped(self, lo: float, hi: float) -> "Bounds":
        """Return the bounds after clipping the value to [lo, hi]."""
        return Bounds(min(max(self.lo, lo), hi), min(max(self.hi, lo), hi))

    def over_steps(self) -> "Bounds":
        """Return the bounds of a sum over any number of such values."""
        return Bounds(-inf if self.lo < 0 else 0.0, inf if self.hi > 0 else 0.0)

    def __str__(self) -> str:
        return f"[{self.lo:g}, {self.hi:g}]"


ZERO = Bounds(0.0, 0.0)


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a node said about one episode."""

    name: str
    """Label of the node."""
    scope: Scope
    """"step": ``value`` has one number per event; "episode": it is one number."""
    value: float | tuple[float, ...] | None
    """None when the source could not answer."""
    lo: float
    """Declared lower bound of each number."""
    hi: float
    """Declared upper bound of each number."""
    causal: bool
    """Whether the value at event e depends on records 0 to e + 1 only."""
    reason: str | None = None
    """"reward:<node>" when invalid, else None."""

    @property
    def valid(self) -> bool:
        """Whether the source answered."""
        return self.value is not None
