"""OnInvalid: a number, chosen on purpose, in the place of an invalid signal."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from envgym.rewards.kinds import Map
from envgym.rewards.node import Direction, State
from envgym.rewards.settled import Note, Settled, of_series, on_last
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class OnInvalid(Map):
    """Replace an invalid signal; without this node the whole score is invalid.

    Formula: floor: lo; neutral: (lo + hi) / 2; drop: the channel leaves the Mean around it,
             whose other weights are normalised again
    Source:  cookbook 1.4 (ours)
    Shapes:  as x
    Range:   the bounds of x
    Laws:    valid signals pass unchanged (L8); every replacement is a note in the ledger

    >>> from envgym.rewards import Source
    >>> OnInvalid(Source("judge", lo=0, hi=1), "neutral").settle([{"judge": 0}, {"judge": None}])
    (0.5, (0.5,))
    """

    kind: ClassVar[str] = "on_invalid"

    policy: Literal["floor", "neutral", "drop"] = "floor"
    """What stands in. floor: fail closed."""

    def validate(self) -> None:
        """Refuse a stand-in that is not a finite number."""
        bounds = self.of.bounds
        if self.policy == "floor" and bounds.lo == float("-inf"):
            raise ConfigError(
                f"OnInvalid.policy 'floor' needs a lower bound; '{self.of.label}' has {bounds}."
            )
        if self.policy == "neutral" and not bounds.finite:
            raise ConfigError(
                f"OnInvalid.policy 'neutral' needs finite bounds; '{self.of.label}' has {bounds}."
            )

    @cached_property
    def stand_in(self) -> float | None:
        """The number used; None for drop."""
        if self.policy == "drop":
            return None
        bounds = self.of.bounds
        return bounds.lo if self.policy == "floor" else 0.5 * (bounds.lo + bounds.hi)

    def value(self, x: float) -> float:
        """Return x."""
        return x

    @property
    def formula(self) -> str:
        """For instance ``judge?floor``."""
        return f"{self.of.formula}?{self.policy}"

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds

    def directions(self) -> tuple[Direction, ...]:
        """Return "up": raising a valid signal."""
        return ("up",)

    def init(self) -> State:
        """Return (child's state, nothing replaced)."""
        return self.of.init(), False

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the child's value or the stand-in."""
        inner, x = self.of.step(state[0], record)
        return (inner, x is None), (self.stand_in if x is None else x)

    def hits(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return its own replacement at the last record and those below."""
        own = ((self.label, self.policy),) if state[1] else ()
        return (*own, *self.of.hits(state[0]))

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the child's settlement with stand-ins where it is invalid."""
        if self.phase == "online":
            return self.run(records)
        length = len(records) - 1
        try:
            return self.of.explain(records)
        except InvalidSignal:
            if self.stand_in is None:
                raise
        if self.scope == "step":
            notes = [Note(event, self.label, self.policy) for event in range(length)]
            return of_series(self.label, (self.stand_in,) * length, notes)
        note = Note(length - 1, self.label, self.policy)
        return on_last(self.label, self.stand_in, length, [note])
