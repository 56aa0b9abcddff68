"""Regret matching and regret matching+: play in proportion to what one regrets, average."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Floats, Weights, against, checked, uniform_weights

ROUNDS = 1_000


def regret_matching(
    payoffs: Sequence[ArrayLike], step: int = 1, *, rounds: int = ROUNDS
) -> Weights:
    """Return the average play of ``rounds`` rounds of simultaneous regret matching.

    Formula: Q += p - sigma.p;  sigma = max(0, Q) / sum max(0, Q), uniform if all are 0
    Source:  Hart & Mas-Colell 2000 (recalled)
    Laws:    invariant to payoffs * c (c > 0) and + constant; relabelling strategies relabels the
             answer; in two-player zero-sum games the average nears the Nash equilibria as
             1 / sqrt(rounds), elsewhere joint play nears the coarse correlated equilibria

    >>> [w.round(2).tolist() for w in regret_matching([[[3, 3], [1, 1]], [[0, 1], [0, 1]]])]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    tensors = checked(payoffs)
    sigma = uniform_weights(tensors)
    regret = [np.zeros(len(weights)) for weights in sigma]
    total = [np.zeros(len(weights)) for weights in sigma]
    for _ in range(rounds):
        values = [against(tensor, player, sigma) for player, tensor in enumerate(tensors)]
        for player, value in enumerate(values):
            total[player] += sigma[player]
            regret[player] += value - value @ sigma[player]
            sigma[player] = matched(regret[player])
    return tuple(each / each.sum() for each in total)


def regret_matching_plus(
    payoffs: Sequence[ArrayLike], step: int = 1, *, rounds: int = ROUNDS
) -> Weights:
    """Return the linearly weighted average play of alternating regret matching+.

    Formula: Q = max(0, Q + p - sigma.p);  sigma = Q / sum Q, uniform if all are 0;
             weight of round t (from 1) in the average: t
    Source:  Tammelin 2014, arXiv 1407.5042 (recalled)
    Laws:    as for ``regret_matching``; faster in practice. Player by player, later ones see
             earlier updates of the same round, so the order of players matters a little.

    >>> [w.round(2).tolist() for w in regret_matching_plus([[[2, -1], [-1, 1]], [[-2, 1], [1, -1]]])]
    [[0.4, 0.6], [0.4, 0.6]]
    """
    tensors = checked(payoffs)
    sigma = uniform_weights(tensors)
    regret = [np.zeros(len(weights)) for weights in sigma]
    total = [np.zeros(len(weights)) for weights in sigma]
    for round_ in range(1, rounds + 1):
        for player, tensor in enumerate(tensors):
            value = against(tensor, player, sigma)
            regret[player] = np.maximum(0.0, regret[player] + value - value @ sigma[player])
            sigma[player] = matched(regret[player])
            total[player] += round_ * sigma[player]
    return tuple(each / each.sum() for each in total)


def matched(regret: Floats) -> Floats:
    """Return play in proportion to positive regret, uniform where there is none."""
    positive = np.maximum(regret, 0.0)
    mass = float(positive.sum())
    # Below this what is left is rounding, whose proportions mean nothing.
    if mass <= 1e-12 * float(np.max(np.abs(regret), initial=0.0)) or mass == 0.0:
        return np.full(len(regret), 1.0 / len(regret))
    return positive / mass
