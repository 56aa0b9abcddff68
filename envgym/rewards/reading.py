"""Reading: the nodes that read evidence. ``Source`` reads one number, ``read/`` holds the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from envgym.rewards.node import Node, State
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, on_last
from envgym.rewards.signal import Evidenced, InvalidSignal, Scope
from envgym.types.errors import EvidenceError

NUMBERS = frozenset({"bool", "int", "float"})
"""Types of evidence that count as a number; a bool is 0 or 1."""
TEXT = frozenset({"str"})
ITEMS = frozenset({"tuple"})

SLACK = 1e-9
"""How far rounding may carry a value over a bound before it counts as wrong."""


@dataclass(frozen=True)
class Reading(Node):
    """A function of one record's evidence: per event, or of the last record.

    A subclass declares the fields that name its keys, a field ``scope``, ``types`` and ``read``.
    ``None`` evidence means that the source could not answer: ``read`` returns None, never 0.
    """

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The keys it reads and the types of evidence each may have."""
        raise NotImplementedError

    def read(self, record: Evidenced) -> float | None:
        """Return the value at ``record``; None if it is invalid.

        Raises:
            EvidenceError: a key is missing or of another type.
        """
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """Usually a field of the subclass."""
        raise NotImplementedError(f"{type(self).__name__} must define 'scope'")

    def checked(self, record: Evidenced) -> float | None:
        """Return what ``read`` says; None too if it is not finite.

        Raises:
            EvidenceError: it lies outside the declared bounds, on which whole programs rely.
        """
        value = self.read(record)
        if value is None or not isfinite(value):
            return None
        if not self.bounds.lo - SLACK <= value <= self.bounds.hi + SLACK:
            raise EvidenceError(
                f"'{self.label}' read {value!r}, outside its declared bounds {self.bounds}."
            )
        return value

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys it reads."""
        return tuple(self.types)

    @cached_property
    def phase(self) -> Phase:
        """Online if every record has it, else terminal."""
        return "online" if self.scope == "step" else "terminal"

    @property
    def default_label(self) -> str:
        """Its kind without the folder."""
        return self.kind.rpartition(".")[2]

    @property
    def formula(self) -> str:
        """For instance ``tool_calls(calls, gold_calls)``."""
        return f"{self.default_label}({', '.join(self.keys)})"

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return no state and the value at ``record``."""
        if self.scope == "episode":
            return super().step(state, record)
        return None, self.checked(record)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return every event's value, or the last record's, earned by the last step."""
        if self.scope == "step":
            return self.run(records)
        value = self.checked(records[-1])
        if value is None:
            raise InvalidSignal(self.label)
        return on_last(self.label, value, len(records) - 1)

    def culprit(self, record: Evidenced) -> str:
        """Return its label if it is invalid at ``record``."""
        return self.label if self.checked(record) is None else ""


def raw(record: Evidenced, key: str) -> Any:
    """Return the value of ``key``; raise EvidenceError naming what there is if it is missing."""
    try:
        return record[key]
    except KeyError:
        raise EvidenceError(
            f"the record lacks evidence '{key}'; it holds {', '.join(sorted(record))}."
        ) from None


def number(record: Evidenced, key: str) -> float | None:
    """Return a number or bool as float; None if it is None or not finite."""
    value = raw(record, key)
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise EvidenceError(f"evidence '{key}' must be a number or bool, got {value!r}.")
    try:
        return float(value) if isfinite(value) else None
    except OverflowError:  # an integer that no float can hold
        return None


def text(record: Evidenced, key: str) -> str | None:
    """Return a text; None if it is None."""
    value = raw(record, key)
    if value is not None and not isinstance(value, str):
        raise EvidenceError(f"evidence '{key}' must be text, got {value!r}.")
    return value


def items(record: Evidenced, key: str) -> tuple[Any, ...] | None:
    """Return a tuple (a list in evidence read from a file); None if it is None."""
    value = raw(record, key)
    if value is None:
        return None
    if not isinstance(value, tuple | list):
        raise EvidenceError(f"evidence '{key}' must be a tuple, got {value!r}.")
    return tuple(value)
