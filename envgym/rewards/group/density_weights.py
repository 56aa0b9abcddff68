"""VeRPO's test weights: tests that many pass, or that many others resemble, count little."""

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, row
from envgym.types.errors import ConfigError


def density_weights(
    rates: ArrayLike,
    *,
    alpha: float = 2.0,
    sigma: float = 0.1,
    delta: float = 1e-6,
    by_sum: bool = False,
) -> Floats:
    """Return the weight of each test from its pass rate.

    Formula: w_j = exp(-alpha rho_j) / (N_j + delta), N_j = sum_k exp(-(rho_j - rho_k)^2 / (2
             sigma^2)); ``by_sum``: divided by sum w
    Source:  cookbook B8, VeRPO, arXiv 2601.03525 (seen: paper note with equations 1-14); alpha,
             sigma and delta are ours
    Shapes:  rho, w: float64 [J]
    Range:   (0, 1]; sums to 1 with ``by_sum``
    Laws:    equivariant under permutation of tests (L4); a test far from all others counts
             exp(-alpha rho); copies of a test share its weight

    Weights of a fixed set of tests may be frozen: measure the rates once, on the task's first
    rollouts, and give the result to ``WeightedTests``.

    Args:
        rates: share of turns that pass each test, in [0, 1].
        alpha: how fast easy tests lose weight; at least 0.
        sigma: how alike two rates must be to share their weight; more than 0.
        delta: added to the count; at least 0.
        by_sum: True bounds a turn's reward by 1.

    >>> density_weights([0.9, 0.9, 0.9, 0.1]).round(4).tolist()
    [0.0551, 0.0551, 0.0551, 0.8187]
    """
    check_constants(alpha, sigma, delta)
    rho = row(rates, "pass rates")
    if np.any((rho < 0) | (rho > 1)):
        raise ConfigError(f"pass rates must be in [0, 1], got {rho.min():g} to {rho.max():g}.")
    if not rho.size:
        return rho.copy()
    with np.errstate(under="ignore"):
        near = np.exp(-((rho[:, None] - rho[None, :]) ** 2) / (2 * sigma**2))
    # Weights that are divided by their sum may start at 1: a large alpha leaves one above 0.
    easy = rho - rho.min() if by_sum else rho
    with np.errstate(under="ignore"):
        weights = np.exp(-alpha * easy) / (near.sum(axis=1) + delta)
    return np.asarray(weights / weights.sum() if by_sum else weights, dtype=np.float64)


def pass_rates(passes: ArrayLike, mask: ArrayLike) -> Floats:
    """Return the pass rate [J] of each test over all turns of a group; 0 without turns.

    Args:
        passes: bool [G, T, J]; masked turns may hold anything.
        mask: True [G, T] where the rollout has that turn.

    >>> pass_rates([[[1, 0], [1, 1]], [[1, 0], [0, 0]]], [[1, 1], [1, 0]]).round(3).tolist()
    [1.0, 0.333]
    """
    table, held = tables(passes, mask)
    turns = table[held]
    return np.asarray(turns.mean(axis=0) if len(turns) else np.zeros(table.shape[2]))


def tables(passes: ArrayLike, mask: ArrayLike) -> tuple[Floats, np.ndarray]:
    """Return passes [G, T, J] as 0 and 1, and the mask [G, T], checked.

    Raises:
        ConfigError: for shapes that do not fit, or a result that is neither 0 nor 1.
    """
    table, held = np.asarray(passes, dtype=np.float64), np.asarray(mask, dtype=bool)
    if table.ndim != 3 or held.shape != table.shape[:2]:
        raise ConfigError(
            f"passes must be [G, T, J] and mask [G, T], got shapes {table.shape} and {held.shape}."
        )
    table = np.where(held[:, :, None], table, 0.0)
    if np.any((table != 0) & (table != 1)):
        raise ConfigError("passes must hold 0 or 1 for every test of every turn.")
    return table, held


def check_constants(alpha: float, sigma: float, delta: float) -> None:
    """Refuse constants without sense.

    Raises:
        ConfigError: naming the constant, its value and what is allowed.
    """
    if not 0 <= alpha < inf:
        raise ConfigError(f"density_weights.alpha must be at least 0, got {alpha!r}.")
    if not 1e-9 <= sigma < inf:
        raise ConfigError(f"density_weights.sigma must be at least 1e-9, got {sigma!r}.")
    if not 0 <= delta < inf:
        raise ConfigError(f"density_weights.delta must be at least 0, got {delta!r}.")
