"""What learners with a context vector share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner, Seen, as_array
from envgym.agents.learners.history import History


@dataclass(kw_only=True, eq=False)
class ContextualLearner(BaseLearner):
    """Remembers every round's context until the round is revealed.

    The context is the observation's part "context", float64 [B, d], or the observation itself.
    """

    def ready(self) -> None:
        self._needs_numbers()
        if self.problem.context < 1:
            raise self._error("needs a context vector in the observation; this problem has none")
        self._history = History(self.name, self.batch, self.problem.context)

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        part = obs if isinstance(obs, dict) else {"context": as_array(obs)}
        context = self._part(part, "context", (self.problem.context,))
        self._history.keep(context)
        return self.decide(context, valid)

    def decide(self, context: NDArray[Any], valid: NDArray[Any] | None) -> NDArray[Any]:
        """Return the actions for contexts [B, d]."""
        raise NotImplementedError

    def learn(self, seen: Seen) -> None:
        context = self._history.recall(seen.rounds, seen.rows)
        rows, actions, reward = seen.rows, seen.actions, seen.values[0]
        if seen.full:
            count = self.problem.actions
            rows, context = np.repeat(rows, count), np.repeat(context, count, axis=0)
            actions, reward = np.tile(np.arange(count), len(seen.rows)), reward.reshape(-1)
        self.take(rows, actions, context, reward)

    def take(
        self,
        rows: NDArray[Any],
        actions: NDArray[Any],
        context: NDArray[Any],
        reward: NDArray[Any],
    ) -> None:
        """Learn from n rounds, no two of the same row and action; context [n, d]."""
        raise NotImplementedError
