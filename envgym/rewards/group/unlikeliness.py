"""Unlikeliness: among correct rollouts, those the policy found least likely earn most."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, row, rows_of_one_length
from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import NO_PROMISE, UP, Direction, Node
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


def unlikeliness(returns: ArrayLike, logprobs: ArrayLike, beta: float = 0.25) -> Floats:
    """Return the returns of one group, lowered by the likelihood's rank: the shared kernel.

    Formula: r'_i = r_i (1 - beta rank_i / G), rank 0 for the least likely rollout
    Source:  cookbook B12, arXiv 2506.02355~ (seen: AndreHe02/rewarding-unlikely-release)
    Shapes:  r, mean log-probabilities per token, r': float64 [G]
    Range:   [(1 - beta) r, r]; a return of 0 stays 0
    Laws:    equivariant under permutation (L4): rollouts of one likelihood share the lower rank
             (ours); beta 0: identity (L8); only the order of the log-probabilities counts

    Apply it before the group is normalised. Fails where the verifier has false positives: it
    then amplifies garbage.

    Args:
        returns: at least 0, one per rollout.
        logprobs: mean token log-probability of each rollout when it was sampled.
        beta: 0 to 1.

    >>> unlikeliness([1, 1, 0, 1], [-0.2, -0.9, -0.5, -0.4]).tolist()
    [0.8125, 1.0, 0.0, 0.875]
    """
    _check(beta)
    values, likely = row(returns), row(logprobs, "logprobs")
    rows_of_one_length("unlikeliness: returns and logprobs", values, likely)
    if np.any(values < 0):
        raise ConfigError(
            f"unlikeliness needs returns of at least 0, got {values.min():g}: a rank would make "
            "a negative one better."
        )
    if not values.size:
        return values.copy()
    rank = np.searchsorted(np.sort(likely), likely, side="left")
    return np.asarray(values * (1 - beta * rank / values.size), dtype=np.float64)


@dataclass(frozen=True)
class Unlikeliness(GroupMap):
    """Lower the reward of rollouts that the policy found likely.

    Formula: that of ``unlikeliness``
    Source:  cookbook B12, arXiv 2506.02355~ (seen: AndreHe02/rewarding-unlikely-release)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   [(1 - beta) lo, hi] of the reward's bounds
    Laws:    those of ``unlikeliness``; up in the reward (L3); no promise in the likelihood

    >>> from envgym.rewards import Program, Source, score
    >>> node = Unlikeliness(Source("right", "episode", 0, 1), Source("mean_logprob", "episode"))
    >>> ends = [{"right": 1, "mean_logprob": x, "end": "task"} for x in (-0.2, -0.9)]
    >>> [each.total for each in score([[{"end": None}, e] for e in ends], Program("rare", node))]
    [0.875, 1.0]
    """

    kind: ClassVar[str] = "group.unlikeliness"

    of: Node
    """The reward, at least 0."""
    likelihood: Node
    """Mean token log-probability of the rollout when it was sampled, as an episode value."""
    beta: float = 0.25
    """How much the likeliest loses at most; 0 to 1."""

    def validate(self) -> None:
        """Refuse a reward that may be negative and a beta outside [0, 1]."""
        _check(self.beta)
        if self.of.total.lo < 0:
            raise ConfigError(
                f"Unlikeliness.of must be a reward of at least 0; '{self.of.label}' has "
                f"{self.of.total}, so declare its bounds or clip it."
            )

    def compare(self, group: Group) -> Sequence[Share]:
        """Return the lowered rewards."""
        return unlikeliness(group.values(0), group.values(1), self.beta).tolist()  # type: ignore[no-any-return]

    @cached_property
    def bounds(self) -> Bounds:
        """The reward's, lowered."""
        return Bounds((1 - self.beta) * self.of.total.lo, self.of.total.hi)

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for the reward."""
        return (UP, NO_PROMISE)

    @property
    def formula(self) -> str:
        """For instance ``unlikeliness(outcome, mean_logprob, 0.25)``."""
        return f"unlikeliness({self.of.formula}, {self.likelihood.formula}, {self.beta:g})"


def _check(beta: float) -> None:
    if not 0 <= beta <= 1:
        raise ConfigError(f"unlikeliness.beta must be in [0, 1], got {beta!r}.")
