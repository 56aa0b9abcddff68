"""GroupNormalised: an episode's value compared with the other rollouts of its task."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar, Literal

from envgym.rewards.kinds import Unary
from envgym.rewards.phases import Phase
from envgym.rewards.signal import Bounds, Scope


@dataclass(frozen=True)
class GroupNormalised(Unary):
    """Normalise a value over the rollouts of one task.

    Formula: that of the estimator, see ``envgym.rewards.group.normalise``
    Source:  cookbook D1
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   unbounded; sums to 0 over a group
    Laws:    equivariant under permutation (L4); invalid rollouts neither count nor score

    Runs when the group is complete, never inside ``step``: ``envgym.rewards.score``.

    >>> from envgym.rewards import Source
    >>> GroupNormalised(Source("outcome", "episode"), "dr_grpo").compare([1.0, 0.0])
    (0.5, -0.5)
    """

    kind: ClassVar[str] = "group.normalised"
    own_phase: ClassVar[Phase] = "group"

    estimator: Literal["grpo", "dr_grpo", "rloo"] = "rloo"
    """Which normaliser."""

    def compare(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], finite."""
        from envgym.rewards.group.normalise import estimator

        return tuple(estimator(self.estimator)(values).tolist())

    @property
    def scope(self) -> Scope:
        """Always "episode"."""
        return "episode"

    @property
    def formula(self) -> str:
        """For instance ``rloo(outcome)``."""
        return f"{self.estimator}({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """No bound is promised: it depends on the group."""
        return Bounds(-inf, inf)
