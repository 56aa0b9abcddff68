"""GroupMean: the group's mean, for every rollout."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, batch
from envgym.rewards.group.groupmap import GroupUnary
from envgym.rewards.node import UP, Direction
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class GroupMean(GroupUnary):
    """Give every rollout its group's mean.

    Formula: y_i = mean_j x_j
    Source:  cookbook 1.2 (ours); the group accuracy of B10, the anchor of D11
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   that of x
    Laws:    equivariant under permutation, equal for all (L4); up (L3); G = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> GroupMean(Source("outcome", "episode")).over([1.0, 0.0, 0.5])
    (0.5, 0.5, 0.5)
    """

    kind: ClassVar[str] = "group.mean"

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the mean, once per rollout; values [G], finite."""
        return tuple(group_means(values, [0] * len(values)).tolist())

    @cached_property
    def bounds(self) -> Bounds:
        """Those of what it averages."""
        return self.of.total

    def directions(self) -> tuple[Direction, ...]:
        """Return "up"."""
        return (UP,)

    @property
    def formula(self) -> str:
        """For instance ``group_mean(outcome)``."""
        return f"group_mean({self.of.formula})"


def group_means(returns: ArrayLike, groups: ArrayLike, *, mask: ArrayLike | None = None) -> Floats:
    """Return every rollout's group mean, shape [N]; 0 where masked.

    >>> group_means([1, 0, 4], [0, 0, 1]).tolist()
    [0.5, 0.5, 4.0]
    """
    given = batch(returns, groups, mask, "group_means")
    out = np.zeros_like(given.values)
    for chosen in given.each():
        ordered = np.sort(given.values[chosen])  # the order of the rollouts changes nothing
        out[chosen] = ordered[0] if ordered[0] == ordered[-1] else ordered.mean()
    return out
