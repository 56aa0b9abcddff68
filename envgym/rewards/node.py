"""The node interface and the node kinds of the reward algebra.

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
    on_last,
    renamed,
    through,
    through_steps,
    weighted,
)
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope, Signal
from envgym.types.errors import ConfigError

State = Any
"""What one node remembers: immutable, picklable, of constant size."""

Direction = Literal["up", "down", "none"]
"""Effect of raising an input alone: never lowers, never raises, or no promise (law L3)."""

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
        raise NotImplementedError

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
        raise NotImplementedError

    @cached_property
    def bounds(self) -> Bounds:
        """Interval of its value: of each event's for a step node."""
        raise NotImplementedError

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
        return any(node.kind == "on_invalid" for node in self.walk())

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

    def __str__(self) -> str:
        return self.formula


@dataclass(frozen=True)
class Map(Node):
    """A function of one number: per event below a step node, else of the episode's value."""

    of: Node

    def value(self, x: float) -> float:
        """Return the image of one valid value."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """That of what it maps."""
        return self.of.scope

    @property
    def default_label(self) -> str:
        """The label of what it maps."""
        return self.of.label

    def init(self) -> State:
        """Return the child's state: the map itself remembers nothing."""
        return self.of.init()

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the child's state and the mapped value."""
        state, x = self.of.step(state, record)
        return state, None if x is None else self.value(x)

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return the replacements below."""
        return self.of.hits(state)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the mapped value, attributed by the one-argument rule."""
        below = self.of.explain(records)
        if self.scope == "step":
            return through_steps(self.label, below, self.value)
        return through(self.label, below, self.value(below.value))


@dataclass(frozen=True)
class Recall(Map):
    """A map of a causal step value that remembers one number, such as a difference."""

    def validate(self) -> None:
        """Refuse children without a value at every record."""
        if self.of.phase != "online":
            raise ConfigError(
                f"{type(self).__name__}.of must be an online step value; "
                f"'{self.of.label}' is {self.of.phase}."
            )

    def init(self) -> State:
        """Return None: record 0 makes the state (child's state, last valid number or None)."""
        return None

    def prime(self, record: Evidenced) -> tuple[State, float | None]:
        """Return the state after record 0 and 0.0, as nothing has changed yet."""
        inner, x = self.of.step(self.of.init(), record)
        return (inner, x), (None if x is None else 0.0)

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return the replacements below."""
        return self.of.hits(state[0])

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the values of stepping over the records."""
        return self.run(records)


@dataclass(frozen=True)
class Fold(Node):
    """A function of several values of one scope."""

    of: tuple[Node, ...]

    def validate(self) -> None:
        """Refuse an empty fold."""
        if not self.of:
            raise ConfigError(f"{type(self).__name__}.of needs at least one node.")

    def combine(self, values: Sequence[float]) -> float:
        """Return the value for one valid value per child."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """ "step" if every child is."""
        return "step" if all(child.scope == "step" for child in self.of) else "episode"

    def one_scope(self) -> None:
        """Refuse a mixture of step and episode values.

        Raises:
            ConfigError: naming one of each.
        """
        scopes = {child.scope: child.label for child in self.of}
        if len(scopes) > 1:
            raise ConfigError(
                f"{type(self).__name__}.of mixes the step value '{scopes['step']}' with the "
                f"episode value '{scopes['episode']}'; reduce the step value first, "
                "for instance with ReduceSum."
            )

    def init(self) -> State:
        """Return one state per child."""
        return tuple(child.init() for child in self.of)

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the children's states and the combined value."""
        pairs = [child.step(s, record) for child, s in zip(self.of, state, strict=True)]
        values = [value for _, value in pairs if value is not None]
        combined = self.combine(values) if len(values) == len(pairs) else None
        return tuple(s for s, _ in pairs), combined

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return the replacements below."""
        return tuple(hit for child, s in zip(self.of, state, strict=True) for hit in child.hits(s))

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the combined value; an episode value is earned by the last step."""
        below = [child.explain(records) for child in self.of]
        notes = [note for term in below for note in term.notes()]
        if self.scope == "step":
            columns = zip(*(term.attribution for term in below), strict=True)
            return of_series(self.label, [self.combine(column) for column in columns], notes)
        gates = tuple(gate for term in below for gate in term.gates)
        value = self.combine([term.value for term in below])
        return on_last(self.label, value, len(records) - 1, notes, gates)


@dataclass(frozen=True)
class Reduce(Node):
    """One number from a step value: a weighted sum over events, each event earning its term."""

    own_phase: ClassVar[Phase] = "terminal"

    of: Node

    def validate(self) -> None:
        """Refuse what is one number already."""
        if self.of.scope != "step":
            raise ConfigError(
                f"{type(self).__name__}.of must be a step value; '{self.of.label}' is one "
                "number per episode already."
            )

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return the weight [T] of each event's value; T is at least 1."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """Always "episode"."""
        return "episode"

    @property
    def default_label(self) -> str:
        """The label of what it reduces."""
        return self.of.label

    @property
    def formula(self) -> str:
        """For instance ``reduce.mean(progress)``."""
        return f"{self.kind}({self.of.formula})"

    def directions(self) -> tuple[Direction, ...]:
        """Return "up": no reduction has negative weights."""
        return ("up",)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the weighted sum, attributed to its terms."""
        below = self.of.explain(records)
        series = below.attribution
        return weighted(below, self.weights(series)) if series else below


@dataclass(frozen=True)
class Spread(Node):
    """Says which turns earned an episode's value, instead of the rule."""

    own_phase: ClassVar[Phase] = "terminal"

    of: Node

    def shares(self, records: Sequence[Evidenced]) -> tuple[float, ...]:
        """Return non-negative shares [T] that sum to 1; T is at least 1."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """ "step": after spreading every event has a value, known at the end."""
        return "step"

    @property
    def default_label(self) -> str:
        """The label of what it spreads."""
        return self.of.label

    @property
    def formula(self) -> str:
        """For instance ``spread.uniform(outcome)``."""
        return f"{self.kind}({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """A share of the value lies between 0 and the value."""
        return self.of.total.hull(Bounds(0.0, 0.0))

    @cached_property
    def total(self) -> Bounds:
        """Spreading keeps the sum."""
        return self.of.total

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for the value and no promise for weights."""
        return (UP, *(NO_PROMISE,) * (len(self.children) - 1))

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the child's value, every part spread by the same shares."""
        below = self.of.explain(records)
        if len(records) < 2:
            return below
        shares = self.shares(records)
        parts = []
        for part in below.parts:
            amount = sum(part.amounts)
            moved = tuple(n._replace(event=len(records) - 2) for n in part.notes)
            parts.append(part._replace(amounts=tuple(amount * s for s in shares), notes=moved))
        return below._replace(parts=tuple(parts), series=None)
