"""Bradley-Terry: strengths from the results of pairs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]

_STEPS = 100


class Strengths(NamedTuple):
    """A fit: strengths on the logit scale, which sum to 0, and how sure they are."""

    theta: Floats
    """[N]"""
    covariance: Floats
    """[N, N], of the Gaussian that approximates the posterior at its top."""


def bradley_terry(
    players: int, pairs: Sequence[tuple[int, int]], wins: Sequence[float], *, prior: float = 1.0
) -> Strengths:
    """Return the most likely strengths under P(i beats j) = sigmoid(theta_i - theta_j).

    Formula: max sum_m [y log P + (1 - y) log(1 - P)] - prior / 2 * sum_i theta_i^2, by Newton
             steps, halved while they overshoot
    Source:  cookbook D3 and games 4.5 (recalled); the prior's strength is ours. It keeps the
             strength of a player who won everything finite and joins parts without matches.
    Shapes:  pairs [M], wins [M] from 0 to 1, theta [N]
    Laws:    strengths sum to 0; exchanging two players exchanges theirs; ties only, or no
             matches: all 0

    Args:
        players: N, their number.
        pairs: who met, as positions below N; repeated pairs count repeatedly.
        wins: points of the first of each pair: 1 won, 0.5 tied, 0 lost.
        prior: precision of the Gaussian prior, more than 0.

    Raises:
        ConfigError: if the prior is not positive.

    >>> bradley_terry(2, [(0, 1)], [1.0]).theta.round(3).tolist()
    [0.337, -0.337]
    """
    if not prior > 0:
        raise ConfigError(f"bradley_terry.prior must be more than 0, got {prior!r}.")
    theta = np.zeros(players)
    if players == 0:
        return Strengths(theta, np.zeros((0, 0)))
    index = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
    i, j, y = index[:, 0], index[:, 1], np.asarray(wins, dtype=np.float64)

    def loss(at: Floats) -> float:
        gap = at[i] - at[j]
        return float(np.sum(np.logaddexp(0.0, gap) - y * gap) + 0.5 * prior * np.sum(at**2))

    def slopes(at: Floats) -> tuple[Floats, Floats]:
        chance = 0.5 * (1.0 + np.tanh(0.5 * (at[i] - at[j])))
        slope = prior * at
        np.add.at(slope, i, chance - y)
        np.add.at(slope, j, y - chance)
        curve = np.zeros((players, players))
        weight = chance * (1.0 - chance)
        np.add.at(curve, (i, j), -weight)
        np.add.at(curve, (j, i), -weight)
        np.fill_diagonal(curve, prior - curve.sum(axis=1))
        return slope, curve

    here = loss(theta)
    slope, curve = slopes(theta)
    for _ in range(_STEPS):
        if np.max(np.abs(slope)) < 1e-10:
            break
        step = np.linalg.solve(curve, slope)
        length = 1.0
        while length > 1e-6 and loss(theta - length * step) > here:
            length /= 2.0
        theta = theta - length * step
        here = loss(theta)
        slope, curve = slopes(theta)
    return Strengths(theta - theta.mean(), np.asarray(np.linalg.inv(curve), np.float64))
