"""Every: the episode's value said at every event."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Unary
from envgym.rewards.node import Direction
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Every(Unary):
    """An episode value as a step value that is the same at every event.

    Formula: y_t = R for every t
    Source:  cookbook B6, where an outcome corrects every step's score (ours)
    Shapes:  R scalar, y [T]; the sum is T times R, unlike a Spread's
    Range:   that of R
    Laws:    up (L3); T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> Every(Source("outcome", "episode")).settle([{}, {}, {"outcome": 1.0}])
    (2.0, (1.0, 1.0))
    """

    kind: ClassVar[str] = "every"
    own_phase: ClassVar[Phase] = "terminal"

    def validate(self) -> None:
        """Refuse what has a value per event already."""
        if self.of.scope != "episode":
            raise ConfigError(
                f"Every.of must be an episode value; '{self.of.label}' is a step value already."
            )

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return ("up",)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the child's value at each event."""
        below = self.of.explain(records)
        return of_series(self.label, (below.value,) * (len(records) - 1), below.notes())
