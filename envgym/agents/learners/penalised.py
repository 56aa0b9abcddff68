"""UCB on the reward less a price for violation."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.index import BoundLearner
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class Penalised(BoundLearner):
    """Hinge-penalised UCB: optimism about reward and residuals, violation at a fixed price.

    Formula: argmax of r_k + rad_k - weight * sum of [lower bound of residual]+
    Source:  a baseline of [7] (its form is inferred)
    Laws:    weight 0 is ``ucb``
    """

    name: ClassVar[str] = "penalised"
    weight: float = 1.0
    """Price of one unit of violation, from 0 to 1,000,000."""

    def check(self) -> None:
        super().check()
        number(self, "weight", 0, 1_000_000)

    def refresh(self, at: NDArray[Any]) -> None:
        upper, lower = self.bounds(at, -1.0)
        self._flat[at] = upper - self.weight * np.maximum(lower, 0.0).sum(0)
