"""Online matching with stochastic rewards as rules over arrays [257]."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.stochastic_matching.oracle import adaptive_action, nested_bound, solvable
from envgym.envs.bandits.stochastic_matching.scalar import StochasticMatchingScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Problem

INSTANCES = ("triangular", "block", "random")


@dataclass(frozen=True, kw_only=True)
class StochasticMatchingCore(Core):
    """Arrivals of several kinds, in order; each may be sent to one offline node, once matched gone.

    Arrival t of ``horizon`` is of kind floor(t * kinds / horizon). Sending it to an available
    neighbour matches that node for good with the edge's probability, which pays 1.
    """

    stream: ClassVar[str] = "stochastic_matching"
    torch_ok: ClassVar[bool] = False

    horizon: int = 200
    """Arrivals, 1 to 10,000,000. The default is nodes / probability: every node could be filled."""
    instance: str = "triangular"
    """"triangular": kind j knows the nodes from j on. "block": all arrivals know the first half of
    the nodes, only the middle third of them the other half. "random": every edge by ``density``."""
    nodes: int = 20
    """Offline nodes n, 1 to 200."""
    probability: float = 0.1
    """Success probability of an edge, above 0 to 1; the mean of them where they are spread."""
    spread: float = 0.0
    """Edges' probabilities are uniform within this share around ``probability``, 0 to 1; 0: equal."""
    density: float = 0.3
    """Share of edges in the random instance, 0 to 1."""
    shuffled: bool = True
    """Number the nodes anew in every world, so that their order betrays nothing."""

    def check(self) -> None:
        choice(self, "instance", INSTANCES)
        whole(self, "nodes", 1, 200)
        real(self, "probability", 1e-6, 1.0)
        real(self, "spread", 0.0, 1.0)
        real(self, "density", 0.0, 1.0)
        choice(self, "shuffled", (False, True))
        if self.probability * (1.0 + self.spread) > 1.0:
            raise ConfigError(
                f"{self.where}: probability * (1 + spread) must be at most 1, got"
                f" {self.probability:g} * {1.0 + self.spread:g}."
            )

    @property
    def kinds(self) -> int:
        """Kinds of arrivals."""
        return 3 if self.instance == "block" else self.nodes

    @cached_property
    def edges(self) -> NDArray[np.bool_]:
        """Which kind knows which node before any shuffling, bool [kinds, n]; all, if random."""
        if self.instance == "triangular":
            return np.triu(np.ones((self.nodes, self.nodes), dtype=bool))
        edges = np.ones((self.kinds, self.nodes), dtype=bool)
        if self.instance == "block":
            edges[::2, (self.nodes + 1) // 2 :] = False
        return edges

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Arrivals of every kind, int64 [kinds]."""
        starts = -(-np.arange(self.kinds + 1, dtype=np.int64) * self.horizon // self.kinds)
        return np.diff(starts)

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        def box(high: float, size: int) -> gymnasium.spaces.Box:
            return gymnasium.spaces.Box(0.0, high, (size,), np.float64)

        n = self.nodes
        return gymnasium.spaces.Dict(
            {
                "available": box(1.0, n),
                "chance": box(1.0, n),
                "clock": box(1.0, 1),
                "load": box(float(self.horizon), n),
                "mask": box(1.0, n + 1),
            }
        )

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(self.nodes + 1)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.nodes + 1,
            horizon=self.horizon,
            scale=0.5,
            null=self.nodes,
            more={"nodes": self.nodes, "probability": self.probability},
        )

    def scalar(self) -> StochasticMatchingScalar:
        return StochasticMatchingScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        n, shape = self.nodes, (batch, self.kinds, self.nodes)
        chances = np.broadcast_to(np.where(self.edges, self.probability, 0.0), shape)
        if self.shuffled and self.instance != "random":
            order = np.argsort(noise.uniform((batch, n)), axis=1, kind="stable")
            chances = np.take_along_axis(chances, order[:, None, :], axis=2)
        if self.instance == "random":
            chances = np.where(noise.uniform(shape) < self.density, chances, 0.0)
        if self.spread > 0.0:
            chances = chances * (1.0 + self.spread * (2.0 * noise.uniform(shape) - 1.0))
        return {
            "chances": np.array(chances, dtype=np.float64),
            "load": np.zeros((batch, n)),
            "available": np.ones((batch, n), dtype=bool),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        chance = self._chance(state)
        return {
            "available": state["available"].astype(np.float64),
            "chance": chance,
            "clock": 1.0 - state["t"][:, None] / self.horizon,
            "load": state["load"].copy(),
            "mask": self._valid(state, chance).astype(np.float64),
        }

    def mask(self, state: State, ar: Arrays) -> Any:
        return self._valid(state, self._chance(state))

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        chosen = np.arange(self.nodes) == np.asarray(action)[:, None]
        given = np.where(chosen & state["available"], self._chance(state), 0.0)
        expected = given.sum(axis=1)
        hit = noise.uniform((len(expected),)) < expected
        available = state["available"] & ~(chosen & hit[:, None])
        matched = self.nodes - available.sum(axis=1)
        after = {
            "chances": state["chances"],
            "load": state["load"] + given,
            "available": available,
        }
        return after, {
            "utility": hit.astype(np.float64),
            "expected": expected,
            "violation": 0.0,
            "matched": matched,
            "progress": matched / self.nodes,
        }

    def opening(self) -> Mapping[str, Any]:
        return {"matched": 0, "progress": 0.0}

    def oracle(self) -> Mapping[str, Any]:
        """Return the bound of the matching linear program, where every world has the same.

        ``bound``: expected matches that no policy exceeds; ``per_round``: the same per arrival.
        Instances that differ from world to world have none here (``oracle.matching_lp``).
        """
        if self.instance == "random" or self.spread > 0.0:
            return {}
        bound = nested_bound(self.edges, self.counts, self.probability)
        return {"bound": bound, "per_round": bound / self.horizon}

    def outcome(self, mean: float) -> float:
        """Return matches over the most there can be, 0 to 1: nodes, or arrivals if fewer."""
        return min(1.0, max(0.0, mean * self.horizon / min(self.nodes, self.horizon)))

    def expert(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return what knows all arrivals to come, int64 [B]; privileged.

        The adaptive offline optimum where it is small enough to be computed, else Stochastic
        Balance.
        """
        t, horizon = np.minimum(state["t"], self.horizon - 1), self.horizon
        if solvable(horizon, self.nodes):
            rows = zip(state["chances"], state["available"], t.tolist(), strict=True)
            return np.array([adaptive_action(*row, horizon) for row in rows], dtype=np.int64)
        valid = self._valid(state, self._chance(state))[:, :-1]
        least = np.where(valid, state["load"], np.inf).argmin(axis=1)
        return np.where(valid.any(axis=1), least, self.nodes)

    def myopic(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return per row the available neighbour most likely to match, int64 [B]; skip if none."""
        chance = np.where(state["available"], self._chance(state), 0.0)
        best = chance.argmax(axis=1)
        return np.where(chance.max(axis=1) > 0.0, best, self.nodes)

    def _chance(self, state: State) -> NDArray[np.float64]:
        t = np.minimum(state["t"], self.horizon - 1)
        rows = np.arange(len(t))
        chance: NDArray[np.float64] = state["chances"][rows, t * self.kinds // self.horizon]
        return chance

    def _valid(self, state: State, chance: NDArray[np.float64]) -> NDArray[np.bool_]:
        skip = np.ones((len(chance), 1), dtype=bool)
        return np.concatenate((state["available"] & (chance > 0.0), skip), axis=1)
