"""Choosing sets for a submodular reward as rules over arrays [223]."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.coverage.oracle import COMBINATIONS, choices, values
from envgym.envs.bandits.coverage.scalar import CoverageScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Problem

GAINS = ("cover", "sqrt")
WEIGHTS = ("equal", "random")


@dataclass(frozen=True, kw_only=True)
class CoverageCore(Core):
    """Sets of items, drawn in every world; each round takes one, and pays what it adds.

    F(S) = sum_i w_i g(number of chosen sets with item i), where the weights w sum to 1 and g(c) is
    [c > 0] ("cover") or sqrt(c / horizon) ("sqrt"): monotone, submodular, from 0 to 1.
    """

    stream: ClassVar[str] = "coverage"
    torch_ok: ClassVar[bool] = False

    horizon: int = 3
    """Sets to choose, 1 to ``sets``, one per round."""
    sets: int = 10
    """Sets to choose from, 1 to 100. There may be at most 20,000 choices, since the best one is
    found by enumeration."""
    items: int = 25
    """Items, 1 to 1,000."""
    density: float = 0.2
    """Chance that a set holds an item, 0 to 1."""
    gain: str = "cover"
    """"cover": an item pays once. "sqrt": by the square root of how often it was chosen."""
    weights: str = "equal"
    """"equal": all items weigh the same. "random": weights uniform in every world."""

    def check(self) -> None:
        whole(self, "sets", 1, 100)
        whole(self, "items", 1, 1000)
        real(self, "density", 0.0, 1.0)
        choice(self, "gain", GAINS)
        choice(self, "weights", WEIGHTS)
        whole(self, "horizon", 1, self.sets)
        count = math.comb(self.sets, self.horizon)
        if count > COMBINATIONS:
            raise ConfigError(
                f"{self.where}: sets and horizon must leave at most {COMBINATIONS:,} choices, got"
                f" {self.sets} and {self.horizon}, which leave {count:,}."
            )

    @property
    def power(self) -> float:
        """Exponent of an item's count."""
        return 0.0 if self.gain == "cover" else 0.5

    @cached_property
    def pay(self) -> NDArray[np.float64]:
        """What an item of weight 1 adds, by its count before, float64 [horizon + 1]."""
        counts = np.arange(self.horizon + 2, dtype=np.float64)
        worth = np.minimum(counts, 1.0) if self.gain == "cover" else np.sqrt(counts / self.horizon)
        return np.diff(worth)

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        def box(high: float, *shape: int) -> gymnasium.spaces.Box:
            return gymnasium.spaces.Box(0.0, high, shape, np.float64)

        return gymnasium.spaces.Dict(
            {
                "covered": box(float(self.horizon), self.items),
                "mask": box(1.0, self.sets),
                "sets": box(1.0, self.sets, self.items),
                "weights": box(1.0, self.items),
            }
        )

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(self.sets)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.sets,
            horizon=self.horizon,
            scale=0.0,
            more={"items": self.items, "gain": self.gain},
        )

    def scalar(self) -> CoverageScalar:
        return CoverageScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        drawn = noise.uniform((batch, self.sets, self.items))
        members = (drawn < self.density).astype(np.float64)
        weights = np.ones((batch, self.items))
        if self.weights == "random":
            # 1 - u is above 0: the weights never all vanish.
            weights = 1.0 - noise.uniform((batch, self.items))
        weights = weights / weights.sum(axis=1, keepdims=True)
        every = values(members, weights, choices(self.sets, self.horizon), self.power)
        scale = float(self.horizon) ** self.power
        return {
            "members": members,
            "weights": weights,
            "best": every.max(axis=1) / scale,
            "counts": np.zeros((batch, self.items), dtype=np.int64),
            "free": np.ones((batch, self.sets), dtype=bool),
            "value": np.zeros(batch),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        return {
            "covered": state["counts"].astype(np.float64),
            "mask": state["free"].astype(np.float64),
            "sets": state["members"].copy(),
            "weights": state["weights"].copy(),
        }

    def mask(self, state: State, ar: Arrays) -> Any:
        return state["free"].copy()

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        chosen = np.asarray(action)
        held = state["members"][np.arange(len(chosen)), chosen]
        gained = (held * self._unit(state)).sum(axis=1)
        value = state["value"] + gained
        after = {
            **state,
            "counts": state["counts"] + held.astype(np.int64),
            "free": state["free"] & (np.arange(self.sets) != chosen[:, None]),
            "value": value,
        }
        best, tiny = state["best"], np.finfo(np.float64).tiny
        return after, {
            "utility": gained,
            "expected": gained,
            "violation": 0.0,
            "shortfall": best / self.horizon - gained,
            "covered": value,
            # Sums in another order may exceed the best by rounding.
            "progress": np.where(best > 0.0, np.minimum(value / np.maximum(best, tiny), 1.0), 1.0),
        }

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0, "covered": 0.0, "progress": 0.0}

    def oracle(self) -> Mapping[str, Any]:
        """Return the share of the best value that greedy choice is sure to reach.

        The best choice itself differs from world to world.
        """
        return {"greedy_bound": 1.0 - (1.0 - 1.0 / self.horizon) ** self.horizon}

    def outcome(self, mean: float) -> float:
        """Return the value F of what was chosen, 0 to 1: the rounds' gains sum to it."""
        return min(1.0, max(0.0, mean * self.horizon))

    def gains(self, state: State) -> NDArray[np.float64]:
        """Return what every set would add now, float64 [B, sets]; 0 or more."""
        gains: NDArray[np.float64] = np.einsum("bsi,bi->bs", state["members"], self._unit(state))
        return gains

    def myopic(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return the greedy action, int64 [B]: the free set that adds most, the first of several."""
        gains = np.where(state["free"], self.gains(state), -1.0)
        action: NDArray[np.int64] = gains.argmax(axis=1)
        return action

    def expert(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return per row a set of the best choice that holds what was taken, int64 [B]; privileged.

        Of that choice's sets the one that adds most now.
        """
        table = choices(self.sets, self.horizon)
        every = values(state["members"], state["weights"], table, self.power)
        open_ = (table[None] | state["free"][:, None]).all(axis=2)
        best = np.where(open_, every, -1.0).argmax(axis=1)
        left = table[best] & state["free"]
        action: NDArray[np.int64] = np.where(left, self.gains(state), -1.0).argmax(axis=1)
        return action

    def _unit(self, state: State) -> Any:
        """What one more count of every item would add, float64 [B, items]."""
        return state["weights"] * self.pay[state["counts"]]
