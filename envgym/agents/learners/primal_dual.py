"""UCB with a learned price per constraint."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import Seen
from envgym.agents.learners.index import BoundLearner, best
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class PrimalDual(BoundLearner):
    """Primal-dual UCB: prices rise while the revealed residuals are above 0 and fall below.

    Formula: argmax of r_k + rad_k - sum over constraints of lam * lower bound of residual;
             lam <- [lam + eta * residual revealed]+ from 0
    Source:  a baseline of [7] arXiv 2512.22313 (seen in words; formulas inferred)
    Laws:    eta 0 is ``ucb``; prices are never below 0

    A two-sided constraint has one price and the residual of its larger side.
    """

    name: ClassVar[str] = "primal-dual"
    eta: float = 0.1
    """Step of the prices, from 0 to 1000."""

    def check(self) -> None:
        super().check()
        number(self, "eta", 0, 1000)

    def ready(self) -> None:
        super().ready()
        self._lower = np.zeros((self.arms.constraints, *self._key.shape))
        self._lower_flat = self._lower.reshape(self.arms.constraints, self._flat.size)
        self.prices: NDArray[Any] = np.zeros((self.arms.constraints, self.batch))
        """lam, [C, B]."""

    def refresh(self, at: NDArray[Any]) -> None:
        self._flat[at], self._lower_flat[:, at] = self.bounds(at, -1.0)

    def learn(self, seen: Seen) -> None:
        super().learn(seen)
        values = seen.values[1:]
        if not values:
            return
        if seen.full:
            place = (np.arange(len(seen.rows)), seen.actions)
            values = tuple(each[place] for each in values)
        residuals = self.arms.joined(np.stack(values))
        raised = self.prices[:, seen.rows] + self.eta * residuals
        self.prices[:, seen.rows] = np.maximum(raised, 0.0)

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        scores = self._key
        for price, lower in zip(self.prices, self._lower, strict=True):
            scores = scores - price[:, None] * lower
        return best(scores, valid)
