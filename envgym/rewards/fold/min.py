"""Min: the worst channel decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.kinds import Fold
from envgym.rewards.node import UP, Direction
from envgym.rewards.settled import Settled
from envgym.rewards.signal import Bounds, Evidenced


@dataclass(frozen=True)
class Min(Fold):
    """The lowest of several values.

    Formula: y = min_k x_k
    Source:  cookbook C1 (WCO, worst-case optimisation over an ensemble) and C13 (recalled)
    Shapes:  of one scope, step or episode; the first lowest episode value keeps its turns
    Range:   [min of lo, min of hi]
    Laws:    up in each (L3); at most their mean; one child: identity (L8)

    >>> from envgym.rewards import Source
    >>> Min((Source("a"), Source("b"), Source("c"))).combine([0.8, 0.6, 0.1])
    0.1
    """

    kind: ClassVar[str] = "min"

    def validate(self) -> None:
        """Refuse a mixture of scopes."""
        super().validate()
        self.one_scope()

    def combine(self, values: Sequence[float]) -> float:
        """Return the lowest."""
        return min(values)

    @property
    def formula(self) -> str:
        """For instance ``min(a, b)``."""
        return f"min({', '.join(child.formula for child in self.of)})"

    @cached_property
    def bounds(self) -> Bounds:
        """The lowest bound on each side."""
        return Bounds(
            min(child.bounds.lo for child in self.of), min(child.bounds.hi for child in self.of)
        )

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for each."""
        return (UP,) * len(self.of)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return, for episode values, the settlement of the lowest: it earned the value."""
        if self.scope == "step":
            return super().attribute(records)
        return min((child.explain(records) for child in self.of), key=lambda s: s.value)
