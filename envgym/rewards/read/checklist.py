"""Checklist: criteria that pay once, on evidence, and stop the dialogue where one is required."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import Any, ClassVar, NamedTuple

from envgym.rewards.node import State
from envgym.rewards.reading import ITEMS, NUMBERS, Reading, items, number
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError, unknown


class _State(NamedTuple):
    paid: frozenset[str] = frozenset()
    stopped: bool = False


@dataclass(frozen=True)
class Checklist(Reading):
    """The weight of the criteria that are met for the first time at an event.

    Formula: y_e = sum_c w_c hit_c unpaid_c, 0 once a required item was missed
    Source:  cookbook A5, CM2 (seen: namezhenzhang/CM2-RLCR-Tool-Agent)
    Shapes:  a tuple of verdicts per event to a scalar per event; state: the items paid
    Range:   [0, sum w]; the sum over an episode is in [0, sum w] too
    Laws:    an item pays once, so repeating what was rewarded adds 0; an item that points at
             a failed call, or at one that was never made, is not met; after a missed required
             item nothing pays

    A verdict is (item, met), or (item, met, call) where ``call`` is the position, in
    ``call_ok``, of the call of the same event that shows it. Verdicts at reset pay nothing
    and leave the item unpaid. A judge that reads the agent's claim marks items that never
    happened: with ``pointed`` only verdicts that point at a call count. CM2 averages over the
    turns of a dialogue: scale by one over their number.

    >>> node = Checklist("checks", (("found", 0.5), ("booked", 0.3), ("told", 0.2)))
    >>> met = [(), (("found", True),), (("found", True),), (("booked", True),)]
    >>> node.settle([{"checks": verdicts} for verdicts in met])
    (0.8, (0.5, 0.0, 0.3))
    """

    kind: ClassVar[str] = "read.checklist"

    of: str
    """Key of a tuple of verdicts."""
    weights: tuple[tuple[str, float], ...]
    """Items and what each pays."""
    required: tuple[tuple[str, float], ...] = ()
    """(item, last turn): it must be met by an event of that turn or an earlier one."""
    turn: str = ""
    """Key of the dialogue turn of the event; needed where items are required."""
    call_ok: str = ""
    """Key of a tuple of bools, one per call of the event: whether it succeeded."""
    pointed: bool = False
    """Whether a verdict counts only if it points at a call."""

    def validate(self) -> None:
        """Refuse items without weight, unknown required items and pointers into nothing."""
        if not self.weights or len(self._worth) != len(self.weights):
            raise ConfigError("Checklist.weights needs items, each once.")
        for item, weight in self.weights:
            if weight <= 0:
                raise ConfigError(f"Checklist.weights of '{item}' must be above 0, got {weight:g}.")
        for item, _ in self.required:
            if item not in self._worth:
                raise ConfigError(f"Checklist.required: {unknown('item', item, self._worth)}")
        if self.required and not self.turn:
            raise ConfigError("Checklist.turn must name the turn's key where items are required.")
        if self.pointed and not self.call_ok:
            raise ConfigError("Checklist.call_ok must name a key where verdicts must point.")

    @cached_property
    def _worth(self) -> dict[str, float]:
        return dict(self.weights)

    @property
    def scope(self) -> Scope:
        """Always "step": what was paid needs every record."""
        return "step"

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The verdicts, and the turn and the calls where named."""
        extra = {self.turn: NUMBERS} if self.turn else {}
        return {self.of: ITEMS} | extra | ({self.call_ok: ITEMS} if self.call_ok else {})

    @cached_property
    def bounds(self) -> Bounds:
        """[0, sum w]."""
        return Bounds(0.0, fsum(self._worth.values()))

    @cached_property
    def total(self) -> Bounds:
        """[0, sum w]: every item pays once."""
        return self.bounds

    def init(self) -> State:
        """Return None: record 0 makes the state."""
        return None

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return what is paid so far and the weight of what is newly met."""
        hits = self._hits(record)
        before = state or _State()
        turn = number(record, self.turn) if self.turn else 0.0
        if hits is None or turn is None:
            return before, None
        missed = any(turn > by and item not in before.paid for item, by in self.required)
        if before.stopped or (missed and state is not None):
            return before._replace(stopped=True), 0.0
        if state is None:
            return before, 0.0
        new = hits - before.paid
        return before._replace(paid=before.paid | new), fsum(self._worth[item] for item in new)

    def stopped(self, state: State) -> bool:
        """Return whether a required item was missed: the dialogue should end here."""
        return bool(state and state.stopped)

    def read(self, record: Evidenced) -> float | None:
        """Return the weight of all items met in ``record`` alone, without the past."""
        hits = self._hits(record)
        return None if hits is None else fsum(self._worth[item] for item in hits)

    def culprit(self, record: Evidenced) -> str:
        """Return its label if a verdict, the turn or a call's success is unknown."""
        silent = self.turn and number(record, self.turn) is None
        return self.label if silent or self._hits(record) is None else ""

    def _hits(self, record: Evidenced) -> frozenset[str] | None:
        verdicts = items(record, self.of)
        calls = items(record, self.call_ok) if self.call_ok else ()
        if verdicts is None or calls is None:
            return None
        met = set()
        for verdict in verdicts:
            item, holds, call = self._verdict(verdict)
            if holds is None:
                return None
            if call is not None and self.call_ok:
                # A judge may cite a call that never was, so that is no error of ours.
                made = 0 <= call < len(calls)
                if made and calls[call] is None:
                    return None
                holds = holds and made and calls[call]
            if holds and (call is not None or not self.pointed):
                met.add(item)
        return frozenset(met)

    def _verdict(self, entry: Any) -> tuple[str, Any, int | None]:
        if not isinstance(entry, tuple | list) or len(entry) not in (2, 3):
            raise EvidenceError(
                f"evidence '{self.of}' must hold (item, met) or (item, met, call), got {entry!r}."
            )
        item, holds = entry[0], entry[1]
        call = entry[2] if len(entry) == 3 else None
        if not isinstance(item, str) or item not in self._worth:
            raise EvidenceError(f"evidence '{self.of}': {unknown('item', str(item), self._worth)}")
        if holds not in (None, 0, 1) or not (call is None or type(call) is int):
            raise EvidenceError(
                f"evidence '{self.of}' must say true or false of '{item}' and point at a call's "
                f"position or nothing, got {entry!r}."
            )
        return item, holds, call
