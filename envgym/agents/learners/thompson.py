"""Thompson sampling with Beta or Gaussian posteriors."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import Seen
from envgym.agents.learners.index import IndexLearner, best
from envgym.agents.learners.parameters import word
from envgym.runtime.numeric.noise import RowNoise


@dataclass(kw_only=True, eq=False)
class Thompson(IndexLearner):
    """Draws every action's mean from its posterior and plays the highest.

    Formula: beta: Beta(1 + S_k, 1 + N_k - S_k), S_k the sum of rewards mapped from [low, high] to
             [0, 1]; gaussian: Normal(r_k, s^2 / N_k), s the problem's scale, unknown actions first
    Source:  Thompson 1933; Chapelle and Li 2011 (recalled); fractional S inferred
    """

    name: ClassVar[str] = "thompson"
    posterior: str = "auto"
    """"beta", "gaussian", or "auto": beta where the reward may be as noisy as 0 or 1 is."""

    def check(self) -> None:
        word(self, "posterior", ("auto", "beta", "gaussian"))

    def ready(self) -> None:
        problem = self.problem
        self._span = problem.high - problem.low
        coarse = problem.scale >= 0.5 * self._span
        self._beta = self.posterior == "beta" or (self.posterior == "auto" and coarse)
        super().ready()
        self._wins = np.zeros_like(self._flat)
        self._spread = np.zeros_like(self._flat)
        self._propensity = None

    def learn(self, seen: Seen) -> None:
        if self._beta:
            unit = np.clip((seen.values[0] - self.problem.low) / self._span, 0.0, 1.0)
            seen = seen._replace(values=(unit, *seen.values[1:]))
        super().learn(seen)

    def refresh(self, at: NDArray[Any]) -> None:
        if not self._beta:
            count = self.arms.count[at]
            self._flat[at] = self.arms.total[0, at] / count
            self._spread[at] = self.problem.scale / np.sqrt(count)

    def pick(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        shape = self._key.shape
        if self._beta:
            wins = self.arms.total[0].reshape(shape)
            return best(self._draw(1.0 + wins, 1.0 + self.arms.count.reshape(shape) - wins), valid)
        return best(self._key + self._spread.reshape(shape) * self._noise.normal(shape), valid)

    def _draw(self, wins: NDArray[Any], losses: NDArray[Any]) -> NDArray[Any]:
        if isinstance(self._noise, RowNoise):
            rngs = self._noise.rngs
            return np.stack([rng.beta(wins[i], losses[i]) for i, rng in enumerate(rngs)])
        drawn: NDArray[Any] = self._noise.rng.beta(wins, losses)  # type: ignore[attr-defined]
        return drawn
