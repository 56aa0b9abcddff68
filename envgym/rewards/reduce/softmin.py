"""ReduceSoftmin: nearly the worst step decides; and what PURE's trainer does with such rewards."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, fsum
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.kinds import Reduce
from envgym.rewards.node import NO_PROMISE, Direction
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReduceSoftmin(Reduce):
    """Step scores weighted by how bad they are.

    Formula: w = softmax(-p / T); R = sum_t w_t * p_t
    Source:  cookbook C8, PURE, arXiv 2504.15275~ (seen: CJReinforce/PURE, with T = 0.1)
    Shapes:  p [T], R scalar; event t earns w_t * p_t
    Range:   that of p: min p <= R <= mean p, and R - min p <= T * (n - 1) / e
    Laws:    no direction: raising one step may lower R, as weight moves (L3); a good step added
             never lifts R above the worst step's level plus that gap; T = 1 event: identity (L8)

    Repeating a good step gains nothing. One noisy low score owns the episode.

    >>> from envgym.rewards import Source
    >>> node = ReduceSoftmin(Source("score", lo=-1, hi=1))
    >>> scores = [{"score": s} for s in (0, 0.9, 0.8, -0.6, 0.7)]
    >>> round(node.settle(scores)[0], 4)
    -0.6
    """

    kind: ClassVar[str] = "reduce.softmin"

    temperature: float = 0.1
    """T, in the unit of the scores; more than 0; towards 0 it becomes ReduceMin."""

    def validate(self) -> None:
        """Refuse a temperature that is not positive."""
        super().validate()
        if not self.temperature > 0:
            raise ConfigError(
                f"ReduceSoftmin.temperature must be more than 0, got {self.temperature}."
            )

    def weights(self, series: Sequence[float]) -> Sequence[float]:
        """Return the softmax of the negated scores."""
        worst = min(series)
        raised = [exp((worst - x) / self.temperature) for x in series]
        whole = fsum(raised)
        return [x / whole for x in raised]

    def directions(self) -> tuple[Direction, ...]:
        """Return no promise."""
        return (NO_PROMISE,)

    @cached_property
    def bounds(self) -> Bounds:
        """The child's."""
        return self.of.bounds


def softmin_rewards(scores: ArrayLike, mask: ArrayLike, temperature: float = 0.1) -> Floats:
    """Return the step rewards of several rollouts: each step's score times its weight.

    Formula: r_t = w_t * p_t, w = softmax(-p / T) over a rollout's steps
    Source:  cookbook C8 (seen: CJReinforce/PURE)
    Shapes:  scores float [N, T], mask bool [N, T]; returns float64 [N, T]
    Laws:    0 where the mask is False, whatever stands there (L9); a rollout without a step: zeros

    Raises:
        ConfigError: for shapes that differ, a valid score that is not finite, or a temperature
            that is not positive.

    >>> softmin_rewards([[0.9, -0.6, 9.0]], [[True, True, False]]).round(3).tolist()
    [[0.0, -0.6, 0.0]]
    """
    values, valid = _masked(scores, mask, "softmin_rewards")
    if not temperature > 0:
        raise ConfigError(f"softmin_rewards.temperature must be more than 0, got {temperature!r}.")
    if values.size == 0:
        return values
    worst = np.where(valid, values, np.inf).min(axis=1, keepdims=True)
    worst = np.where(np.isfinite(worst), worst, 0.0)
    raised = np.where(valid, np.exp(np.where(valid, worst - values, 0.0) / temperature), 0.0)
    whole = raised.sum(axis=1, keepdims=True)
    return np.asarray(raised / np.where(whole > 0, whole, 1.0) * values, dtype=np.float64)


def less_step_baseline(rewards: ArrayLike, mask: ArrayLike) -> Floats:
    """Return one group's step rewards less the mean step reward of the other rollouts.

    Formula: r_it - mean_{j != i} (sum_t r_jt / n_j), n_j the number of steps of rollout j
    Source:  cookbook C8 (seen: CJReinforce/PURE, its baseline per step)
    Shapes:  rewards float [G, T], mask bool [G, T]; returns float64 [G, T]
    Laws:    0 where masked (L9); equivariant under permutation (L4); a rollout's own rewards are
             not in its baseline; rollouts without a step do not count; with fewer than two that
             do, there is nothing to compare with: zeros (L2)

    >>> less_step_baseline([[1.0, 0.0], [0.25, 0.0]], [[1, 1], [1, 0]]).tolist()
    [[0.75, -0.25], [-0.25, 0.0]]
    """
    values, valid = _masked(rewards, mask, "less_step_baseline")
    steps = valid.sum(axis=1)
    counts = steps > 0
    if counts.sum() < 2:
        return np.zeros_like(values)
    means = np.where(counts, values.sum(axis=1) / np.maximum(steps, 1), 0.0)
    others = (means.sum() - means) / (counts.sum() - 1)
    return np.where(valid, values - others[:, None], 0.0)


def plus_verifiable(
    rewards: ArrayLike, mask: ArrayLike, correct: ArrayLike, coefficient: float = 1.0
) -> Floats:
    """Return one group's step rewards with the verified outcome added to each last step.

    Formula: v_i = y_i - 1 in {-1, 0}; the last step of i gains c * (v_i - mean_{j != i} v_j)
    Source:  cookbook C8 (seen: CJReinforce/PURE, which centres v the same way); the source does
             so for about a tenth of its prompts, which ones is the caller's choice
    Shapes:  rewards float [G, T], mask bool [G, T], correct 0 or 1 [G]
    Laws:    equal outcomes, or G = 1: unchanged (L2); 0 where masked (L9)

    >>> plus_verifiable([[0.5, 0.0], [0.5, 0.0]], [[1, 1], [1, 1]], [1, 0]).tolist()
    [[0.5, 1.0], [0.5, -1.0]]
    """
    values, valid = _masked(rewards, mask, "plus_verifiable")
    outcome = np.asarray(correct, dtype=np.float64)
    if outcome.shape != values.shape[:1] or not np.all((outcome == 0) | (outcome == 1)):
        raise ConfigError(
            "plus_verifiable.correct must be one 0 or 1 per rollout, got "
            f"{np.asarray(correct).tolist()!r} for {len(values)}."
        )
    counts = valid.any(axis=1)
    out = values.copy()
    if counts.sum() < 2:
        return out
    less = np.where(counts, outcome - 1.0, 0.0)
    others = (less.sum() - less) / (counts.sum() - 1)
    last = valid.shape[1] - 1 - np.argmax(valid[:, ::-1], axis=1)
    rows = np.flatnonzero(counts)
    out[rows, last[rows]] += coefficient * (less - others)[rows]
    return out


def _masked(values: ArrayLike, mask: ArrayLike, function: str) -> tuple[Floats, NDArray[np.bool_]]:
    table = np.asarray(values, dtype=np.float64)
    valid = np.asarray(mask, dtype=bool)
    if table.ndim != 2 or valid.shape != table.shape:
        raise ConfigError(
            f"{function} needs scores and mask of one shape [N, T], got {table.shape} and "
            f"{valid.shape}."
        )
    table = np.where(valid, table, 0.0)
    if not np.all(np.isfinite(table)):
        raise ConfigError(f"{function} needs finite scores; mask invalid steps.")
    return table, valid
