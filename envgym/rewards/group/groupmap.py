"""GroupMap: what compares the rollouts of one task, and what it is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any, ClassVar

from envgym.rewards.node import Node
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series, on_last
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope
from envgym.types.compare import Candidate, Comparator
from envgym.types.errors import ConfigError

Share = float | tuple[float, ...] | None
"""What one member gets: a number, one number per event where the scope is "step", or None if the
comparison could not answer for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One valid rollout of a group, with the values of the group node's children."""

    candidate: Candidate
    """Its id, records and transcript."""
    values: tuple[float, ...]
    """Per child of the group node, in the order of ``children``: its value over the episode."""
    series: tuple[tuple[float, ...], ...]
    """Per child: its attribution [T], which for a step child is its value at each event."""

    @property
    def id(self) -> str:
        """The rollout's id."""
        return self.candidate.id

    @property
    def last(self) -> Evidenced:
        """Evidence of the last record."""
        return self.candidate.records[-1]

    @property
    def length(self) -> int:
        """Number of events."""
        return len(self.candidate.records) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The valid members of one group, sorted by id, and what a comparison may use."""

    members: tuple[Member, ...]
    comparators: Mapping[str, Comparator] = field(default_factory=dict)
    """By the name that a program's nodes use."""
    seed: int = 0
    """Drives every draw, together with ids; never positions."""
    report: dict[str, Any] = field(default_factory=dict)
    """Where a node leaves what a reader wants to know (comparisons, ranks), by its ``key``."""

    def values(self, child: int = 0) -> list[float]:
        """Return one child's value per member."""
        return [member.values[child] for member in self.members]

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True)
class GroupMap(Node):
    """A function of all valid rollouts of one task.

    It runs when the group is complete: ``envgym.rewards.score`` or ``GroupVectorEnv`` call
    ``compare`` and put every member's share into its last record as late evidence under
    ``key``, where ``attribute`` finds it. So group nodes nest and combine like any others.
    """

    own_phase: ClassVar[Phase] = "group"

    def compare(self, group: Group) -> Sequence[Share]:
        """Return one share per member, in order; ``group`` may be empty or have one member."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """ "episode", unless the subclass gives every event its share."""
        return "episode"

    @property
    def reads(self) -> frozenset[str]:
        """Evidence keys it reads itself, beside its children's."""
        return frozenset()

    @property
    def key(self) -> str:
        """Key of the late evidence that holds a member's share."""
        return f"group:{self.formula}"

    @property
    def default_label(self) -> str:
        """Its kind without the folder."""
        return self.kind.rpartition(".")[2]

    @property
    def formula(self) -> str:
        """For instance ``win_rate(outcome)``."""
        return f"{self.default_label}({', '.join(c.formula for c in self.children)})"

    @cached_property
    def bounds(self) -> Bounds:
        """No bound is promised unless the subclass knows one: it depends on the group."""
        return Bounds(-inf, inf)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the share that the closed group left in the last record."""
        try:
            share = records[-1][self.key]
        except KeyError:
            raise ConfigError(
                f"'{self.label}' compares the rollouts of one task: use GroupVectorEnv, or "
                "envgym.rewards.score on recorded episodes."
            ) from None
        if share is None:
            raise InvalidSignal(self.label)
        if self.scope == "step":
            return of_series(self.label, [float(x) for x in share])
        return on_last(self.label, float(share), len(records) - 1)


@dataclass(frozen=True)
class GroupUnary(GroupMap):
    """A group map of one value per rollout."""

    of: Node

    def over(self, values: Sequence[float]) -> Sequence[float]:
        """Return one share per value; values [G], finite, sorted by rollout id."""
        raise NotImplementedError

    def compare(self, group: Group) -> Sequence[Share]:
        """Return the shares of the members' values."""
        return self.over(group.values()) if len(group) else ()

    @property
    def default_label(self) -> str:
        """The label of what it compares."""
        return self.of.label
