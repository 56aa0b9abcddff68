"""Upper confidence bounds without constraints."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.index import BoundLearner, IndexLearner, best
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class UCB(BoundLearner):
    """The baseline of [7]: highest upper bound, whatever the constraints.

    Formula: argmax of r_k + c * s * sqrt(2 L / N_k)
    """

    name: ClassVar[str] = "ucb"

    def refresh(self, at: NDArray[Any]) -> None:
        radius = self._tall[0, 0] * self._unit / np.sqrt(self.arms.count[at])
        self._flat[at] = self.arms.total[0, at] / self.arms.count[at] + radius


@dataclass(kw_only=True, eq=False)
class UCB1(IndexLearner):
    """The textbook's rule, whose radius grows with the rounds revealed so far.

    Formula: argmax of r_k + scale * (high - low) * sqrt(2 ln t / N_k), t = sum of N
    Source:  Auer, Cesa-Bianchi and Fischer 2002 (recalled)
    """

    name: ClassVar[str] = "ucb1"
    scale: float = 1.0
    """Scale of the radius, from 0 to 100; 1 is the textbook's."""

    def check(self) -> None:
        number(self, "scale", 0, 100)

    def ready(self) -> None:
        super().ready()
        self._per = np.zeros_like(self._flat)

    def refresh(self, at: NDArray[Any]) -> None:
        count = self.arms.count[at]
        self._flat[at] = self.arms.total[0, at] / count
        self._per[at] = np.sqrt(2.0 / count)

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        rounds = self.arms.count.reshape(self._key.shape).sum(1)
        span = self.scale * (self.problem.high - self.problem.low)
        wide = span * np.sqrt(np.log(np.maximum(rounds, 1.0)))
        scores = self._key + wide[:, None] * self._per.reshape(self._key.shape)
        return best(scores, valid)
