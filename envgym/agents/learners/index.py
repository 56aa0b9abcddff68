"""Index learners: a number per action that only changes when something is revealed of it."""

from dataclasses import dataclass
from math import log
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.arms import Arms
from envgym.agents.learners.base import BaseLearner, Seen
from envgym.agents.learners.parameters import number

NEW = 1e12
"""Index of an action of which nothing was revealed, less the times it was played."""


@dataclass(kw_only=True, eq=False)
class IndexLearner(BaseLearner):
    """Plays the action of highest index; the lowest number on ties, so that nothing is drawn.

    Actions of which nothing was revealed come first, those played least often before others: every
    action is played once, and with delayed outcomes they take turns.
    """

    first: ClassVar[bool] = True
    """Whether unknown actions come first."""

    def ready(self) -> None:
        self._needs_numbers()
        actions = self.problem.actions
        self.arms = Arms(self.problem, self.batch)
        self._key = np.full((self.batch, actions), NEW if self.first else 0.0)
        self._flat = self._key.reshape(-1)
        self._base = self._rows * actions
        self._unknown = self.batch * actions if self.first else 0

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        chosen = self.pick(valid)
        if self._unknown:
            at = self._base + chosen
            self._flat[at] -= self.arms.count[at] == 0
        return chosen

    def learn(self, seen: Seen) -> None:
        at, new = self.arms.add(seen)
        self._unknown -= new if self.first else 0
        self.refresh(at)

    def refresh(self, at: NDArray[Any]) -> None:
        """Set the index ``_flat`` of these places."""
        raise NotImplementedError

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        """Return the actions to play, int64 [B]."""
        return best(self._key, valid)


def best(scores: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
    """Return the valid action of highest score per row, the lowest number on ties."""
    chosen: NDArray[Any] = (scores if valid is None else np.where(valid, scores, -np.inf)).argmax(1)
    return chosen


@dataclass(kw_only=True, eq=False)
class BoundLearner(IndexLearner):
    """Index learners with confidence bounds of one radius.

    Formula: rad_k = c * s * sqrt(2 L / N_k), L = log(2 A T / delta), s the scale of reward or residual
    Source:  [7] arXiv 2512.22313 (seen in words; formula inferred)
    """

    c: float = 0.25
    """Scale of the radius, above 0 and at most 100."""
    delta: float = 0.05
    """Failure probability of all intervals together, above 0 and at most 1."""

    def check(self) -> None:
        number(self, "c", 0, 100, above=True)
        number(self, "delta", 0, 1, above=True)

    def ready(self) -> None:
        super().ready()
        problem = self.problem
        self._tall = np.array([[problem.scale], *([each] for each in problem.residual_scales)])
        length = 2 * log(2 * problem.actions * problem.horizon / self.delta)
        self._unit = self.c * length**0.5

    def bounds(self, at: NDArray[Any], sign: float) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return upper bounds of reward [n], and the constraints' lower (sign -1) or upper (1) [C, n]."""
        means = self.arms.means(at)
        radii = self._tall * (self._unit / np.sqrt(self.arms.count[at]))
        return means[0] + radii[0], self.arms.joined(means[1:] + sign * radii[1:])


@dataclass(kw_only=True, eq=False)
class FeasibleLearner(BoundLearner):
    """Plays the highest upper bound among the actions that count as feasible, else the least violation."""

    sign: ClassVar[float]
    """Which bound of a residual must be at most 0: -1 the lower, 1 the upper."""

    def ready(self) -> None:
        super().ready()
        self._worst = np.zeros_like(self._flat)

    def refresh(self, at: NDArray[Any]) -> None:
        upper, residuals = self.bounds(at, self.sign)
        hinge = np.maximum(residuals, 0.0).sum(0)
        self._worst[at] = hinge
        self._flat[at] = np.where(hinge > 0.0, -np.inf, upper)

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        chosen = best(self._key, valid)
        none = self._flat[self._base + chosen] == -np.inf
        if valid is not None:
            # With every valid action barred, the first of all is as good to argmax.
            none |= ~valid[self._rows, chosen]
        if none.any():
            rows = np.nonzero(none)[0]
            worst = self._worst.reshape(self._key.shape)[rows]
            if valid is not None:
                worst = np.where(valid[rows], worst, np.inf)
            chosen[rows] = worst.argmin(1)
        return chosen
