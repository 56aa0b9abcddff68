"""Disengagement: one episode on plain numbers."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.envs.bandits.disengage.oracle import LIFT, REVENUE
from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.disengage.core import DisengageCore


class DisengageScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "DisengageCore") -> None:
        self.core = core
        self.t = 0
        self.level = core.begin
        """Satisfaction, 0 to levels - 1."""
        self.on = True
        """Whether the user is engaged."""
        value = core.solution.value.tolist()
        self._value: list[float] = value
        self._asleep: list[float] = core.chain.asleep.tolist()
        self._factor: list[float] = core.chain.factor.tolist()
        self._most = max(value)

    def start(self, rng: Generator) -> None:
        self.t, self.level, self.on = 0, self.core.begin, True

    def observe(self) -> NDArray[np.float64]:
        return np.array([self.level / (self.core.levels - 1), 1.0 if self.on else 0.0])

    def mask(self) -> NDArray[np.bool_] | None:
        return None

    def advance(self, action: Any, rng: Generator) -> Facts:
        core, engaged = self.core, self.on
        drawn = rng.random(2 if core.stopping else 1).tolist()
        paid = lost = 0.0
        stay = 1.0
        if engaged:
            paid = REVENUE[int(action)]
            lost = max(map(self._worth, range(len(LIFT)))) - self._worth(int(action))
            self.level = self._moved(int(action))
        else:
            stay = core.reengage
        share = self.level / (core.levels - 1)
        self.on = drawn[0] < stay * min(1.0, core.floor + core.rise * share**core.bend)
        self.t += 1
        value = self.value
        facts: Facts = {
            "utility": paid,
            "expected": paid,
            "violation": 0.0,
            "shortfall": lost,
            "value": value,
            "engaged": engaged,
            "progress": value / self._most,
        }
        if core.stopping:
            facts["over"] = drawn[1] >= core.discount
        return facts

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    @property
    def value(self) -> float:
        """Exact value of the present state."""
        value = self._value[self.level]
        return value if self.on else self._asleep[self.level] * value

    def expert(self) -> int:
        """Return the best action at this level."""
        return int(self.core.policy[self.level])

    def myopic(self) -> int:
        """Return the action with the most revenue now."""
        return 0

    def _moved(self, action: int) -> int:
        return min(max(self.level + LIFT[action], 0), self.core.levels - 1)

    def _worth(self, action: int) -> float:
        level = self._moved(action)
        return REVENUE[action] + self._factor[level] * self._value[level]
