"""What a probe says, and what every probe looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One measurement against its limit."""

    metric: float
    """What was measured."""
    threshold: float
    """The limit."""
    passed: bool
    """Whether the metric keeps to it."""
    detail: Mapping[str, float]
    """The metric's parts by name."""


class Probe(Protocol):
    """Measures a program on recorded episodes; reads rewards and changes none (law L10)."""

    def run(self, program: Program, episodes: Sequence[Sequence[Evidenced]]) -> Report:
        """Return the report; ``episodes`` are records, reset's first, and have ended."""
        ...
