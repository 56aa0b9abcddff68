"""Ladder: how far an episode came, as an ordered list of outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from envgym.rewards.reading import TEXT, Reading, text
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError, unknown

SWE_RUNGS = (
    ("no_submit", -1.0),
    ("empty_patch", -0.5),
    ("tests_fail", 0.0),
    ("tests_pass", 1.0),
)
"""Outcomes of a software task; the classes are those of G-RA, the numbers are ours."""


@dataclass(frozen=True)
class Ladder(Reading):
    """The value of the outcome that an episode reached.

    Formula: y = value of the rung that the evidence names
    Source:  cookbook A1, arXiv 2508.10548 (seen: a note on it, for the four classes; the
             default numbers are ours, the paper's were not found)
    Shapes:  a text to a scalar
    Range:   [lowest rung, highest rung]
    Laws:    strictly increasing along the rungs, which is checked when the node is made

    A rung that is reached without work (an empty patch above no submission) attracts the
    policy: keep it below the gate of every other reward.

    >>> Ladder("outcome_class").settle([{}, {"outcome_class": "tests_fail"}])
    (0.0, (0.0,))
    """

    kind: ClassVar[str] = "read.ladder"

    of: str
    """Key of the outcome's name, a text."""
    rungs: tuple[tuple[str, float], ...] = SWE_RUNGS
    """Names and values, worst first."""
    scope: Scope = "episode"
    """"episode" reads the last record, "step" every one."""

    def validate(self) -> None:
        """Refuse rungs that do not climb."""
        if not self.rungs:
            raise ConfigError("Ladder.rungs needs at least one pair of a name and a value.")
        for (low, a), (high, b) in pairwise(self.rungs):
            if not a < b:
                raise ConfigError(
                    f"Ladder.rungs must rise from rung to rung, but '{high}' ({b:g}) is not "
                    f"above '{low}' ({a:g})."
                )
        if len(self._values) != len(self.rungs):
            raise ConfigError("Ladder.rungs must have different names.")

    @cached_property
    def _values(self) -> dict[str, float]:
        return dict(self.rungs)

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a text."""
        return {self.of: TEXT}

    @cached_property
    def bounds(self) -> Bounds:
        """From the lowest rung to the highest."""
        return Bounds(self.rungs[0][1], self.rungs[-1][1])

    def read(self, record: Evidenced) -> float | None:
        """Return the value of the rung; None if it is unknown.

        Raises:
            EvidenceError: the evidence names no rung.
        """
        name = text(record, self.of)
        if name is None:
            return None
        try:
            return self._values[name]
        except KeyError:
            allowed = unknown("rung", name, self._values)
            raise EvidenceError(f"evidence '{self.of}': {allowed}") from None
