"""Diag-LinUCB: one number per edge between clusters and actions."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.contextual import ContextualLearner
from envgym.agents.learners.index import best
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class DiagLinUCB(ContextualLearner):
    """LinUCB whose matrices keep their diagonal only, so that edges learn apart from each other.

    Formula: d_cj += w_c^2, b_cj += w_c r from 1 and 0; argmax of sum_c w_c b_cj / d_cj
             + alpha * sqrt(sum_c w_c^2 / d_cj)
    Source:  [242] arXiv 2307.15893 (recalled)
    Laws:    with one cluster triggered per round it is ``linucb`` (inferred, and tested to 1e-12)
    """

    name: ClassVar[str] = "diag-linucb"
    alpha: float = 0.5
    """Scale of the radius, from 0 to 1000."""

    def check(self) -> None:
        number(self, "alpha", 0, 1000)

    def ready(self) -> None:
        super().ready()
        shape = (self.batch, self.problem.context, self.problem.actions)
        self.weight: NDArray[Any] = np.ones(shape)
        """d, [B, clusters, A]."""
        self.moment: NDArray[Any] = np.zeros(shape)
        """b, [B, clusters, A]."""

    def decide(self, context: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
        weight, moment = self.weight, self.moment
        some = int((context != 0).sum(1).max())
        if 2 * some < context.shape[1]:
            # Few clusters are triggered: look at these alone. Others would add zeros.
            held = np.argsort(context == 0, axis=1, kind="stable")[:, :some]
            place = (self._rows[:, None], held)
            context = context[place]
            weight, moment = weight[place], moment[place]
        share = context[:, :, None] / weight
        wide = (context[:, :, None] * share).sum(1)
        return best((share * moment).sum(1) + self.alpha * np.sqrt(wide), valid)

    def take(
        self,
        rows: NDArray[Any],
        actions: NDArray[Any],
        context: NDArray[Any],
        reward: NDArray[Any],
    ) -> None:
        self.weight[rows, :, actions] += context**2
        self.moment[rows, :, actions] += context * reward[:, None]
