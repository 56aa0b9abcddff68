"""LookaheadDelta: step scores that cannot be farmed by repetition."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Unary
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class LookaheadDelta(Unary):
    """Each step's score minus the next one's.

    Formula: y_t = x_t - x_{t+1} for t < T - 1, y_{T-1} = x_{T-1}
    Source:  cookbook B3, arXiv 2410.15115~ (recalled; telescoping verified)
    Shapes:  x [T], y [T]; terminal, since a step needs the next one's score
    Range:   hull of [lo - hi, hi - lo] and [lo, hi]; the sum is x_0
    Laws:    the sum is x_0 exactly, so repeating a good step adds 0

    >>> from envgym.rewards import Source
    >>> scores = [{"score": s} for s in (0.0, 0.75, 0.5)]
    >>> LookaheadDelta(Source("score")).settle(scores)
    (0.75, (0.25, 0.5))
    """

    kind: ClassVar[str] = "lookahead_delta"
    own_phase: ClassVar[Phase] = "terminal"

    def validate(self) -> None:
        """Refuse what is one number per episode."""
        if self.of.scope != "step":
            raise ConfigError(
                f"LookaheadDelta.of must be a step value; '{self.of.label}' is one number per "
                "episode."
            )

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @property
    def formula(self) -> str:
        """For instance ``lookahead(score)``."""
        return f"lookahead({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """Of a difference, or of the last score."""
        return (self.of.bounds - self.of.bounds).hull(self.of.bounds)

    @cached_property
    def total(self) -> Bounds:
        """The first score's, or 0 without a step."""
        return self.of.bounds.hull(Bounds(0.0, 0.0))

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the differences; each step earns its own."""
        below = self.of.explain(records)
        scores = below.attribution
        series = [x - y for x, y in zip(scores, (*scores[1:], 0.0), strict=True)] if scores else []
        return of_series(self.label, series, below.notes())
