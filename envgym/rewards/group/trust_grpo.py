"""Trust-GRPO: thinking scores count as far as they agree with the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, inf
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, row, rows_of_one_length
from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


def trust(outcomes: ArrayLike, thinking: ArrayLike, correct_from: float = 0.5) -> float:
    """Return how far a group's thinking scores may be trusted.

    Formula: gamma = min(1, exp(mean(h | correct) - mean(h | wrong)))
    Source:  cookbook B15, arXiv 2505.17018~ (seen: kxfan2002/SophiaVL-R1); ``correct_from`` is ours
    Range:   [1/e, 1] for h in [0, 1]; 0 where all are correct or all are wrong

    >>> round(trust([1, 1, 0, 0], [0.3, 0.3, 0.5, 0.5]), 4)
    0.8187
    """
    values, scores = _rows(outcomes, thinking)
    right = values >= correct_from
    if right.all() or not right.any():
        return 0.0
    # Sorted, so that the order of the rollouts changes nothing.
    gap = np.sort(scores[right]).mean() - np.sort(scores[~right]).mean()
    return 1.0 if gap >= 0 else exp(gap)


def thinking_weight(step: float, start: float = 0.3, decay: float = 500.0) -> float:
    """Return the weight of the thinking term at a training step.

    Formula: start exp(-step / decay)
    Source:  cookbook B15 (seen: kxfan2002/SophiaVL-R1), 0.3 and 500

    >>> round(thinking_weight(250), 4), round(thinking_weight(250) * 0.8187, 4)
    (0.182, 0.149)
    """
    if not 0 <= step < inf:
        raise ConfigError(f"trust_grpo.step must be at least 0, got {step!r}.")
    if not 0 <= start < inf:
        raise ConfigError(f"trust_grpo.start must be at least 0, got {start!r}.")
    if not 0 < decay < inf:
        raise ConfigError(f"trust_grpo.decay must be more than 0, got {decay!r}.")
    return start * exp(-step / decay)


def trust_grpo(
    outcomes: ArrayLike,
    thinking: ArrayLike,
    step: float = 0.0,
    *,
    start: float = 0.3,
    decay: float = 500.0,
    paid_from: float = 0.2,
    correct_from: float = 0.5,
) -> Floats:
    """Return the rewards of one group: the shared kernel.

    Formula: R_i = y_i + start exp(-step / decay) gamma h_i, gamma of ``trust``; h_i counts as 0
             where y_i < paid_from
    Source:  cookbook B15, Trust-GRPO, arXiv 2505.17018~ (seen: kxfan2002/SophiaVL-R1);
             ``correct_from`` is ours
    Shapes:  y, h, R: float64 [G]
    Range:   [y, y + start]; [0, 1.3] for y in [0, 1]
    Laws:    equivariant under permutation (L4); all correct or all wrong, G = 1: y (L2); late
             steps: y (L8)

    Fails: gamma is noisy for small groups.

    Args:
        outcomes: outcome of each rollout.
        thinking: score in [0, 1] of each rollout's reasoning.
        step: training step.
        start: weight at step 0.
        decay: steps after which the weight has fallen by e.
        paid_from: below this outcome the reasoning earns nothing.
        correct_from: outcome that counts as correct for the comparison.

    >>> trust_grpo([1, 0, 1, 0], [0.3, 0.5, 0.3, 0.5], 250).round(4).tolist()
    [1.0447, 0.0, 1.0447, 0.0]
    """
    values, scores = _rows(outcomes, thinking)
    if not values.size:
        return values.copy()
    factor = thinking_weight(step, start, decay) * trust(values, scores, correct_from)
    return np.asarray(values + factor * np.where(values < paid_from, 0.0, scores))


@dataclass(frozen=True)
class TrustGRPO(GroupMap):
    """Add the reasoning's score to the outcome, as far as the group lets it be trusted.

    Formula: that of ``trust_grpo``
    Source:  cookbook B15, Trust-GRPO, arXiv 2505.17018~ (seen: kxfan2002/SophiaVL-R1)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   [lo, hi + weight] of the outcome's bounds
    Laws:    those of ``trust_grpo``; no monotonicity is promised: a better thought among the
             wrong rollouts lowers the trust of all

    The step is a field, so a program belongs to one training step: build it anew from the
    schedule.

    >>> from envgym.rewards import Program, Source, score
    >>> node = TrustGRPO(Source("right", "episode", 0, 1), Source("thought", "episode", 0, 1))
    >>> ends = [{"right": y, "thought": 0.5, "end": "task"} for y in (1.0, 0.0)]
    >>> [each.total for each in score([[{"end": None}, e] for e in ends], Program("trust", node))]
    [1.15, 0.0]
    """

    kind: ClassVar[str] = "group.trust_grpo"

    outcome: Node
    """Episode value."""
    thinking: Node
    """Score of the reasoning in [0, 1], an episode value."""
    at: float = 0.0
    """Training step."""
    start: float = 0.3
    """Weight at step 0."""
    decay: float = 500.0
    """Steps after which the weight has fallen by e."""
    paid_from: float = 0.2
    """Below this outcome the reasoning earns nothing."""
    correct_from: float = 0.5
    """Outcome that counts as correct for the comparison."""

    def validate(self) -> None:
        """Refuse a schedule without sense and a thinking score outside [0, 1]."""
        thinking_weight(self.at, self.start, self.decay)
        lo, hi = self.thinking.total.lo, self.thinking.total.hi
        if lo < 0 or hi > 1:
            raise ConfigError(
                f"TrustGRPO.thinking must be in [0, 1]; '{self.thinking.label}' has "
                f"{self.thinking.total}, so declare its bounds or clip it."
            )

    def compare(self, group: Group) -> Sequence[Share]:
        """Return outcome plus trusted thinking."""
        outcomes, thinking = group.values(0), group.values(1)
        shares = trust_grpo(
            outcomes,
            thinking,
            self.at,
            start=self.start,
            decay=self.decay,
            paid_from=self.paid_from,
            correct_from=self.correct_from,
        )
        gamma = trust(outcomes, thinking, self.correct_from) if len(group) else 0.0
        group.report[self.key] = {"trust": gamma}
        return shares.tolist()  # type: ignore[no-any-return]

    @cached_property
    def bounds(self) -> Bounds:
        """The outcome's, and the weight above."""
        weight = thinking_weight(self.at, self.start, self.decay)
        return self.outcome.total + Bounds(0.0, weight)

    @property
    def formula(self) -> str:
        """For instance ``trust_grpo(outcome, thought, 0.3, 0.2, 0.5)``."""
        weight = thinking_weight(self.at, self.start, self.decay)
        return (
            f"trust_grpo({self.outcome.formula}, {self.thinking.formula}, {weight:g}, "
            f"{self.paid_from:g}, {self.correct_from:g})"
        )


def _rows(outcomes: ArrayLike, thinking: ArrayLike) -> tuple[Floats, Floats]:
    values, scores = row(outcomes, "outcomes"), row(thinking, "thinking scores")
    rows_of_one_length("trust_grpo: outcomes and thinking scores", values, scores)
    if np.any((scores < 0) | (scores > 1)):
        raise ConfigError(
            f"thinking scores must be in [0, 1], got {scores.min():g} to {scores.max():g}."
        )
    return values, scores
