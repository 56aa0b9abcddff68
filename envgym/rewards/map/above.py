"""Above: the condition of a gate."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class Above(Map):
    """1 where a value exceeds a threshold, else 0; written ``node > threshold`` or ``>=``.

    Formula: y = [x > threshold], or [x >= threshold] where ``strict`` is False
    Source:  cookbook C2, C13 (seen: note and third-party implementation)
    Shapes:  as x
    Range:   [0, 1]
    Laws:    up (L3); threshold -inf: always 1 (L8)

    >>> from envgym.rewards import Source
    >>> (Source("outcome", "episode") > 0.5).value(0.5)
    0.0
    """

    kind: ClassVar[str] = "above"

    threshold: float
    """What must be passed, in the unit of x."""
    strict: bool = True
    """True: a value equal to the threshold does not count; False: it does."""

    def value(self, x: float) -> float:
        """Return 1.0 if x passes, else 0.0."""
        passes = x > self.threshold if self.strict else x >= self.threshold
        return 1.0 if passes else 0.0

    @property
    def formula(self) -> str:
        """For instance ``[outcome > 0.5]``."""
        return f"[{self.of.formula} {'>' if self.strict else '>='} {self.threshold:g}]"

    @cached_property
    def bounds(self) -> Bounds:
        """1 or 0 where the child's bounds decide, else [0, 1]."""
        return Bounds(self.value(self.of.bounds.lo), self.value(self.of.bounds.hi))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return ("up",)
