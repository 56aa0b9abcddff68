"""The node kinds: Map, Fold, Reduce and Spread; Source and the group nodes have their own files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.node import NO_PROMISE, UP, Direction, Node, State
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series, on_last, through, through_steps, weighted
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Unary(Node):
    """A node above one other, which gives it its label."""

    of: Node

    @property
    def default_label(self) -> str:
        """The label of what it stands on."""
        return self.of.label

    @property
    def formula(self) -> str:
        """For instance ``reduce.mean(progress)``."""
        return f"{self.kind}({self.of.formula})"


@dataclass(frozen=True)
class Map(Unary):
    """A function of one number: per event below a step node, else of the episode's value."""

    def value(self, x: float) -> float:
        """Return the image of one valid value."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """That of what it maps."""
        return self.of.scope

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
class Reduce(Unary):
    """One number from a step value: a weighted sum over events, each event earning its term."""

    own_phase: ClassVar[Phase] = "terminal"

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

    def directions(self) -> tuple[Direction, ...]:
        """Return "up": no reduction has negative weights."""
        return ("up",)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the weighted sum, attributed to its terms."""
        below = self.of.explain(records)
        series = below.attribution
        return weighted(below, self.weights(series)) if series else below


@dataclass(frozen=True)
class Spread(Unary):
    """Says which turns earned an episode's value, instead of the rule."""

    own_phase: ClassVar[Phase] = "terminal"

    def shares(self, records: Sequence[Evidenced]) -> tuple[float, ...]:
        """Return non-negative shares [T] that sum to 1; T is at least 1."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """ "step": after spreading every event has a value, known at the end."""
        return "step"

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
