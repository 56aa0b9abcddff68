"""GroupNormalised: an episode's value compared with the other rollouts of its task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from envgym.rewards.group.groupmap import GroupUnary


@dataclass(frozen=True)
class GroupNormalised(GroupUnary):
    """Normalise a value over the rollouts of one task.

    Formula: that of the estimator, see ``envgym.rewards.group.normalise``
    Source:  cookbook D1
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   unbounded; sums to 0 over a group
    Laws:    equivariant under permutation (L4); invalid rollouts neither count nor score

    Runs when the group is complete, never inside ``step``: ``GroupVectorEnv`` or
    ``envgym.rewards.score``.

    >>> from envgym.rewards import Source
    >>> GroupNormalised(Source("outcome", "episode"), "dr_grpo").over([1.0, 0.0])
    (0.5, -0.5)
    """

    kind: ClassVar[str] = "group.normalised"

    estimator: Literal["grpo", "dr_grpo", "rloo"] = "rloo"
    """Which normaliser."""

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], finite."""
        from envgym.rewards.group.normalise import estimator

        return tuple(estimator(self.estimator)(values).tolist())

    @property
    def formula(self) -> str:
        """For instance ``rloo(outcome)``."""
        return f"{self.estimator}({self.of.formula})"
