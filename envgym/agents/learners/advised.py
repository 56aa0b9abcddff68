"""Privileged players: they ask the environment itself, and are no agents."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner, as_array


@dataclass(kw_only=True, eq=False)
class AdvisedLearner(BaseLearner):
    """Plays what a method of the attached environment says.

    ``attach`` takes a single environment (actions as they are), a vector or a text view ([B, ...]).
    """

    method: ClassVar[str]
    """Of the environment."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._env: Any = None

    def attach(self, env: Any) -> None:
        """Let the player see the environment that is about to be played.

        Raises:
            ConfigError: it lacks the method.
        """
        env = getattr(env, "unwrapped", env)
        if not hasattr(env, self.method):
            raise self._error(f"needs {type(env).__name__}.{self.method}(), which it lacks")
        self._env = env

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        if self._env is None:
            raise self._error("needs the environment: call attach(env) before act()")
        said = as_array(getattr(self._env, self.method)())
        slots = int(self.problem.more.get("slots", 1))
        tail = (slots,) if slots > 1 else () if self.problem.actions else (-1,)
        if self.problem.actions:
            said = said.astype(np.int64, copy=False)
        return said.reshape(self.batch, *tail)


@dataclass(kw_only=True, eq=False)
class Oracle(AdvisedLearner):
    """The environment's expert."""

    name: ClassVar[str] = "oracle"
    method: ClassVar[str] = "expert_actions"


@dataclass(kw_only=True, eq=False)
class DpOptimal(AdvisedLearner):
    """The environment's expert, by the name it has where that is an exact dynamic programme."""

    name: ClassVar[str] = "dp-optimal"
    method: ClassVar[str] = "expert_actions"


@dataclass(kw_only=True, eq=False)
class Myopic(AdvisedLearner):
    """The action of highest expected reward in the coming round, whatever comes after."""

    name: ClassVar[str] = "myopic"
    method: ClassVar[str] = "myopic_actions"
