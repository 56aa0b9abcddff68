"""Online matching with stochastic rewards: one episode on plain numbers."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.envs.bandits.stochastic_matching.oracle import adaptive_action, solvable
from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.stochastic_matching.core import StochasticMatchingCore


class StochasticMatchingScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "StochasticMatchingCore") -> None:
        self.core = core
        self.t = 0
        self.chances: list[list[float]] = []
        """Per kind of arrival and node: probability of a match; 0: no edge."""
        self.load: list[float] = []
        self.available: list[bool] = []

    def start(self, rng: Generator) -> None:
        core, n = self.core, self.core.nodes
        p = core.probability
        rows = [[p if edge else 0.0 for edge in row] for row in core.edges.tolist()]
        if core.instance == "random":
            drawn = rng.random((core.kinds, n)).tolist()
            rows = [[p if u < core.density else 0.0 for u in row] for row in drawn]
        elif core.shuffled:
            keys = rng.random(n).tolist()
            order = sorted(range(n), key=keys.__getitem__)
            rows = [[row[i] for i in order] for row in rows]
        if core.spread > 0.0:
            drawn = rng.random((core.kinds, n)).tolist()
            rows = [
                [p * (1.0 + core.spread * (2.0 * u - 1.0)) for p, u in zip(row, us, strict=True)]
                for row, us in zip(rows, drawn, strict=True)
            ]
        self.chances = rows
        self.load = [0.0] * n
        self.available = [True] * n
        self.t = 0

    @property
    def chance(self) -> list[float]:
        """The present arrival's probability per node; of the last one, after the last."""
        core = self.core
        return self.chances[min(self.t, core.horizon - 1) * core.kinds // core.horizon]

    @property
    def matched(self) -> int:
        """Nodes matched so far."""
        return self.available.count(False)

    def observe(self) -> dict[str, NDArray[np.float64]]:
        return {
            "available": np.array(self.available, dtype=np.float64),
            "chance": np.array(self.chance),
            "clock": np.array([1.0 - self.t / self.core.horizon]),
            "load": np.array(self.load),
            "mask": np.array(self._valid(), dtype=np.float64),
        }

    def mask(self) -> NDArray[np.bool_]:
        return np.array(self._valid(), dtype=bool)

    def advance(self, action: Any, rng: Generator) -> Facts:
        node, n = int(action), self.core.nodes
        expected = self.chance[node] if node < n and self.available[node] else 0.0
        hit = rng.random() < expected
        if node < n:
            self.load[node] += expected
            if hit:
                self.available[node] = False
        self.t += 1
        matched = self.matched
        return {
            "utility": 1.0 if hit else 0.0,
            "expected": expected,
            "violation": 0.0,
            "matched": matched,
            "progress": matched / n,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> int:
        """Return an action that knows all arrivals to come, which no policy has a right to.

        The adaptive offline optimum where it is small enough to be computed, else Stochastic
        Balance.
        """
        if not solvable(self.core.horizon, self.core.nodes):
            return self.balance()
        t = min(self.t, self.core.horizon - 1)
        return adaptive_action(
            np.array(self.chances), np.array(self.available), t, self.core.horizon
        )

    def myopic(self) -> int:
        """Return the available neighbour most likely to match, the first of several; else skip."""
        valid = [i for i, ok in enumerate(self._valid()[:-1]) if ok]
        return max(valid, key=self.chance.__getitem__, default=self.core.nodes)

    def balance(self) -> int:
        """Return the available neighbour with least load, the first of several; else skip."""
        valid = [i for i, ok in enumerate(self._valid()[:-1]) if ok]
        return min(valid, key=self.load.__getitem__, default=self.core.nodes)

    def _valid(self) -> list[bool]:
        pairs = zip(self.available, self.chance, strict=True)
        return [*(free and p > 0.0 for free, p in pairs), True]
