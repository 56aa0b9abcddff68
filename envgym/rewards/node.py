"""The node interface of the reward algebra; ``kinds.py`` has the kinds.

A node is a frozen value; what it remembers during an episode is a state that the caller keeps.
Records are a sequence of T + 1 mappings: record 0 is reset's evidence, record e + 1 that of
event e. A step node primes on record 0 (its value there is discarded).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Literal

from envgym.rewards.fields import check_fields
from envgym.rewards.phases import Phase, latest
from envgym.rewards.settled import (
    Note,
    Settled,
    of_series,
    renamed,
)
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope, Signal
from envgym.types.errors import ConfigError

State = Any
"""What one node remembers: immutable, picklable, of constant size."""

Direction = Literal["up", "down", "none"]
"""Effect of raising an input alone: never lowers, never raises, or no promise (law L3)."""

DEPTH = 100
"""Levels of nodes below each other, at most; deeper ones would exhaust Python's stack."""

UP: Direction = "up"
NO_PROMISE: Direction = "none"


@dataclass(frozen=True)
class Node:
    """One value of a reward program, per step or per episode."""

    kind: ClassVar[str] = ""
    """Name in JSON; unique among nodes."""
    own_phase: ClassVar[Phase] = "online"
    """The phase that this node itself needs; its children may need a later one."""

    name: str = field(default="", kw_only=True)
    """Component name in the ledger; empty: a name derived from what it reads."""

    def __post_init__(self) -> None:
        check_fields(self, Node)
        self.validate()

    def validate(self) -> None:
        """Check what annotations cannot say.

        Raises:
            ConfigError: naming the field, the value and what is allowed.
        """

    # What is known without an episode.

    @cached_property
    def children(self) -> tuple["Node", ...]:
        """The nodes it reads, in field order."""
        found: list[Node] = []
        for spec in fields(self):
            value = getattr(self, spec.name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(v for v in value if isinstance(v, Node))
        return tuple(found)

    def walk(self) -> Iterator["Node"]:
        """Yield this node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @cached_property
    def phase(self) -> Phase:
        """The latest of its own phase and its children's."""
        return latest([self.own_phase, *(child.phase for child in self.children)])

    @property
    def scope(self) -> Scope:
        """Whether it has a value per event or per episode."""
        raise NotImplementedError(f"{type(self).__name__} must define 'scope'")

    @property
    def label(self) -> str:
        """Its name in the ledger and in reasons."""
        return self.name or self.default_label

    @property
    def default_label(self) -> str:
        """The name it goes by when none was given."""
        return self.kind

    @property
    def formula(self) -> str:
        """The node as a one-line expression."""
        raise NotImplementedError(f"{type(self).__name__} must define 'formula'")

    @cached_property
    def bounds(self) -> Bounds:
        """Interval of its value: of each event's for a step node."""
        raise NotImplementedError(f"{type(self).__name__} must define 'bounds'")

    @cached_property
    def total(self) -> Bounds:
        """Interval of its value over the episode: of the sum for a step node."""
        return self.bounds if self.scope == "episode" else self.bounds.over_steps()

    def directions(self) -> tuple[Direction, ...]:
        """Return the effect of each child, in the order of ``children``."""
        return (NO_PROMISE,) * len(self.children)

    @cached_property
    def guarded(self) -> bool:
        """Whether an invalid signal below may be replaced by a number."""
        return self.kind == "on_invalid" or any(child.guarded for child in self.children)

    # One episode.

    def init(self) -> State:
        """Return the state before record 0."""
        return None

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the next state and the value at this record; None if it is invalid.

        Raises:
            ConfigError: if the node is not online.
        """
        raise ConfigError(
            f"'{self.label}' ({self.kind}) is {self.phase} and has no value inside step."
        )

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return (node, policy) of the invalid signals replaced at the last record."""
        return ()

    def explain(self, records: Sequence[Evidenced]) -> Settled:
        """Return the value and the parts that earned it; a name renames every part.

        Raises:
            InvalidSignal: if a source could not answer and no node above replaces it.
            EvidenceError: if a record lacks a key.
        """
        settled = self.attribute(records)
        return renamed(settled, self.name) if self.name else settled

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the value and its parts by the attribution rule of this kind of node."""
        return self.run(records)

    def settle(self, records: Sequence[Evidenced]) -> tuple[float | None, tuple[float, ...]]:
        """Return the value over the episode and its attribution [T]; (None, ()) if invalid.

        For a step node the attribution is its value at each event and the value their sum.
        """
        try:
            settled = self.explain(records)
        except InvalidSignal:
            return None, ()
        return settled.value, settled.attribution

    def run(self, records: Sequence[Evidenced]) -> Settled:
        """Settle an online node by stepping over ``records`` (law L11)."""
        state, _ = self.step(self.init(), records[0])
        series: list[float] = []
        notes: list[Note] = []
        for event, record in enumerate(records[1:]):
            state, value = self.step(state, record)
            if value is None:
                raise InvalidSignal(self.culprit(record) or self.label)
            series.append(value)
            if self.guarded:
                notes.extend(Note(event, *hit) for hit in self.hits(state))
        return of_series(self.label, series, notes)

    def culprit(self, record: Evidenced) -> str:
        """Return the label of the first source below that is invalid at ``record``, or ""."""
        for child in self.children:
            found = child.culprit(record)
            if found:
                return found
        return ""

    def signal(self, records: Sequence[Evidenced]) -> Signal:
        """Return what it says about one episode, for display and diagnosis."""
        value: float | tuple[float, ...] | None
        reason = None
        try:
            settled = self.explain(records)
            value = settled.attribution if self.scope == "step" else settled.value
        except InvalidSignal as invalid:
            value, reason = None, f"reward:{invalid.node}"
        return Signal(
            name=self.label,
            scope=self.scope,
            value=value,
            lo=self.bounds.lo,
            hi=self.bounds.hi,
            causal=self.phase == "online",
            reason=reason,
        )

    # Composition.

    def __add__(self, other: object) -> "Node":
        from envgym.rewards.fold.sum import Sum

        return Sum((self, other)) if isinstance(other, Node) else NotImplemented

    def __sub__(self, other: object) -> "Node":
        return self + (-other) if isinstance(other, Node) else NotImplemented

    def __mul__(self, other: object) -> "Node":
        from envgym.rewards.fold.product import Product
        from envgym.rewards.map.scale import Scale

        if isinstance(other, Node):
            return Product((self, other))
        if not isinstance(other, int | float):
            return NotImplemented
        if isinstance(self, Scale) and not self.name:
            return Scale(self.of, self.factor * other)
        return Scale(self, float(other))

    def __rmul__(self, other: object) -> "Node":
        return self * other if isinstance(other, int | float) else NotImplemented

    def __neg__(self) -> "Node":
        return self * -1.0

    def __gt__(self, threshold: float) -> "Node":
        from envgym.rewards.map.above import Above

        return Above(self, threshold)

    def __ge__(self, threshold: float) -> "Node":
        from envgym.rewards.map.above import Above

        return Above(self, threshold, strict=False)

    def __str__(self) -> str:
        return self.formula
