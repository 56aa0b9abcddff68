"""DurationWeighted: slow steps count by the time they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import ClassVar

from envgym.rewards.kinds import Unary
from envgym.rewards.node import UP, Direction, Node
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, weighted
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class DurationWeighted(Unary):
    """A step value times how long its step took, against the episode's mean.

    Formula: y_t = x_t * d_t / mean_s d_s; all d zero: x_t
    Source:  cookbook E15, RL for ML engineering agents (inferred): weights gradients;
             ``duration_weights`` does so over a batch
    Shapes:  x [T], d [T], y [T]
    Range:   0 to the sign of x, without end: a step may take nearly all of the time
    Laws:    free; exact where x is constant; up in x (L3); equal d: identity (L8); scale-free
             in d

    >>> from envgym.rewards import Source
    >>> rows = [{"x": 0, "s": 0}, {"x": 1, "s": 1}, {"x": 1, "s": 3}]
    >>> DurationWeighted(Source("x"), Source("s", lo=0)).settle(rows)
    (2.0, (0.5, 1.5))
    """

    kind: ClassVar[str] = "spread.duration"
    own_phase: ClassVar[Phase] = "terminal"

    by: Node
    """Step value with lower bound 0 or more: seconds that each step took."""

    def validate(self) -> None:
        """Refuse values of an episode and durations that may be negative."""
        if self.of.scope != "step":
            raise ConfigError(
                f"DurationWeighted.of must be a step value; '{self.of.label}' is one number per "
                "episode."
            )
        if self.by.scope != "step" or self.by.bounds.lo < 0:
            raise ConfigError(
                "DurationWeighted.by must be a step value that is never negative; "
                f"'{self.by.label}' is a {self.by.scope} value in {self.by.bounds}."
            )

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @property
    def formula(self) -> str:
        """For instance ``spread.duration(progress, seconds)``."""
        return f"{self.kind}({self.of.formula}, {self.by.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """Of the child's signs."""
        return self.of.bounds.over_steps()

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for the value, no promise for the durations."""
        return (UP, "none")

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the weighted values, each earned by its step."""
        below = self.of.explain(records)
        times = self.by.explain(records).attribution
        top = max(times, default=0.0)
        if top == 0:
            return below
        # Dividing by the longest first keeps the sum finite.
        scaled = [d / top for d in times]
        mean = fsum(scaled) / len(scaled)
        return weighted(below, [d / mean for d in scaled])
