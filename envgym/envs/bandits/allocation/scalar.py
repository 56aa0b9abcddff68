"""Online allocation: one episode on plain numbers."""

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.allocation.core import OnlineAllocationCore


class OnlineAllocationScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "OnlineAllocationCore") -> None:
        self.core = core
        self.t = 0
        self.rewards: list[float] = []
        """Of every action, [A]; that of the null action 0 is 0."""
        self.costs: list[list[float]] = []
        """Of every action in every resource, [A][m]."""
        self.left: list[float] = []
        """Budget left of every resource, [m]."""
        self.stop = 0
        """Last block of the adversarial input in which offers pay; hidden."""
        self._weights: list[float] = core.weights.tolist()
        self._bound = core.bound

    def start(self, rng: Generator) -> None:
        core = self.core
        self.t = 0
        self.left = [core.budget] * core.resources
        if core.inputs == "adversarial":
            self.stop = bisect_right(core.cuts.tolist(), rng.random())
        self._request(rng)

    def observe(self) -> dict[str, NDArray[np.float64]]:
        return {
            "clock": np.array([1.0 - self.t / self.core.horizon]),
            "costs": np.array(self.costs),
            "left": np.array(self.left),
            "rewards": np.array(self.rewards),
        }

    def mask(self) -> NDArray[np.bool_]:
        return np.array(self._valid())

    def advance(self, action: Any, rng: Generator) -> Facts:
        paid, cost = self.rewards[int(action)], self.costs[int(action)]
        self.left = [left - part for left, part in zip(self.left, cost, strict=True)]
        self.t += 1
        self._request(rng)
        share = 1.0 - min(self.left) / self.core.budget
        return {
            "utility": paid,
            "expected": paid,
            "violation": 0.0,
            "shortfall": self._bound - paid,
            "spent": sum(cost),
            "progress": min(1.0, max(0.0, share)),
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> int:
        """Return the oracle's action; see ``OnlineAllocationCore.expert``."""
        core = self.core
        if core.inputs == "adversarial":
            return self.myopic() if self._block() == self.stop else 0
        price = core.fluid.price
        pairs = zip(self.rewards, self.costs, strict=True)
        return self._best([reward - price * sum(cost) for reward, cost in pairs])

    def myopic(self) -> int:
        """Return the valid action with the most reward."""
        return self._best(self.rewards)

    def _best(self, scores: list[float]) -> int:
        valid = [action for action, ok in enumerate(self._valid()) if ok]
        return max(valid, key=scores.__getitem__)

    def _valid(self) -> list[bool]:
        left = self.left
        return [all(c <= b for c, b in zip(cost, left, strict=True)) for cost in self.costs]

    def _block(self) -> int:
        blocks = self.core.ladder.blocks
        return min(self.t * blocks // self.core.horizon, blocks - 1)

    def _request(self, rng: Generator) -> None:
        core, m = self.core, self.core.resources
        drawn = rng.random((core.actions - 1, 1 + m)).tolist()
        offers = [row[0] for row in drawn]
        costs = [row[1:] for row in drawn]
        if core.inputs == "periodic":
            weight = self._weights[self.t % core.period]
            offers = [weight * offer for offer in offers]
        elif core.inputs == "adversarial":
            block = self._block()
            worth = core.ladder.values[block] if block <= self.stop else 0.0
            best = max(offers)
            offers = [worth if offer == best else worth * offer for offer in offers]
            costs = [[core.cost] * m for _ in offers]
        self.rewards = [0.0, *offers]
        self.costs = [[0.0] * m, *costs]
