"""SquareCB: inverse-gap weighting over a regression oracle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.contextual import ContextualLearner
from envgym.agents.learners.parameters import number
from envgym.agents.learners.ridge import Ridge
from envgym.types.bandit import Outcome


def inverse_gap(
    estimates: NDArray[Any], gamma: float, valid: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return the probabilities of SquareCB, float64 [B, A]; invalid actions get 0.

    Formula: p_a = 1 / (A + gamma (y* - y_a)) for all but the best, which gets what is left; A counts
             the valid actions
    Source:  Foster and Rakhlin 2020, as used in [50] arXiv 2412.00569 (recalled)

    Args:
        estimates: y, [B, A].
        gamma: 0 or more; 0 is uniform, large is greedy.
        valid: bool [B, A]; None: all.

    >>> inverse_gap(np.array([[0.9, 0.5, 0.4]]), 10.0).round(4).tolist()
    [[0.7321, 0.1429, 0.125]]
    """
    scores = estimates if valid is None else np.where(valid, estimates, -np.inf)
    top = scores.argmax(1)
    rows = np.arange(len(scores))
    count = scores.shape[1] if valid is None else valid.sum(1)[:, None]
    gap = scores[rows, top][:, None] - (
        estimates if valid is None else np.where(valid, scores, 0.0)
    )
    chances: NDArray[Any] = 1.0 / (count + gamma * np.maximum(gap, 0.0))
    if valid is not None:
        chances = np.where(valid, chances, 0.0)
    chances[rows, top] = 0.0
    chances[rows, top] = 1.0 - chances.sum(1)
    return chances


@dataclass(kw_only=True, eq=False)
class SquareCB(ContextualLearner):
    """Draws actions by inverse-gap weights of a ridge regression per action.

    Estimates are clipped to the problem's range; an action without outcomes is estimated at its
    upper end. With delayed outcomes the model changes when a batch arrives.
    """

    name: ClassVar[str] = "squarecb"
    gamma: float = 1000.0
    """How sharply the best estimate is preferred, from 0 (uniform) to 1e12."""
    ridge: float = 1.0
    """Start of the diagonal, above 0 and at most 1,000,000."""
    memory: int = 0
    """Generations that are remembered, one per arrival of outcomes; 0: all."""

    def check(self) -> None:
        number(self, "gamma", 0, 1e12)
        number(self, "ridge", 0, 1_000_000, above=True)
        number(self, "memory", 0, 1000, whole=True)

    def ready(self) -> None:
        super().ready()
        problem = self.problem
        self.model = Ridge(self.batch, problem.actions, problem.context, self.ridge, self.memory)

    def decide(self, context: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
        problem, model = self.problem, self.model
        estimates = np.clip(model.predict(context), problem.low, problem.high)
        estimates = np.where(model.count > 0, estimates, problem.high)
        chances = inverse_gap(estimates, self.gamma, valid)
        heap = chances.cumsum(1)
        # The last sum may fall short of 1 by rounding.
        drawn = self._noise.uniform((self.batch,)) * heap[:, -1]
        chosen: NDArray[Any] = (heap > drawn[:, None]).argmax(1)
        self._propensity = chances[self._rows, chosen]
        return chosen

    def update(self, outcomes: Sequence[Outcome]) -> None:
        super().update(outcomes)
        self.model.close()

    def take(
        self,
        rows: NDArray[Any],
        actions: NDArray[Any],
        context: NDArray[Any],
        reward: NDArray[Any],
    ) -> None:
        self.model.add(rows, actions, context, reward)
