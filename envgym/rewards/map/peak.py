"""Peak: the highest value so far."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Recall
from envgym.rewards.node import UP, Direction, State
from envgym.rewards.signal import Bounds, Evidenced


@dataclass(frozen=True)
class Peak(Recall):
    """The running maximum of a step value, reset's included: a latch.

    Formula: y_e = max over s <= e + 1 of x[s], record 0 being reset
    Source:  cookbook A2, E13 (ours): under ProgressDelta only what was never reached before pays
    Shapes:  x [T + 1], y [T]
    Range:   that of x
    Laws:    never falls; up (L3); a rising x: identity (L8); an invalid x is invalid and does
             not move it

    >>> from envgym.rewards import Source
    >>> Peak(Source("met")).settle([{"met": m} for m in (0, 1, 0)])[1]
    (1.0, 1.0)
    """

    kind: ClassVar[str] = "peak"

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the maximum of this value and the earlier ones."""
        inner, best = (self.of.init(), None) if state is None else state
        inner, x = self.of.step(inner, record)
        if x is None:
            return (inner, best), None
        best = x if best is None else max(best, x)
        return (inner, best), best

    @property
    def formula(self) -> str:
        """For instance ``peak(met)``."""
        return f"peak({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return (UP,)
