"""Rubric: weighted verdicts, some of which are musts and some of which nobody could give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import Any, ClassVar, NamedTuple

from envgym.rewards.node import State
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.settled import Note, Settled, on_last
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope
from envgym.types.errors import ConfigError, EvidenceError, unknown


class _Reading(NamedTuple):
    value: float | None
    dropped: bool


@dataclass(frozen=True)
class Rubric(Reading):
    """The weighted mean of the verdicts that were given, 0 where a must is not met.

    Formula: y = prod_{c in must} [v_c >= pass_mark] * sum_c w_c v_c / sum_c w_c, over the
             criteria with a verdict
    Source:  cookbook A8 (inferred; no arXiv id there, pass_mark and quorum are ours)
    Shapes:  a tuple of (criterion, verdict) to a scalar, per event or of the last record
    Range:   [0, 1]
    Laws:    up in each verdict; does not depend on the weights' scale; a criterion without a
             verdict leaves and the other weights are normalised again, which the ledger notes
             as "drop"; a must without a verdict: invalid

    The share of nuggets that a text supports is a rubric of equal weights, with 0.5 for partial
    support. Near-duplicates of one criterion count it twice, and more criteria are not better ones.

    >>> rubric = Rubric("verdicts", (("cites", 2), ("short", 1), ("polite", 1)))
    >>> rubric.read({"verdicts": (("cites", True), ("short", False), ("polite", True))})
    0.75
    """

    kind: ClassVar[str] = "read.rubric"

    of: str
    """Key of a tuple of (criterion, verdict); a verdict is a bool, 0 to 1, or None."""
    weights: tuple[tuple[str, float], ...]
    """Criteria and their weights."""
    must: tuple[str, ...] = ()
    """Criteria without which nothing counts."""
    pass_mark: float = 0.5
    """Least verdict that meets a must."""
    quorum: float = 0.0
    """Least share of the weight that needs a verdict; below it the rubric is invalid."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse criteria without weight, unknown musts and shares outside [0, 1]."""
        if not self.weights or len(self._worth) != len(self.weights):
            raise ConfigError("Rubric.weights needs criteria, each once.")
        for name, weight in self.weights:
            if weight <= 0:
                raise ConfigError(f"Rubric.weights of '{name}' must be above 0, got {weight:g}.")
        for name in self.must:
            if name not in self._worth:
                raise ConfigError(f"Rubric.must: {unknown('criterion', name, self._worth)}")
        for field, share in (("pass_mark", self.pass_mark), ("quorum", self.quorum)):
            if not 0 <= share <= 1:
                raise ConfigError(f"Rubric.{field} must be in [0, 1], got {share:g}.")

    @cached_property
    def _worth(self) -> dict[str, float]:
        return dict(self.weights)

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a tuple."""
        return {self.of: ITEMS}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    @cached_property
    def guarded(self) -> bool:
        """True: it drops criteria without a verdict."""
        return True

    def init(self) -> State:
        """Return whether the last record dropped a criterion: not yet."""
        return False

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return whether a criterion was dropped, and the score."""
        if self.scope == "episode":
            return super().step(state, record)
        found = self._judge(record)
        return found.dropped, found.value

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return its own drop at the last record."""
        return ((self.label, "drop"),) if state else ()

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return every event's score, or the last record's with a note of what was dropped."""
        if self.scope == "step":
            return self.run(records)
        found = self._judge(records[-1])
        if found.value is None:
            raise InvalidSignal(self.label)
        last = len(records) - 2
        notes = [Note(last, self.label, "drop")] if found.dropped and last >= 0 else []
        return on_last(self.label, found.value, len(records) - 1, notes)

    def read(self, record: Evidenced) -> float | None:
        """Return the score; None if nobody judged, a must is unjudged, or the quorum is missed.

        Raises:
            EvidenceError: a criterion is unknown, repeated, or its verdict outside [0, 1].
        """
        return self._judge(record).value

    def _judge(self, record: Evidenced) -> _Reading:
        entries = items(record, self.of)
        if entries is None:
            return _Reading(None, False)
        verdicts = self._verdicts(entries)
        whole = fsum(self._worth.values())
        answered = fsum(self._worth[name] for name in verdicts)
        if not verdicts or answered < self.quorum * whole or set(self.must) - verdicts.keys():
            return _Reading(None, False)
        dropped = len(verdicts) < len(self._worth)
        if any(verdicts[name] < self.pass_mark for name in self.must):
            return _Reading(0.0, dropped)
        score = fsum(self._worth[name] * v for name, v in verdicts.items()) / answered
        return _Reading(min(1.0, score), dropped)

    def _verdicts(self, entries: Sequence[Any]) -> dict[str, float]:
        found: dict[str, float | None] = {}
        for entry in entries:
            if not isinstance(entry, tuple | list) or len(entry) != 2:
                raise EvidenceError(
                    f"evidence '{self.of}' must hold (criterion, verdict), got {entry!r}."
                )
            name, verdict = entry
            if not isinstance(name, str) or name not in self._worth:
                allowed = unknown("criterion", str(name), self._worth)
                raise EvidenceError(f"evidence '{self.of}': {allowed}")
            number = isinstance(verdict, bool | int | float) and 0 <= verdict <= 1
            if name in found or not (verdict is None or number):
                raise EvidenceError(
                    f"evidence '{self.of}' must judge '{name}' once, from 0 to 1, got {verdict!r}."
                )
            found[name] = verdict
        return {name: float(v) for name, v in found.items() if v is not None}
