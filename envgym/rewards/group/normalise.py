"""Group normalisers: advantages from the returns of one task's rollouts."""

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.group.batch import batch, row
from envgym.types.errors import ConfigError, unknown

Estimator = Literal["grpo", "dr_grpo", "rloo"]
"""Compares the rollouts of one group."""
BatchEstimator = Literal["reinforce_pp", "reinforce_pp_baseline"]
"""Compares the rollouts of all groups of a batch."""

Floats = NDArray[np.float64]


def grpo(returns: ArrayLike, *, floor: float = 1e-6, ddof: int = 0, clamp: bool = False) -> Floats:
    """Return returns centred and divided by their spread.

    Formula: A = (R - mean) / (std + floor), or / max(std, floor) with ``clamp``
    Source:  cookbook D1 (recalled; sources differ on the std, so ``ddof`` states it; the
             clamped floor is ours)
    Shapes:  R, A: float64 [G]
    Range:   sum A = 0; |A| <= sqrt(G - 1) for ddof = 0
    Laws:    equivariant under permutation (L4); unchanged by a positive affine map of R up to
             the floor; equal returns or G = 1: zeros (L2); clamp with a floor above the spread:
             ``dr_grpo`` divided by the floor (L8)

    Args:
        returns: finite returns of one group.
        floor: more than 0. Where scores are compressed, a spread far below it would amplify
            noise.
        ddof: 0 for the population's std, 1 for the sample's.
        clamp: False: the floor is added to the spread; True: it replaces a smaller spread, and
            a larger one is left exactly as it is.

    >>> grpo([1, 0, 0, 0]).round(3).tolist()
    [1.732, -0.577, -0.577, -0.577]
    >>> grpo([0.71, 0.7, 0.7, 0.7], floor=0.1, clamp=True).round(3).tolist()
    [0.075, -0.025, -0.025, -0.025]
    """
    values = row(returns)
    if not floor > 0:
        raise ConfigError(f"grpo.floor must be more than 0, got {floor!r}.")
    if ddof not in (0, 1):
        raise ConfigError(f"grpo.ddof must be 0 or 1, got {ddof!r}.")
    centred = dr_grpo(values)
    if len(values) <= ddof:
        return centred
    spread = np.sqrt(np.sum(centred**2) / (len(values) - ddof))
    divisor = max(spread, floor) if clamp else spread + floor
    return np.asarray(centred / divisor, dtype=np.float64)


def dr_grpo(returns: ArrayLike) -> Floats:
    """Return returns centred, without dividing by their spread.

    Formula: A = R - mean
    Source:  cookbook D1, Dr.GRPO (recalled); its loss does not divide by length either
    Shapes:  R, A: float64 [G]
    Range:   sum A = 0; |A| <= max R - min R
    Laws:    equivariant under permutation (L4); equal returns or G = 1: zeros (L2)

    >>> dr_grpo([1, 0, 0, 0]).tolist()
    [0.75, -0.25, -0.25, -0.25]
    """
    values = row(returns)
    if len(values) == 0 or np.all(values == values[0]):
        # The mean of equal numbers may differ from them in the last bit.
        return np.zeros_like(values)
    # Sorting makes the mean, and so every advantage, independent of the rollouts' order.
    return np.asarray(values - np.sort(values).mean(), dtype=np.float64)


def rloo(returns: ArrayLike) -> Floats:
    """Return each return minus the mean of the others.

    Formula: A_i = R_i - mean_{j != i} R_j = G / (G - 1) * (R_i - mean)
    Source:  cookbook D1 (recalled)
    Shapes:  R, A: float64 [G]
    Range:   sum A = 0; |A| <= max R - min R
    Laws:    equivariant under permutation (L4); the baseline never sees its own rollout;
             equal returns: zeros; G = 1: 0, since there is nothing to compare with (L2)

    >>> rloo([1, 0, 0, 0]).round(3).tolist()
    [1.0, -0.333, -0.333, -0.333]
    """
    values = row(returns)
    size = len(values)
    if size < 2:
        return np.zeros_like(values)
    return np.asarray(dr_grpo(values) * (size / (size - 1)), dtype=np.float64)


_ESTIMATORS: dict[str, Callable[..., Floats]] = {"grpo": grpo, "dr_grpo": dr_grpo, "rloo": rloo}


def estimator(name: str) -> Callable[..., Floats]:
    """Return the normaliser called ``name``.

    Raises:
        ConfigError: with the nearest name.
    """
    if name not in _ESTIMATORS:
        raise ConfigError(unknown("estimator", name, _ESTIMATORS))
    return _ESTIMATORS[name]


def normalise(
    returns: ArrayLike,
    groups: ArrayLike,
    name: Estimator | BatchEstimator = "rloo",
    *,
    mask: ArrayLike | None = None,
    **options: Any,
) -> Floats:
    """Return advantages for rollouts of several groups.

    Formula: grpo, dr_grpo, rloo: per group. reinforce_pp: (R - mean) / (std + floor), both over
             the whole batch. reinforce_pp_baseline: the group's mean is taken off first.
    Source:  cookbook D1 (recalled); REINFORCE++ arXiv 2501.03262 whitens tokens, here every
             rollout counts once

    Args:
        returns: float [N]; masked entries may hold anything, NaN included.
        groups: int [N], the group of each rollout; any order.
        name: grpo, dr_grpo, rloo, reinforce_pp or reinforce_pp_baseline.
        mask: bool [N], False for padding and invalid episodes, which get 0 and do not count
            (L9); None: all count.
        **options: of the normaliser, for instance ``floor``; REINFORCE++ has those of ``grpo``.

    Returns:
        float64 [N].

    Raises:
        ConfigError: for an unknown name, unequal lengths or a return that is not finite.

    >>> normalise([1, 0, 5, 9], [0, 0, 1, 1], "rloo", mask=[True, True, True, False]).tolist()
    [1.0, -1.0, 0.0, 0.0]
    >>> normalise([1, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], "reinforce_pp").round(3).tolist()
    [1.0, -1.0, -1.0, -1.0, 1.0, 1.0]
    """
    per_batch = get_args(BatchEstimator)
    if name not in _ESTIMATORS and name not in per_batch:
        raise ConfigError(unknown("estimator", name, [*_ESTIMATORS, *per_batch]))
    given = batch(returns, groups, mask, "normalise")
    out = np.zeros_like(given.values)
    if name == "reinforce_pp":
        out[given.valid] = grpo(given.values[given.valid], **options)
        return out
    kernel = dr_grpo if name in per_batch else estimator(name)
    inner = {} if name in per_batch else options
    for chosen in given.each():
        out[chosen] = kernel(given.values[chosen], **inner)
    if name in per_batch:
        out[given.valid] = grpo(out[given.valid], **options)
    return out
