"""Confidence intervals of actions from what was revealed, and how many actions they rule out."""

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types.bandit import Outcome, Problem


class Intervals:
    """Running means of a batch's actions, with the radius of Optimistic Feasible Search.

    Formula: rad_k = c * s * sqrt(2 L / N_k), L = log(2 A T / delta); an action is ruled out once a
        residual's lower bound is above 0, or its reward's upper bound is below the lower bound of
        one whose residuals' upper bounds are all at most 0
    Source:  [7] arXiv 2512.22313 (seen in words; formulas inferred)
    Shapes:  N, means [B, A]; residual means [B, M, A]

    Ruling out is kept: an action never comes back.

    Args:
        problem: with at least one action.
        batch: B.
        radius: c, more than 0.
        delta: failure probability of all intervals together, 0 to 1.
    """

    def __init__(
        self, problem: Problem, batch: int, radius: float = 0.25, delta: float = 0.05
    ) -> None:
        size = (batch, problem.actions)
        self._tall = np.array([problem.scale, *problem.residual_scales])
        self._c = radius * (2 * log(2 * problem.actions * max(problem.horizon, 1) / delta)) ** 0.5
        self.count: NDArray[Any] = np.zeros(size)
        """Revealed rounds per action."""
        self.total: NDArray[Any] = np.zeros((1 + len(problem.residuals), *size))
        """Sums of reward and residuals, [1 + M, B, A]."""
        self.out: NDArray[Any] = np.zeros(size, dtype=bool)
        """Actions ruled out so far."""

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take what was revealed; plain numbers are a batch of one."""
        for outcome in outcomes:
            seen = np.atleast_1d(np.asarray(outcome.round)) >= 0
            values = [outcome.reward, *outcome.residuals][: len(self.total)]
            if np.ndim(outcome.reward) - np.ndim(outcome.round) == 1:  # full feedback
                self.count[seen] += 1
                for total, value in zip(self.total, values, strict=True):
                    total[seen] += np.atleast_2d(np.asarray(value))[seen]
                continue
            rows = np.nonzero(seen)[0]
            at = (rows, np.atleast_1d(np.asarray(outcome.action))[rows])
            self.count[at] += 1
            for total, value in zip(self.total, values, strict=True):
                total[at] += np.atleast_1d(np.asarray(value))[rows]

    def reset(self, rows: NDArray[Any]) -> None:
        """Forget these rows."""
        self.count[rows] = 0
        self.total[:, rows] = 0
        self.out[rows] = False

    @property
    def means(self) -> NDArray[Any]:
        """Means of reward and residuals, [1 + M, B, A]; 0 where nothing was revealed."""
        means: NDArray[Any] = self.total / np.maximum(self.count, 1)
        return means

    @property
    def radii(self) -> NDArray[Any]:
        """Half-widths of the intervals, [1 + M, B, A]; infinite where nothing was revealed."""
        known = self._tall[:, None, None] * (self._c / np.sqrt(np.maximum(self.count, 1)))
        radii: NDArray[Any] = np.where(self.count > 0, known, np.inf)  # also where the scale is 0
        return radii

    def ruled_out(self) -> NDArray[Any]:
        """Return the share of actions that are ruled out, float64 [B]; 1.0: all but one."""
        means, radii = self.means, self.radii
        low, high = means - radii, means + radii
        barred = (low[1:] > 0).any(axis=0)
        sure = (high[1:] <= 0).all(axis=0) & (self.count > 0)
        best = np.where(sure, low[0], -np.inf).max(axis=1, keepdims=True)
        self.out |= barred | (high[0] < best)
        share: NDArray[Any] = np.minimum(self.out.sum(axis=1) / max(self.out.shape[1] - 1, 1), 1.0)
        return share
