"""Live-stream insertion over arrays: live time now, fatigue later, and a short-video floor [254]."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.live.oracle import Habits, Plan, plan
from envgym.envs.bandits.live.scalar import SLACK, LiveInsertScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Problem


@dataclass(frozen=True, kw_only=True)
class LiveInsertCore(Core):
    """One user's requests; each may get one live stream (action 1) among its short videos or none.

    At fatigue x, 0 to 1, an inserted stream is watched with probability appeal * exp(-wear * x),
    for a uniform 0 to 2 * ``live`` minutes. Short videos are watched for
    short * (1 - tire * x) - displaced * inserted minutes on average, times a uniform 0.5 to 1.5.
    Fatigue has ``levels`` levels: inserting adds ``rise`` of them, otherwise the share ``rest`` of
    the level, rounded up, is recovered. appeal, wear and tire depend on the user's group, A or B.

    Source: [254] arXiv 2412.10381 (seen: live watch time as reward, a duration constraint, groups
    of users; model and constants inferred).
    """

    stream: ClassVar[str] = "live_insert"
    torch_ok: ClassVar[bool] = False

    floor: float = 0.88
    """Short-video minutes per round that the whole episode must reach, 0 to ``short``."""
    share_b: float = 0.5
    """Probability that an episode's user is of group B, 0 to 1."""
    appeal_a: float = 0.6
    """Group A's probability of watching at no fatigue, 0 to 1."""
    appeal_b: float = 0.45
    """Group B's, 0 to 1."""
    wear_a: float = 2.0
    """How fast fatigue spoils live streams for group A, 0 to 20."""
    wear_b: float = 3.0
    """For group B, 0 to 20."""
    tire_a: float = 0.1
    """Share of group A's short-video time lost at full fatigue, 0 to 1."""
    tire_b: float = 0.3
    """Of group B's, 0 to 1."""
    live: float = 1.0
    """Mean minutes of a stream that is watched, 0.001 to 1000."""
    short: float = 1.0
    """Mean minutes of short videos at no fatigue, 0.001 to 1000."""
    displaced: float = 0.3
    """Short-video minutes that an inserted stream takes away, 0 to short * (1 - tire)."""
    levels: int = 31
    """Levels of fatigue, 2 to 200."""
    rise: int = 4
    """Levels that an insertion adds, 1 to 200."""
    rest: float = 0.15
    """Share of the level recovered in a round without insertion, above 0 to 1."""

    def check(self) -> None:
        for name in ("share_b", "appeal_a", "appeal_b", "tire_a", "tire_b"):
            real(self, name, 0.0, 1.0)
        for name in ("wear_a", "wear_b"):
            real(self, name, 0.0, 20.0)
        for name in ("live", "short"):
            real(self, name, 0.001, 1000.0)
        real(self, "displaced", 0.0, 1000.0)
        real(self, "floor", 0.0, 1000.0)
        whole(self, "levels", 2, 200)
        whole(self, "rise", 1, 200)
        real(self, "rest", 1e-6, 1.0)
        if self.floor > self.short:
            raise ConfigError(
                f"{self.where}: floor must be at most short ({self.short:g}), which only never"
                f" inserting reaches, got {self.floor:g}."
            )
        most = self.short * (1.0 - max(self.tire_a, self.tire_b))
        if self.displaced > most:
            raise ConfigError(
                f"{self.where}: displaced must be at most short * (1 - tire) = {most:g}, got"
                f" {self.displaced:g}."
            )

    @cached_property
    def habits(self) -> tuple[Habits, Habits]:
        """Of groups A and B."""
        level = np.arange(self.levels)
        x = level / (self.levels - 1)
        fall = np.ceil(self.rest * level - 1e-9).astype(np.int64)
        after = np.stack((level - fall, np.minimum(level + self.rise, self.levels - 1)), axis=1)
        inserted = np.array([0.0, 1.0])

        def group(appeal: float, wear: float, tire: float) -> Habits:
            live = (self.live * appeal * np.exp(-wear * x))[:, None] * inserted
            kept = (self.short * (1.0 - tire * x))[:, None] - self.displaced * inserted
            return Habits(live, np.maximum(0.0, kept), after)

        return (
            group(self.appeal_a, self.wear_a, self.tire_a),
            group(self.appeal_b, self.wear_b, self.tire_b),
        )

    @cached_property
    def tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Expected live and short minutes [2, levels, 2] by group, level and action, and levels
        after [levels, 2]."""
        a, b = self.habits
        return np.stack((a.live, b.live)), np.stack((a.short, b.short)), a.after

    @cached_property
    def plans(self) -> tuple[Plan, Plan]:
        """The best policies for groups A and B."""
        a, b = self.habits
        return plan(a, self.floor), plan(b, self.floor)

    @cached_property
    def best(self) -> NDArray[np.float64]:
        """Long-run live minutes per round of the best policy by group, float64 [2]."""
        return np.array([found.live for found in self.plans])

    @cached_property
    def turning(self) -> NDArray[np.float64]:
        """Round from which the expert is eager, by group, float64 [2]."""
        return np.array([(1.0 - found.share) * self.horizon for found in self.plans])

    @property
    def optimum(self) -> float:
        """Mean of ``best`` over groups."""
        a, b = self.best.tolist()
        return float((1.0 - self.share_b) * a + self.share_b * b)

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Box(0.0, 1.0, (3,), np.float64)

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(2)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=2,
            horizon=self.horizon,
            high=2.0 * self.live,
            scale=self.live,
            residuals=("duration_residual",),
            residual_scales=(0.5 * self.short,),
            null=0,
            more={"floor": self.floor},
        )

    def scalar(self) -> LiveInsertScalar:
        return LiveInsertScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        return {
            "group": (noise.uniform((batch,)) < self.share_b).astype(np.int64),
            "level": np.zeros(batch, dtype=np.int64),
            "owed": np.zeros(batch),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        fatigue = state["level"] / (self.levels - 1)
        clock = 1.0 - state["t"] / self.horizon
        return np.stack((state["group"].astype(np.float64), fatigue, clock), axis=1)

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        group, level = state["group"], state["level"]
        live, short, after = self.tables
        drawn = noise.uniform((len(group), 3))
        expected, kept = live[group, level, action], short[group, level, action]
        watched = drawn[:, 0] * self.live < expected
        utility = np.where(watched, 2.0 * self.live * drawn[:, 1], 0.0)
        owed = state["owed"] + (self.floor - kept)
        reached = after[level, action]
        minutes = kept * (0.5 + drawn[:, 2])
        return {"group": group, "level": reached, "owed": owed}, {
            "utility": utility,
            "expected": expected,
            "violation": np.maximum(0.0, owed) / (state["t"] + 1),
            "shortfall": self.best[group] - expected,
            "duration_residual": self.floor - minutes,
            "fatigue": reached / (self.levels - 1),
        }

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0, "duration_residual": 0.0, "fatigue": 0.0}

    def oracle(self) -> Mapping[str, Any]:
        """Return, for groups A and B, the best long-run ``live`` minutes per round, the ``price``
        of a short-video minute, and the mean of ``live`` over groups, ``optimum``."""
        a, b = self.plans
        return {"live": (a.live, b.live), "price": (a.price, b.price), "optimum": self.optimum}

    def worth(self, facts: Facts, ar: Arrays) -> Any:
        """Return the utility of rounds up to which the floor was kept; others are worth 0."""
        return np.where(facts["violation"] <= SLACK, facts["utility"], 0.0)

    def worth_one(self, facts: Facts) -> float:
        """Return the same of one round."""
        return float(facts["utility"]) if facts["violation"] <= SLACK else 0.0

    def expert(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return the oracle's action per row, int64 [B]; privileged.

        The frugal policy first, then the eager one for the share of rounds that the floor allows:
        one change, because each wastes some fatigue. No insertion that would miss the floor so far,
        so that the first ones wait until short-video minutes were put by.
        """
        eager = np.stack([found.eager for found in self.plans])
        frugal = np.stack([found.frugal for found in self.plans])
        group, level = state["group"], state["level"]
        turned = state["t"] >= self.turning[group]
        wanted = np.where(turned, eager[group, level], frugal[group, level])
        owed = state["owed"] + (self.floor - self.tables[1][group, level, 1])
        return np.asarray(np.where(owed <= SLACK, wanted, 0))

    def myopic(self, state: State, ar: Arrays) -> NDArray[np.int64]:
        """Return the action with the most live minutes now, int64 [B]: always to insert."""
        return np.ones(len(state["level"]), dtype=np.int64)
