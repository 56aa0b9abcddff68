"""Learners that learn nothing: uniform choices, one fixed action."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner
from envgym.agents.learners.parameters import number


@dataclass(kw_only=True, eq=False)
class Random(BaseLearner):
    """Plays uniformly: a valid number, a slate of them, or a point of the unit box.

    Slates repeat nothing where ``problem.more["repeats"]`` is False. ``propensity`` is that of the
    whole action; of a point its density, 1.
    """

    name: ClassVar[str] = "random"

    def ready(self) -> None:
        problem = self.problem
        self._slots = int(problem.more.get("slots", 1))
        self._dims = int(problem.more.get("dims", 0))
        if problem.actions < 1 and self._dims < 1:
            raise self._error("needs numbered actions or more['dims']; this problem has neither")

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        actions = self.problem.actions
        if not actions:
            return np.asarray(self._noise.uniform((self.batch, self._dims)))
        if self._slots > 1:
            return self._slates(valid)
        chosen = self._uniform_valid(self._noise.uniform((self.batch,)), valid)
        self._propensity = 1.0 / np.broadcast_to(
            actions if valid is None else valid.sum(1), (self.batch,)
        )
        return chosen

    def _slates(self, valid: NDArray[Any] | None) -> NDArray[Any]:
        actions, slots = self.problem.actions, self._slots
        many = np.full(self.batch, actions) if valid is None else valid.sum(1)
        places = np.arange(slots)
        if self.problem.more.get("repeats", True):
            drawn = self._noise.uniform((self.batch, slots))
            chosen = np.stack([self._uniform_valid(drawn[:, i], valid) for i in places], 1)
            self._propensity = 1.0 / many.astype(np.float64) ** slots
            return chosen
        if many.min() < slots:
            raise self._error(f"{slots} slots need as many valid actions, got {int(many.min())}")
        keys = self._noise.uniform((self.batch, actions))
        if valid is not None:
            keys = np.where(valid, keys, 2.0)
        self._propensity = 1.0 / (many[:, None] - places).prod(1)
        return np.argsort(keys, axis=1, kind="stable")[:, :slots]


@dataclass(kw_only=True, eq=False)
class Fixed(BaseLearner):
    """Plays one action; where it is not valid, the null action or else the lowest valid one."""

    name: ClassVar[str] = "fixed"
    action: int = 0
    """The action, from 0."""

    def check(self) -> None:
        number(self, "action", 0, 1 << 62, whole=True)

    def ready(self) -> None:
        self._needs_numbers()
        if self.action >= self.problem.actions:
            raise self._error(
                f"action must be from 0 to {self.problem.actions - 1}, got {self.action}"
            )

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        chosen = np.full(self.batch, self.action)
        if valid is not None:
            null = self.problem.null
            other = valid.argmax(1)
            if null is not None:
                other = np.where(valid[:, null], null, other)
            chosen = np.where(valid[:, self.action], chosen, other)
        return chosen
