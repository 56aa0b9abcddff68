"""Lookup: a number for a name; and the counts of visits that are such a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.reading import TEXT, Reading, text
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Lookup(Reading):
    """The number that a table has for a name.

    Formula: y = table[name], or ``otherwise`` for a name that it lacks
    Source:  cookbook A19 (ours)
    Shapes:  a text to a scalar, per event or of the last record
    Range:   the table's lowest number, or ``otherwise``, to the highest
    Laws:    the order of the table changes nothing

    >>> Lookup("place", (("hall", 3.0),), otherwise=1.0).read({"place": "attic"})
    1.0
    """

    kind: ClassVar[str] = "read.lookup"

    of: str
    """Key of the name, a text."""
    table: tuple[tuple[str, float], ...] = ()
    """Names and numbers."""
    otherwise: float = 0.0
    """For names that the table lacks."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse a name with two numbers."""
        if len(self._numbers) != len(self.table):
            raise ConfigError("Lookup.table must name everything once.")

    @cached_property
    def _numbers(self) -> dict[str, float]:
        return dict(self.table)

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a text."""
        return {self.of: TEXT}

    @cached_property
    def bounds(self) -> Bounds:
        """From the lowest number to the highest."""
        numbers = (self.otherwise, *self._numbers.values())
        return Bounds(min(numbers), max(numbers))

    def read(self, record: Evidenced) -> float | None:
        """Return the number; None if the name is unknown to the environment."""
        name = text(record, self.of)
        return None if name is None else self._numbers.get(name, self.otherwise)


@dataclass(frozen=True)
class VisitCounts:
    """How often each name was met so far, as a value: every update is a new one.

    Source:  cookbook A19, ONI (inferred; no arXiv id there): the N of ``count_bonus``
    Laws:    never changes in place; the order of visits changes nothing

    Program of the next group: ``count_bonus(reward, counts.node("caption"))``; after the group
    ``counts = counts.updated(captions)``. Counts of one episode do not rise inside it.

    >>> counts = VisitCounts().updated(["hall", "hall", "attic"])
    >>> counts.node("place").read({"place": "hall"}), counts.node("place").read({"place": "roof"})
    (3.0, 1.0)
    """

    counts: tuple[tuple[str, int], ...] = ()
    """Names and counts, sorted by name."""

    def __post_init__(self) -> None:
        names = [name for name, _ in self.counts]
        if names != sorted(set(names)) or any(count < 1 for _, count in self.counts):
            raise ConfigError(
                "VisitCounts.counts must be sorted by name, each once, with counts of 1 or more."
            )

    def updated(self, visits: Sequence[str]) -> "VisitCounts":
        """Return the counts after more visits."""
        merged = Counter(dict(self.counts))
        merged.update(visits)
        return VisitCounts(tuple(sorted(merged.items())))

    def node(self, of: str, scope: Scope = "step") -> Lookup:
        """Return N of the next visit: 1 for a name never met."""
        table = tuple((name, float(count + 1)) for name, count in self.counts)
        return Lookup(of, table, 1.0, scope)
