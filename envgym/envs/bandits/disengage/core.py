"""Disengagement over arrays: revenue now against a satisfied user who stays [245]."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.disengage import oracle
from envgym.envs.bandits.disengage.scalar import DisengageScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Problem

ACTIONS = len(oracle.REVENUE)


@dataclass(frozen=True, kw_only=True)
class DisengageCore(Core):
    """A user with a level of satisfaction, engaged or not; five actions trade revenue for level.

    Engaged: action a pays ``oracle.REVENUE[a]`` and moves the level by ``oracle.LIFT[a]``, then the
    user stays with probability f(x) of the new level x. Disengaged: the action is ignored, nothing
    is paid, the level stays, and the user returns with probability ``reengage`` * f(x).
    f(x) = floor + rise * (x / (levels - 1))^bend.

    Source: [245] arXiv 2410.13108 (seen: the mechanism and its finding; formulas and constants
    inferred).
    """

    stream: ClassVar[str] = "disengage"

    levels: int = 12
    """Levels of satisfaction k, 2 to 1000."""
    begin: int = 6
    """Level at the start, 0 to levels - 1."""
    reengage: float = 1.0
    """q, 0.001 to 1: the lower, the more friction in coming back."""
    discount: float = 0.97
    """g, 0 to 0.9999, per round, engaged or not."""
    floor: float = 0.15
    """Probability of staying at level 0, 0.001 to 1."""
    rise: float = 0.8
    """What the highest level adds to it, 0 to 1; floor + rise is at most 1."""
    bend: float = 1.5
    """Power of the level's share, 0.1 to 10."""
    stopping: bool = False
    """False: episodes last ``horizon`` rounds, and the *discounted* return is worth ``value``.
    True: each round is the last one with probability 1 - discount, so that the plain return is."""

    def check(self) -> None:
        whole(self, "levels", 2, 1000)
        whole(self, "begin", 0, self.levels - 1)
        real(self, "reengage", 0.001, 1.0)
        real(self, "discount", 0.0, 0.9999)
        real(self, "floor", 0.001, 1.0)
        real(self, "rise", 0.0, 1.0)
        real(self, "bend", 0.1, 10.0)
        choice(self, "stopping", (False, True))
        # .15 + .85 is 1 and must not fail for its last bit.
        if self.floor + self.rise > 1.0 + 1e-12:
            raise ConfigError(
                f"{self.where}: floor + rise must be at most 1, got {self.floor:g} + {self.rise:g}."
            )

    @cached_property
    def engage(self) -> NDArray[np.float64]:
        """f(x), float64 [levels]."""
        share = np.arange(self.levels) / (self.levels - 1)
        return np.asarray(np.minimum(1.0, self.floor + self.rise * share**self.bend))

    @cached_property
    def back(self) -> NDArray[np.float64]:
        """Probability of returning by level, float64 [levels]."""
        return self.reengage * self.engage

    @cached_property
    def chain(self) -> oracle.Chain:
        """The tables of the dynamic programme."""
        return oracle.chain(self.engage, self.reengage, self.discount)

    @cached_property
    def solution(self) -> oracle.Solution:
        """The optimum."""
        return oracle.policy_iteration(self.chain)

    @property
    def optimum(self) -> float:
        """Value that a lost round costs at the start, where the world stands still: (1 - g) V."""
        return (1.0 - self.discount) * float(self.exact[1, self.begin])

    @cached_property
    def exact(self) -> NDArray[np.float64]:
        """Exact value by (disengaged 0 or engaged 1, level), float64 [2, levels]."""
        value = self.solution.value
        return np.stack((self.chain.asleep * value, value))

    @cached_property
    def loss(self) -> NDArray[np.float64]:
        """Value lost by an action instead of the best one, float64 [levels, A], 0 or more."""
        q = oracle.action_values(self.chain, self.solution.value)
        return np.asarray(q.max(axis=1, keepdims=True) - q)

    @cached_property
    def revenue(self) -> NDArray[np.float64]:
        """Of every action, float64 [A]."""
        return np.array(oracle.REVENUE)

    @cached_property
    def after(self) -> NDArray[np.int64]:
        """Level after an action, int64 [levels, A]."""
        return self.chain.after

    @cached_property
    def policy(self) -> NDArray[np.int64]:
        """The best action by level, int64 [levels]."""
        return self.solution.policy

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Box(0.0, 1.0, (2,), np.float64)

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(ACTIONS)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=ACTIONS,
            horizon=self.horizon,
            scale=0.5,
            more={"levels": self.levels, "discount": self.discount},
        )

    def scalar(self) -> DisengageScalar:
        return DisengageScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        return {"level": ar.ints((batch,), self.begin), "on": ar.bools((batch,), True)}

    def observe(self, state: State, ar: Arrays) -> Any:
        level = ar.real(state["level"]) / (self.levels - 1)
        return ar.xp.stack((level, ar.real(state["on"])), -1)

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        level, on = state["level"], state["on"]
        batch = len(level)
        drawn = noise.uniform((batch, 2) if self.stopping else (batch, 1))
        paid = ar.xp.where(on, ar.const(self.revenue)[action], ar.full((batch,), 0.0))
        lost = ar.xp.where(on, ar.const(self.loss)[level, action], ar.full((batch,), 0.0))
        reached = ar.xp.where(on, ar.const(self.after)[level, action], level)
        chance = ar.xp.where(on, ar.const(self.engage)[reached], ar.const(self.back)[reached])
        stays = drawn[:, 0] < chance
        value = ar.const(self.exact)[ar.whole(stays), reached]
        facts: Facts = {
            "utility": paid,
            "expected": paid,
            "violation": ar.full((batch,), 0.0),
            "shortfall": lost,
            "value": value,
            "engaged": on,
            "progress": value / self._most,
        }
        if self.stopping:
            facts["over"] = drawn[:, 1] >= self.discount
        return {"level": reached, "on": stays}, facts

    @cached_property
    def _most(self) -> float:
        return float(self.exact.max())

    def opening(self) -> Mapping[str, Any]:
        value = float(self.exact[1, self.begin])
        return {
            "shortfall": 0.0,
            "value": value,
            "engaged": True,
            # So that the potential of progress adds nothing to an episode's sum.
            "progress": 0.0,
        }

    def oracle(self) -> Mapping[str, Any]:
        """Return the optimum from the start.

        ``value``: discounted revenue; ``engaged``: long-run share of engaged rounds; ``revenue``:
        long-run revenue per round; ``policy``: the best action by level.
        """
        share, revenue = oracle.engaged_share(self.chain, self.policy, self.reengage, self.begin)
        return {
            "value": float(self.exact[1, self.begin]),
            "engaged": share,
            "revenue": revenue,
            "policy": tuple(self.policy.tolist()),
        }

    def expert(self, state: State, ar: Arrays) -> Any:
        """Return the best action per row, int64 [B]; privileged."""
        return ar.const(self.policy)[state["level"]]

    def myopic(self, state: State, ar: Arrays) -> Any:
        """Return the action with the most revenue now, int64 [B]: the first, at every level."""
        return ar.ints((len(state["level"]),), 0)
