"""Dual mirror descent for online allocation under budgets."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner
from envgym.agents.learners.parameters import number, word


@dataclass(kw_only=True, eq=False)
class MirrorDescent(BaseLearner):
    """Prices resources and plays the action of highest reward less the price of what it uses.

    Formula: x = argmax of f(x) - mu . b(x), or null if x would overdraw; g = rho - b(x);
             euclidean mu <- [mu - eta g]+ from 0; entropy mu <- mu exp(-eta g) from 1
    Source:  [243] arXiv 2011.10124 (recalled); eta = horizon^-1/2; that g takes x as it was before
             the null rule is recalled too, the start of the entropy mirror inferred
    Laws:    never overdraws; mu stays 0 or above

    Plays problems with a null action, the rate ``more["rate"]`` per round (or ``budgets`` over the
    horizon) and observations "rewards" [B, A], "costs" [B, A, m] and "left" [B, m].
    """

    name: ClassVar[str] = "mirror-descent"
    mirror: str = "euclidean"
    """"euclidean" or "entropy"."""
    eta: float | None = None
    """Step, above 0 and at most 1000; None: horizon ** -0.5."""
    start: float | None = None
    """First price of every resource, 0 to 1,000,000 (entropy: above 0); None: 0, entropy 1."""

    def check(self) -> None:
        word(self, "mirror", ("euclidean", "entropy"))
        number(self, "eta", 0, 1000, above=True, none=True)
        number(self, "start", 0, 1_000_000, above=self.mirror == "entropy", none=True)

    def ready(self) -> None:
        self._needs_numbers()
        problem = self.problem
        more = problem.more
        rate = more.get("rate")
        if rate is None and "budgets" in more:
            rate = np.asarray(more["budgets"], dtype=np.float64) / problem.horizon
        if rate is None or problem.null is None:
            raise self._error("needs a problem with a null action and more['rate'] or ['budgets']")
        rate = np.atleast_1d(np.asarray(rate, dtype=np.float64))
        self._rate = np.broadcast_to(rate, (int(more.get("resources", len(rate))),))
        self._step = problem.horizon**-0.5 if self.eta is None else self.eta
        first = float(self.mirror == "entropy") if self.start is None else self.start
        self.prices: NDArray[Any] = np.full((self.batch, len(self._rate)), first)
        """mu, [B, m]."""

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        actions, null, m = self.problem.actions, self.problem.null, len(self._rate)
        rewards = self._part(obs, "rewards", (actions,))
        costs = self._part(obs, "costs", (actions, m))
        left = self._part(obs, "left", (m,))
        value = rewards.copy()
        for j in range(m):
            value -= self.prices[:, j, None] * costs[:, :, j]
        wanted: NDArray[Any] = value.argmax(1)
        used = costs[self._rows, wanted]
        move = self._step * (self._rate - used)
        if self.mirror == "euclidean":
            self.prices = np.maximum(self.prices - move, 0.0)
        else:
            self.prices = self.prices * np.exp(-move)
        overdrawn = (used > left).any(1)
        if valid is not None:
            overdrawn |= ~valid[self._rows, wanted]
        wanted[overdrawn] = null
        return wanted
