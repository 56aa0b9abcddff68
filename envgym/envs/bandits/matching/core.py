"""The rules of OnlineMatching over arrays: which item to show on a sparse cluster-item graph."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envgym.envs.bandits.matching.oracle import mean_rates
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, Scalar, State, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Problem


@dataclass(frozen=True, kw_only=True)
class OnlineMatchingCore(Core):
    """One user visit per round: some clusters are triggered, one connected item is shown.

    P(click on j) = sum over triggered clusters c of w_c theta_cj, where theta is 0 off the edges.

    Source: [242] arXiv 2307.15893 (seen: sparse bipartite graph, context as weights of triggered
    clusters). Graph, click table and weights inferred.
    """

    stream: ClassVar[str] = "online_matching"
    torch_ok: ClassVar[bool] = False

    clusters: int = 20
    """User clusters m, 1 to 1,000."""
    items: int = 50
    """Items J, 2 to 10,000."""
    triggered: int = 4
    """Clusters triggered by a visit, 1 to clusters."""
    degree: int = 10
    """Items that each cluster is connected to, 1 to items."""

    def check(self) -> None:
        whole(self, "clusters", 1, 1000)
        whole(self, "items", 2, 10_000)
        whole(self, "triggered", 1, 1000)
        whole(self, "degree", 1, 10_000)
        for name, most in (("triggered", "clusters"), ("degree", "items")):
            if getattr(self, name) > getattr(self, most):
                raise ConfigError(
                    f"{self.where}: {name} must be at most {most} ({getattr(self, most)}), "
                    f"got {getattr(self, name)}."
                )

    @property
    def observation_space(self) -> spaces.Dict:
        return spaces.Dict(
            {
                "context": spaces.Box(0.0, 1.0, (self.clusters,), np.float64),
                "mask": spaces.Box(0, 1, (self.items,), np.int8),
            }
        )

    @property
    def action_space(self) -> spaces.Discrete[Any]:
        return spaces.Discrete(self.items)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.items,
            horizon=self.horizon,
            scale=0.5,
            context=self.clusters,
            more={"triggered": self.triggered, "degree": self.degree},
        )

    def scalar(self) -> Scalar:
        from envgym.envs.bandits.matching.scalar import OnlineMatchingScalar

        return OnlineMatchingScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        shape = (batch, self.clusters, self.items)
        edges = _smallest(noise.uniform(shape), self.degree)
        # Above 0 on every edge, so that the chance itself tells which items are connected.
        table = np.where(edges, 1.0 - noise.uniform(shape), 0.0)
        return self._visit(table, noise.uniform((batch, 2 * self.clusters)))

    def observe(self, state: State, ar: Arrays) -> Any:
        return {"context": state["context"], "mask": (state["value"] > 0.0).astype(np.int8)}

    def mask(self, state: State, ar: Arrays) -> Any:
        return state["value"] > 0.0

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        drawn = noise.uniform((len(action), 1 + 2 * self.clusters))
        expected = state["value"][np.arange(len(action)), action]
        facts = {
            "utility": (drawn[:, 0] < expected).astype(np.float64),
            "expected": expected,
            "violation": np.zeros(len(action)),
            "shortfall": state["value"].max(axis=1) - expected,
        }
        return self._visit(state["table"], drawn[:, 1:]), facts

    def expert(self, state: State, ar: Arrays) -> NDArray[Any]:
        """Return the connected item with the highest chance of a click, int64 [B]."""
        chosen: NDArray[Any] = state["value"].argmax(axis=1)
        return chosen

    myopic = expert
    """The same here: what is played changes nothing but the reward of its own round."""

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0}

    @property
    def optimum(self) -> float:
        """Mean chance of a click on the best item over worlds; what a lost turn forgoes."""
        return mean_rates(self.clusters, self.items, self.triggered, self.degree)[0]

    def oracle(self) -> Mapping[str, Any]:
        """Return mean click rates over worlds, by simulation: of the best item, of random play."""
        best, uniform = mean_rates(self.clusters, self.items, self.triggered, self.degree)
        return {"clicks": best, "uniform": uniform}

    def _visit(self, table: NDArray[Any], drawn: NDArray[Any]) -> State:
        """Return the state in which a drawn visit waits for an item."""
        m = self.clusters
        # Only the triggered rows of the table are read: 4 of 20 by default.
        order = np.argpartition(drawn[:, :m], self.triggered - 1, axis=1)
        which = np.sort(order[:, : self.triggered], axis=1)
        raw = 1.0 - np.take_along_axis(drawn[:, m:], which, axis=1)
        weight = raw / raw.sum(axis=1, keepdims=True)
        rows = np.arange(len(drawn))
        context = np.zeros((len(drawn), m))
        context[rows[:, None], which] = weight
        value = weight[:, :1] * table[rows, which[:, 0]]
        for k in range(1, self.triggered):
            value += weight[:, k : k + 1] * table[rows, which[:, k]]
        # Weights that sum to 1 but for rounding must not lift a chance above 1.
        return {"table": table, "context": context, "value": np.minimum(value, 1.0)}


def _smallest(keys: NDArray[Any], count: int) -> NDArray[Any]:
    """Return where the ``count`` smallest keys along the last axis are, as bools."""
    bound = np.partition(keys, count - 1, axis=-1)[..., count - 1 : count]
    chosen: NDArray[Any] = keys <= bound
    return chosen
