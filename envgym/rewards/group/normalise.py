"""Group normalisers: advantages from the returns of one task's rollouts."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError, unknown

Estimator = Literal["grpo", "dr_grpo", "rloo"]

Floats = NDArray[np.float64]


def grpo(returns: ArrayLike, *, floor: float = 1e-6, ddof: int = 0) -> Floats:
    """Return returns centred and divided by their spread.

    Formula: A = (R - mean) / (std + floor)
    Source:  cookbook D1 (recalled; sources differ on the std, so ``ddof`` states it)
    Shapes:  R, A: float64 [G]
    Range:   sum A = 0; |A| <= sqrt(G - 1) for ddof = 0
    Laws:    equivariant under permutation (L4); unchanged by a positive affine map of R up to
             the floor; equal returns or G = 1: zeros (L2)

    Args:
        returns: finite returns of one group.
        floor: added to the spread; more than 0. Raise it where scores are compressed, or
            noise is amplified.
        ddof: 0 for the population's std, 1 for the sample's.

    >>> grpo([1, 0, 0, 0]).round(3).tolist()
    [1.732, -0.577, -0.577, -0.577]
    """
    values = _group(returns)
    if not floor > 0:
        raise ConfigError(f"grpo.floor must be more than 0, got {floor!r}.")
    if ddof not in (0, 1):
        raise ConfigError(f"grpo.ddof must be 0 or 1, got {ddof!r}.")
    centred = dr_grpo(values)
    if len(values) <= ddof:
        return centred
    spread = np.sqrt(np.sum(centred**2) / (len(values) - ddof))
    return np.asarray(centred / (spread + floor), dtype=np.float64)


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
    values = _group(returns)
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
    values = _group(returns)
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
    name: Estimator = "rloo",
    *,
    mask: ArrayLike | None = None,
    **options: Any,
) -> Floats:
    """Return advantages for rollouts of several groups.

    Args:
        returns: float [N]; masked entries may hold anything, NaN included.
        groups: int [N], the group of each rollout; any order.
        name: grpo, dr_grpo or rloo.
        mask: bool [N], False for padding and invalid episodes, which get 0 and do not count
            (L9); None: all count.
        **options: of the normaliser, for instance ``floor``.

    Returns:
        float64 [N].

    Raises:
        ConfigError: for an unknown name, unequal lengths or a return that is not finite.

    >>> normalise([1, 0, 5, 9], [0, 0, 1, 1], "rloo", mask=[True, True, True, False]).tolist()
    [1.0, -1.0, 0.0, 0.0]
    """
    kernel = estimator(name)
    values = np.asarray(returns, dtype=np.float64)
    labels = np.asarray(groups)
    valid = np.ones(values.shape, bool) if mask is None else np.asarray(mask, dtype=bool)
    if values.ndim != 1 or labels.shape != values.shape or valid.shape != values.shape:
        raise ConfigError(
            "normalise needs returns, groups and mask of one length, got shapes "
            f"{values.shape}, {labels.shape} and {valid.shape}."
        )
    out = np.zeros_like(values)
    for label in np.unique(labels[valid]):
        chosen = valid & (labels == label)
        out[chosen] = kernel(values[chosen], **options)
    return out


def _group(returns: ArrayLike) -> Floats:
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ConfigError(f"a group's returns must be one row, got shape {values.shape}.")
    if not np.all(np.isfinite(values)):
        raise ConfigError(
            "a group's returns must be finite; mask invalid rollouts instead of scoring them."
        )
    return values
