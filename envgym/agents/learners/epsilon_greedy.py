"""The best mean so far, and a share of uniform choices."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.index import IndexLearner
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class EpsilonGreedy(IndexLearner):
    """Plays a uniform valid action with probability epsilon, else the highest mean reward.

    ``propensity`` is epsilon / (valid actions), plus 1 - epsilon for the greedy one.
    """

    name: ClassVar[str] = "epsilon-greedy"
    epsilon: float = 0.05
    """Share of uniform choices, from 0 to 1."""

    def check(self) -> None:
        number(self, "epsilon", 0, 1)

    def refresh(self, at: NDArray[Any]) -> None:
        self._flat[at] = self.arms.total[0, at] / self.arms.count[at]

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        greedy = super().pick(valid)
        drawn = self._noise.uniform((self.batch, 2))
        other = self._uniform_valid(drawn[:, 1], valid)
        chosen = np.where(drawn[:, 0] < self.epsilon, other, greedy)
        count = self.problem.actions if valid is None else valid.sum(1)
        self._propensity = self.epsilon / count + (1.0 - self.epsilon) * (chosen == greedy)
        return chosen
