"""Projected replicator dynamics: evolution with a floor under every strategy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Floats, Weights, against, checked, uniform_weights
from envgym.types.errors import ConfigError

ROUNDS = 20_000
STEP_SIZE = 0.01
FLOOR = 1e-6


def projected_replicator(
    payoffs: Sequence[ArrayLike],
    step: int = 1,
    *,
    rounds: int = ROUNDS,
    dt: float = STEP_SIZE,
    floor: float = FLOOR,
) -> Weights:
    """Return the time average of projected replicator dynamics from uniform play.

    Formula: x_p <- P(x_p + dt * x_p * (u_p - x_p.u_p)), P the Euclidean projection onto the
             distributions with every weight >= floor / n_p; u divided by the range of player p's
             payoffs
    Source:  Lanctot et al. 2017, arXiv 1711.00832 (recalled); dividing by the range is ours and
             makes ``dt`` mean the same in every game
    Laws:    invariant to payoffs * c (c > 0) and + constant; relabelling strategies relabels the
             answer; every weight >= floor / n_p. ``rounds * dt`` = 200 units of time by default:
             in zero-sum games the average is off by about 1 / (rounds * dt).

    Raises:
        ConfigError: ``dt`` or ``floor`` outside (0, 1).

    >>> [w.round(2).tolist() for w in projected_replicator([[[3, 3], [1, 1]], [[0, 1], [0, 1]]])]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    for name, given in (("dt", dt), ("floor", floor)):
        if not 0.0 < given < 1.0:
            raise ConfigError(f"prd.{name} must be between 0 and 1, got {given!r}.")
    tensors = []
    for tensor in checked(payoffs):
        spread = float(tensor.max() - tensor.min())
        tensors.append(tensor / spread if spread > 0.0 else np.zeros_like(tensor))
    x = uniform_weights(tensors)
    total = [np.zeros(len(weights)) for weights in x]
    for _ in range(rounds):
        values = [against(tensor, player, x) for player, tensor in enumerate(tensors)]
        for player, value in enumerate(values):
            weights = x[player]
            total[player] += weights
            grown = weights * (1.0 + dt * (value - value @ weights))
            x[player] = project(np.asarray(grown), floor / len(weights))
    return tuple(each / each.sum() for each in total)


def project(weights: Floats, floor: float = 0.0) -> Floats:
    """Return the nearest distribution (Euclid) with every weight at least ``floor``.

    >>> project(np.array([0.9, 0.3, -0.2])).round(6).tolist()
    [0.8, 0.2, 0.0]
    """
    size = len(weights)
    free = 1.0 - size * floor
    above = weights - floor
    if above.min() >= 0.0 and abs(float(above.sum()) - free) < 1e-15:
        return weights
    ordered = np.sort(above)[::-1]
    cut = (np.cumsum(ordered) - free) / np.arange(1, size + 1)
    kept = int(np.nonzero(ordered > cut)[0][-1])
    return np.asarray(floor + np.maximum(0.0, above - cut[kept]))
