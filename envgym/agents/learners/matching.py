"""Rules for stochastic matching: least load first, or a random order of the nodes."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import BaseLearner


@dataclass(kw_only=True, eq=False)
class MatchingLearner(BaseLearner):
    """Picks among the valid nodes, never the null action while a node is valid.

    The mask, or the observation's part "mask", says which nodes are neighbours and available.
    """

    def ready(self) -> None:
        self._needs_numbers()
        if self.problem.null is None:
            raise self._error("needs a problem with a null action, to skip an arrival")
        self._nodes = np.arange(self.problem.actions) != self.problem.null

    def choose(self, obs: Any, valid: NDArray[Any] | None) -> NDArray[Any]:
        if valid is None:
            raise self._error("needs a mask of the neighbours that are available")
        open_ = valid & self._nodes
        chosen: NDArray[Any] = np.where(open_, self.order(obs), np.inf).argmin(1)
        chosen[~open_.any(1)] = self.problem.null
        return chosen

    def order(self, obs: Any) -> NDArray[Any]:
        """Return what is to be least, [B, A]."""
        raise NotImplementedError

    def _wide(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return numbers per node [B, A - 1] as numbers per action, 0 for null."""
        out = np.zeros((self.batch, self.problem.actions))
        out[:, self._nodes] = values
        return out


@dataclass(kw_only=True, eq=False)
class StochasticBalance(MatchingLearner):
    """Assigns an arrival to the available neighbour of least load, the lowest number on ties.

    Load is the sum of the probabilities assigned to a node so far, the observation's part "load"
    [B, nodes].
    Source:  Mehta and Panigrahi 2012; [257] arXiv 2309.10289 (rule seen)
    """

    name: ClassVar[str] = "stochastic-balance"

    def order(self, obs: Any) -> NDArray[Any]:
        return self._wide(self._part(obs, "load", (self.problem.actions - 1,)))


@dataclass(kw_only=True, eq=False)
class Ranking(MatchingLearner):
    """Assigns an arrival to the available neighbour that comes first in an order drawn at the start.

    Source:  Karp, Vazirani and Vazirani 1990 (recalled)
    """

    name: ClassVar[str] = "ranking"

    def ready(self) -> None:
        super().ready()
        self.ranks: NDArray[Any] = self._wide(
            np.asarray(self._noise.uniform((self.batch, self.problem.actions - 1)))
        )
        """[B, A]: the lower, the earlier."""

    def order(self, obs: Any) -> NDArray[Any]:
        return self.ranks
