"""Gate: one of two values, decided by a third."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from envgym.rewards.node import Direction, Node
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, behind
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Gate(Node):
    """Pay one branch or the other.

    Formula: y = then if when > 0 else otherwise
    Source:  cookbook 1.2, the building block of C2 and C4 (ours)
    Shapes:  episode scalars; a step value in a branch enters as its sum
    Range:   hull of the branches
    Laws:    up in both branches; up in the condition if every ``then`` is at least every
             ``otherwise`` (L3); the branch not taken is never read, so it may be invalid;
             condition always true: ``then`` (L8)

    >>> from envgym.rewards import Source
    >>> won = Source("outcome", "episode") > 0.5
    >>> gate = Gate(won, Source("steps", "episode"))
    >>> gate.settle([{}, {"outcome": 0.0, "steps": 0.8}])
    (0.0, (0.0,))
    """

    kind: ClassVar[str] = "gate"
    own_phase: ClassVar[Phase] = "terminal"

    when: Node
    """Open where this episode value is above 0."""
    then: Node
    """Paid when open."""
    otherwise: Node = field(default=Constant(0.0))
    """Paid when closed."""

    def validate(self) -> None:
        """Refuse a condition that is not one number."""
        if self.when.scope != "episode":
            raise ConfigError(
                f"Gate.when must be an episode value; '{self.when.label}' is a step value, "
                "so reduce it first, for instance with ReduceLast."
            )

    @property
    def scope(self) -> Scope:
        """Always "episode"."""
        return "episode"

    @property
    def formula(self) -> str:
        """For instance ``gate([outcome > 0], steps, 0)``."""
        return f"gate({self.when.formula}, {self.then.formula}, {self.otherwise.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """Those of the branches that the condition's bounds allow."""
        if self.when.bounds.lo > 0:
            return self.then.total
        if self.when.bounds.hi <= 0:
            return self.otherwise.total
        return self.then.total.hull(self.otherwise.total)

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for branches, and for the condition if opening never costs."""
        apart = self.then.total.lo >= self.otherwise.total.hi
        return ("up" if apart else "none", "up", "up")

    def explain(self, records: Sequence[Evidenced]) -> Settled:
        """Return what the branch says; the gate's name marks its parts and renames none."""
        return self.attribute(records)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the settlement of the branch taken, marked with this gate."""
        is_open = self.when.explain(records).value > 0
        branch = self.then if is_open else self.otherwise
        return behind(self.label, is_open, branch.explain(records))
