"""Curve: the fixed functions of one number that formulas are made of."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar, Literal, NamedTuple

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError

Shape = Literal[
    "abs", "exp", "floor", "log", "log_sigmoid", "logit", "reciprocal", "sigmoid", "sqrt", "square"
]

_LARGEST = 709.0
"""exp of more overflows a float64."""


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def _log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x >= 0 else x - math.log1p(math.exp(x))


class _Rule(NamedTuple):
    function: Callable[[float], float]
    domain: Bounds
    direction: Direction


_LINE = Bounds()
_RULES: dict[str, _Rule] = {
    "abs": _Rule(abs, _LINE, "none"),
    "exp": _Rule(math.exp, Bounds(-inf, _LARGEST), "up"),
    "floor": _Rule(lambda x: float(math.floor(x)), _LINE, "up"),
    "log": _Rule(math.log, Bounds(5e-324, inf), "up"),
    "log_sigmoid": _Rule(_log_sigmoid, _LINE, "up"),
    "logit": _Rule(lambda p: math.log(p) - math.log1p(-p), Bounds(5e-324, 1.0 - 2**-53), "up"),
    "reciprocal": _Rule(lambda x: 1.0 / x, Bounds(1e-308, inf), "down"),
    "sigmoid": _Rule(_sigmoid, _LINE, "up"),
    "sqrt": _Rule(math.sqrt, Bounds(0.0, inf), "up"),
    "square": _Rule(lambda x: x * x, _LINE, "none"),
}
_AT_INFINITY: dict[str, tuple[float, float]] = {
    "abs": (inf, inf),
    "exp": (0.0, inf),
    "floor": (-inf, inf),
    "log": (-inf, inf),
    "log_sigmoid": (-inf, 0.0),
    "logit": (-inf, inf),
    "reciprocal": (0.0, 0.0),
    "sigmoid": (0.0, 1.0),
    "sqrt": (0.0, inf),
    "square": (inf, inf),
}


@dataclass(frozen=True)
class Curve(Map):
    """A fixed function of a value: sigmoid, log_sigmoid, exp, log, sqrt, square, ...

    Formula: y = f(x); sigmoid: 1 / (1 + exp(-x)); log_sigmoid: log of it; logit: log(x / (1 - x))
    Source:  cookbook B4, B5, B13, B17, B18, C3, C9 (the functions they share)
    Shapes:  as x
    Range:   the image of the bounds of x
    Laws:    up, except abs and square (no promise) and reciprocal (down) (L3); a value outside
             the function's domain is refused when the node is made: clip it first (L2)

    >>> from envgym.rewards import Source
    >>> Curve(Source("margin"), "sigmoid").value(0.0)
    0.5
    >>> Curve(Source("price", lo=0), "sqrt").value(4.0)
    2.0
    """

    kind: ClassVar[str] = "curve"

    shape: Shape = "sigmoid"
    """Which function."""

    def validate(self) -> None:
        """Refuse a child whose bounds leave the domain."""
        domain = _RULES[self.shape].domain
        below = self.of.bounds
        if below.lo < domain.lo or below.hi > domain.hi:
            raise ConfigError(
                f"Curve.shape '{self.shape}' needs values in {domain}; '{self.of.label}' has "
                f"{below}, so clip it first."
            )

    def value(self, x: float) -> float:
        """Return f(x)."""
        return _RULES[self.shape].function(x)

    @property
    def formula(self) -> str:
        """For instance ``sigmoid(margin)``."""
        return f"{self.shape}({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """The image of the child's bounds."""
        lo, hi = self.of.bounds.lo, self.of.bounds.hi
        ends = sorted((self._end(lo), self._end(hi)))
        if self.shape in ("abs", "square") and lo < 0 < hi:
            return Bounds(0.0, ends[1])
        return Bounds(ends[0], ends[1])

    def _end(self, x: float) -> float:
        if math.isinf(x):
            return _AT_INFINITY[self.shape][x > 0]
        try:
            return self.value(x)
        except OverflowError:
            return inf

    def directions(self) -> tuple[Direction, ...]:
        """Return that of the function."""
        return (_RULES[self.shape].direction,)
