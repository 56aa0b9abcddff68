"""What a probe says, and what every probe looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced

Points = tuple[tuple[float, float], ...]
"""A line of a figure: (x, y) in the order in which it is drawn."""


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
    probe: str = ""
    """Which probe speaks."""
    measures: str = ""
    """What the metric is, in a few words, for instance "share of fooled verdicts"."""
    columns: tuple[str, ...] = ()
    """Names of the columns of ``rows``."""
    rows: tuple[tuple[Any, ...], ...] = ()
    """A table for a reader: one tuple of JSON values per row."""
    axes: tuple[str, str] = ("", "")
    """What the x and y of ``series`` are; of bars x alone, "" standing for ``measures``."""
    series: Mapping[str, Points] = field(default_factory=dict)
    """Lines of a figure by name; empty: ``detail`` is drawn as bars."""
    notes: tuple[str, ...] = ()
    """Sentences that a reader of the number must know, such as what was left out."""

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values.

        >>> report = Report(metric=0.5, threshold=1, passed=True, detail={"a": 0.5}, probe="p")
        >>> report.to_json()["passed"], report.to_json()["rows"]
        (True, [])
        """
        return {
            "probe": self.probe,
            "measures": self.measures,
            "metric": self.metric,
            "threshold": self.threshold,
            "passed": self.passed,
            "detail": dict(self.detail),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "axes": list(self.axes),
            "series": {name: [list(point) for point in line] for name, line in self.series.items()},
            "notes": list(self.notes),
        }


class Probe(Protocol):
    """Measures a program on recorded episodes; reads rewards and changes none (law L10).

    A probe of something else than a program (a judge, arrays of scores) has a ``run`` of its own
    arguments and returns a ``Report`` too.
    """

    def run(self, program: Program, episodes: Sequence[Sequence[Evidenced]]) -> Report:
        """Return the report; ``episodes`` are records, reset's first, and have ended."""
        ...
