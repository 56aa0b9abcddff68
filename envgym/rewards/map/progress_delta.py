"""ProgressDelta: what each step added."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Recall
from envgym.rewards.node import State
from envgym.rewards.signal import Bounds, Evidenced
from envgym.rewards.source import Source


@dataclass(frozen=True)
class ProgressDelta(Recall):
    """The change of a running quantity, paid inside the step that caused it.

    Formula: y_e = x[e + 1] - x[e], record 0 being reset; after an invalid x the next
             difference is taken to the last valid one
    Source:  contract 3 (ours); cookbook C14 telescopes the same way
    Shapes:  x [T + 1], y [T]
    Range:   [lo - hi, hi - lo]; the sum too, as it is x[T] - x[0]
    Laws:    telescopes: undoing and redoing a step gains nothing; constant x: zeros (L8)

    >>> from envgym.rewards import Source
    >>> ProgressDelta(Source("progress")).settle([{"progress": p} for p in (0.0, 0.5, 0.25)])
    (0.25, (0.5, -0.25))
    """

    kind: ClassVar[str] = "progress_delta"

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the difference to the last valid value; None before there is one."""
        if state is None:
            return self.prime(record)
        inner, last = state
        of = self.of
        if type(of) is Source:  # the usual case, in the step of every dense program
            x = of.read(record)
        else:
            inner, x = of.step(inner, record)
        if x is None:
            return (inner, last), None
        return (inner, x), (None if last is None else x - last)

    @property
    def formula(self) -> str:
        """For instance ``delta(progress)``."""
        return f"delta({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """The widest difference."""
        return self.of.bounds - self.of.bounds

    @cached_property
    def total(self) -> Bounds:
        """The widest difference between last and first."""
        return self.bounds
