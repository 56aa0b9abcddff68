"""Live-stream insertion: one episode on plain numbers."""

from math import ceil, exp
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.live.core import LiveInsertCore

SLACK = 1e-9
"""Minutes by which a sum may miss the floor and count as keeping it: rounding."""


class LiveInsertScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "LiveInsertCore") -> None:
        self.core = core
        self.t = 0
        self.group = 0
        """Of the user: 0 is A, 1 is B."""
        self.level = 0
        """Of fatigue."""
        self.owed = 0.0
        """Sum of floor - expected short-video minutes so far; above 0: the floor is missed."""
        self._best: list[float] = core.best.tolist()

    def start(self, rng: Generator) -> None:
        self.t, self.level, self.owed = 0, 0, 0.0
        self.group = 1 if rng.random() < self.core.share_b else 0

    @property
    def fatigue(self) -> float:
        """0 to 1."""
        return self.level / (self.core.levels - 1)

    def observe(self) -> NDArray[np.float64]:
        return np.array([float(self.group), self.fatigue, 1.0 - self.t / self.core.horizon])

    def mask(self) -> NDArray[np.bool_] | None:
        return None

    def advance(self, action: Any, rng: Generator) -> Facts:
        core, x = self.core, self.fatigue
        hit, length, noise = rng.random(3).tolist()
        appeal, wear, tire = (
            (core.appeal_b, core.wear_b, core.tire_b)
            if self.group
            else (core.appeal_a, core.wear_a, core.tire_a)
        )
        expected, kept = 0.0, core.short * (1.0 - tire * x)
        if action:
            expected = core.live * (appeal * exp(-wear * x))
            kept -= core.displaced
            self.level = min(self.level + core.rise, core.levels - 1)
        else:
            self.level -= ceil(core.rest * self.level - 1e-9)
        kept = max(0.0, kept)
        self.owed += core.floor - kept
        self.t += 1
        return {
            "utility": 2.0 * core.live * length if hit * core.live < expected else 0.0,
            "expected": expected,
            "violation": max(0.0, self.owed) / self.t,
            "shortfall": self._best[self.group] - expected,
            "duration_residual": core.floor - kept * (0.5 + noise),
            "fatigue": self.fatigue,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ("duration_residual",)),)

    def expert(self) -> int:
        """Return the oracle's action; see ``LiveInsertCore.expert``."""
        core = self.core
        found = core.plans[self.group]
        policy = found.eager if self.t >= core.turning[self.group] else found.frugal
        kept = float(core.habits[self.group].short[self.level, 1])
        return int(policy[self.level]) if self.owed + (core.floor - kept) <= SLACK else 0

    def myopic(self) -> int:
        """Return the action with the most live minutes now: to insert."""
        return 1
