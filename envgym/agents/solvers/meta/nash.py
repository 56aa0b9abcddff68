"""Nash: an equilibrium of a two-player zero-sum empirical game, by linear programming."""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Floats, Weights, checked, is_zero_sum
from envgym.agents.solvers.meta.regret_matching import regret_matching_plus
from envgym.types.errors import ConfigError, MissingExtraError

LONG_RUN = 20_000
"""Rounds of regret matching+ where no linear program applies."""


def nash(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return maximin strategies of both players; elsewhere the average of a long regret matching.

    Formula: max v subject to x A >= v, x a distribution, for each player of a two-player
             zero-sum game
    Source:  von Neumann (recalled)
    Laws:    payoffs * c (c > 0) and + constant leave the set of answers as it is; of several
             equilibria the one that the simplex method meets first is returned

    With three or more players, or payoffs that do not sum to 0, this is **not** a Nash
    equilibrium: it is the average of ``LONG_RUN`` rounds of regret matching+, whose joint play
    approaches the coarse correlated equilibria. ``meta_nash_conv`` says how far it is from one.

    Raises:
        MissingExtraError: scipy is not installed and the game has two players and is zero-sum.

    >>> [w.round(6).tolist() for w in nash([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    tensors = checked(payoffs)
    if len(tensors) != 2 or not is_zero_sum(tensors):
        return regret_matching_plus(tensors, rounds=LONG_RUN)
    return maximin(tensors[0]), maximin(tensors[1].T)


def maximin(matrix: Floats) -> Floats:
    """Return the row player's [rows] distribution with the largest guaranteed payoff.

    Raises:
        ConfigError: the linear program failed numerically.
        MissingExtraError: scipy is not installed.
    """
    rows, columns = matrix.shape
    if rows == 1:
        return np.ones(1)
    if find_spec("scipy") is None:
        raise MissingExtraError("the meta-solver 'nash'", "stats")
    from scipy.optimize import linprog

    # The solver's tolerances are absolute: bring payoffs to 0..1 first.
    low = float(matrix.min())
    spread = float(matrix.max()) - low
    scaled = (matrix - low) / spread if spread > 0.0 else np.zeros_like(matrix)
    answer = linprog(
        c=np.append(np.zeros(rows), -1.0),
        A_ub=np.hstack([-scaled.T, np.ones((columns, 1))]),
        b_ub=np.zeros(columns),
        A_eq=np.append(np.ones(rows), 0.0)[None, :],
        b_eq=np.ones(1),
        bounds=[(0.0, None)] * rows + [(None, None)],
        method="highs-ds",
    )
    if answer.x is None:
        raise ConfigError(f"the linear program of 'nash' found no answer: {answer.message}")
    weights = np.maximum(np.asarray(answer.x[:rows], dtype=np.float64), 0.0)
    return np.asarray(weights / weights.sum())
