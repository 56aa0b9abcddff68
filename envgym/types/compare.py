"""Comparing rollouts: what a comparator is shown and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One rollout of a group, as programs and comparators see it."""

    id: str
    """Unique within its group; decides ties and streams, so that positions never matter."""
    records: Sequence[Mapping[str, Any]]
    """Evidence: reset's record, then one per event."""
    instruction: str = ""
    """What the agent was asked to do; the same for every member of a group."""
    text: str = ""
    """The transcript as a judge reads it; empty where only evidence is known."""


Pair = tuple[Candidate, Candidate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a comparator said about a pair, both orders asked."""

    p: float | None
    """Probability that the first is better, 0 to 1; 0.5: a tie; None, and any other number: no
    answer."""
    scores: tuple[float, float] | None = None
    """Score of the first and of the second, where the comparator gives any."""
    calls: int = 0
    """Judge calls that were paid for; 0 for a comparator that only computes."""
    agreed: bool | None = None
    """Whether both orders named the same winner; None where there is no order."""
    note: Mapping[str, Any] = field(default_factory=dict)
    """JSON details for a reader."""

    @property
    def valid(self) -> bool:
        """Whether there was an answer."""
        return self.p is not None

    def swapped(self) -> "Match":
        """Return the same match seen from the second candidate."""
        return Match(
            p=None if self.p is None else 1.0 - self.p,
            scores=None if self.scores is None else (self.scores[1], self.scores[0]),
            calls=self.calls,
            agreed=self.agreed,
            note=self.note,
        )


@runtime_checkable
class Comparator(Protocol):
    """Says which of two rollouts of one task is better. Batched; must not depend on batches."""

    @property
    def name(self) -> str:
        """Identifies it, version included, in ledgers of comparisons: equal names, equal answers."""
        ...

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair, in order."""
        ...
