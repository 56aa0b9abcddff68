"""GP-UCB on the unit box, with an exact posterior on a cloud of candidates."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner, Seen
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class GpUcb(BaseLearner):
    """Plays the candidate of highest posterior mean plus ``beta`` standard deviations.

    Formula: prior mean m, kernel a^2 exp(-|x - y|^2 / (2 l^2)), noise s. With the factor V of the
             observations so far, v = (k(x, .) - V(x)' V) / sqrt(var(x) + s^2);
             mean += v (y - mean(x)) / sqrt(var(x) + s^2), var -= v^2: the exact posterior
    Source:  Srinivas, Krause, Kakade and Seeger 2010 (recalled), for the task of [38]

    Candidates are drawn uniformly from the unit box, per row, from the seed. Plays problems without
    numbered actions that tell ``more["dims"]``; ``more["length"]`` and ``more["noise"]`` are used
    where told (else 0.25 and the problem's scale). After ``points`` observations nothing more is
    learned, and the candidate of highest mean is played.
    """

    name: ClassVar[str] = "gp-ucb"
    beta: float = 2.0
    """Standard deviations that are added, from 0 to 100."""
    candidates: int = 512
    """Points per row, 1 to 100,000."""
    amplitude: float = 0.25
    """Prior standard deviation in units of high - low, above 0 and at most 100."""
    points: int = 512
    """Most observations that are learned from, 1 to 100,000."""

    def check(self) -> None:
        number(self, "beta", 0, 100)
        number(self, "candidates", 1, 100_000, whole=True)
        number(self, "amplitude", 0, 100, above=True)
        number(self, "points", 1, 100_000, whole=True)

    def ready(self) -> None:
        problem = self.problem
        dims = int(problem.more.get("dims", 0))
        if problem.actions or dims < 1:
            raise self._error("needs a problem without numbered actions that tells more['dims']")
        span = problem.high - problem.low
        self._length = float(problem.more.get("length", 0.25))
        # Observations without noise would divide by 0 when a point is tried again.
        self._noise_variance = max(float(problem.more.get("noise", problem.scale)), 1e-4) ** 2
        self._variance = (self.amplitude * span) ** 2
        shape = (self.batch, self.candidates)
        self.cloud: NDArray[Any] = np.asarray(self._noise.uniform((*shape, dims)))
        """Candidates, [B, C, d]."""
        self.mean: NDArray[Any] = np.full(shape, problem.low + 0.5 * span)
        """Posterior mean, [B, C]."""
        self.variance: NDArray[Any] = np.full(shape, self._variance)
        """Posterior variance, [B, C]."""
        self.count: NDArray[Any] = np.zeros(self.batch, dtype=np.int64)
        """Observations per row, [B]."""
        self._factor = np.zeros((self.batch, 8, self.candidates))

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        beta = np.where(self.count < self.points, self.beta, 0.0)
        scores = self.mean + beta[:, None] * np.sqrt(np.maximum(self.variance, 0.0))
        chosen: NDArray[Any] = self.cloud[self._rows, scores.argmax(1)]
        return chosen

    def learn(self, seen: Seen) -> None:
        learning = self.count[seen.rows] < self.points
        rows, x, y = seen.rows[learning], seen.actions[learning], seen.values[0][learning]
        if not len(rows):
            return
        if x.ndim != 2 or x.shape[1] != self.cloud.shape[2]:
            raise self._error(f"points must have {self.cloud.shape[2]} coordinates, got {x.shape}")
        # The learner plays candidates, so the nearest one is the point itself.
        place = ((self.cloud[rows] - x[:, None, :]) ** 2).sum(2).argmin(1)
        near = self.cloud[rows, place]
        squares = ((self.cloud[rows] - near[:, None, :]) ** 2).sum(2)
        kernel = self._variance * np.exp(-0.5 * squares / self._length**2)
        used = int(self.count.max())
        if used == self._factor.shape[1]:
            self._factor = np.concatenate((self._factor, np.zeros_like(self._factor)), axis=1)
        held = self._factor[rows, :used]
        at = np.arange(len(rows))
        told = held[at, :, place]
        explained = np.zeros_like(kernel)
        for j in range(used):  # in order, so that a row's sums do not depend on the batch
            explained += told[:, j, None] * held[:, j]
        spread = np.sqrt(np.maximum(self.variance[rows, place], 0.0) + self._noise_variance)
        v = (kernel - explained) / spread[:, None]
        surprise = (y - self.mean[rows, place]) / spread
        self.mean[rows] += v * surprise[:, None]
        self.variance[rows] -= v**2
        self._factor[rows, self.count[rows]] = v
        self.count[rows] += 1
