"""LinUCB with a linear model per action."""

from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from envgym.agents.learners.contextual import ContextualLearner
from envgym.agents.learners.index import best
from envgym.agents.learners.parameters import number
from envgym.agents.learners.ridge import Ridge


@dataclass(kw_only=True, eq=False)
class LinUCB(ContextualLearner):
    """Plays the highest upper bound of the linear models.

    Formula: argmax of theta_k . x + alpha * sqrt(x' A_k^-1 x), A_k = ridge I + sum x x'
    Source:  Li, Chu, Langford and Schapire 2010, disjoint models (recalled)
    """

    name: ClassVar[str] = "linucb"
    alpha: float = 0.5
    """Scale of the radius, from 0 to 1000."""
    ridge: float = 1.0
    """Start of A's diagonal, above 0 and at most 1,000,000."""

    def check(self) -> None:
        number(self, "alpha", 0, 1000)
        number(self, "ridge", 0, 1_000_000, above=True)

    def ready(self) -> None:
        super().ready()
        problem = self.problem
        self.model = Ridge(self.batch, problem.actions, problem.context, self.ridge)

    def decide(self, context: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
        model = self.model
        return best(model.predict(context) + self.alpha * model.width(context), valid)

    def take(
        self,
        rows: NDArray[Any],
        actions: NDArray[Any],
        context: NDArray[Any],
        reward: NDArray[Any],
    ) -> None:
        self.model.add(rows, actions, context, reward)
