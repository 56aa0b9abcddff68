"""What the off-policy estimators are given, checked: arrays or one clear sentence."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types import ConfigError


def members_of(groups: ArrayLike | None, n: int) -> tuple[NDArray[Any], int]:
    """Return each round's group, numbered from 0, and the number of groups."""
    if groups is None:
        return np.arange(n), n
    given = np.asarray(groups)
    if given.shape != (n,) or given.dtype.kind not in "iu":
        raise ConfigError(
            f"groups must be {n} integers, one per round, got shape {given.shape} of {given.dtype}."
        )
    names, members = np.unique(given, return_inverse=True)
    return members.reshape(n), len(names)


def weights_of(propensities: ArrayLike, target: ArrayLike) -> NDArray[Any]:
    """Return target / propensity, float64 [N], both checked."""
    p = reals("propensities", propensities)
    # Below the smallest value, squares of weights would leave the range of floats.
    within("propensities", p, p >= 1e-100, "from 1e-100 to 1")
    chance = reals("target", target)
    same_rounds("target", chance, p)
    within("target", chance, chance >= 0, "from 0 to 1")
    return np.asarray(chance / p)


def cut(weights: NDArray[Any], clip: float | None) -> tuple[NDArray[Any], int]:
    """Return the weights with none above ``clip``, and how many were."""
    if clip is None:
        return weights, 0
    most = limit(clip)
    return np.minimum(weights, most), int((weights > most).sum())


def limit(clip: float) -> float:
    """Return ``clip`` if it can be one."""
    if not clip > 0:
        raise ConfigError(f"clip must be a number above 0 or None, got {clip!r}.")
    return float(clip)


def tables_of(target: ArrayLike, q_hat: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the target's probabilities and the model's predictions, both [N, A]."""
    table, model = reals("target", target, 2), reals("q_hat", q_hat, 2)
    if table.shape != model.shape:
        raise ConfigError(f"q_hat must have the target's shape {table.shape}, got {model.shape}.")
    within("target", table, table >= 0, "from 0 to 1")
    off = np.abs(table.sum(axis=1) - 1.0)
    if off.max() > 1e-6:
        at = int(off.argmax())
        raise ConfigError(f"target: each row must sum to 1, row {at} sums to {table[at].sum():g}.")
    return table, model


def within(name: str, values: NDArray[Any], above: NDArray[Any], allowed: str) -> None:
    """Refuse probabilities that are not ``above`` their lower end, or above 1 by more than noise."""
    good = above & (values <= 1.0 + 1e-9)
    if not good.all():
        at = tuple(int(i) for i in np.argwhere(~good)[0])
        shown = at[0] if len(at) == 1 else at
        raise ConfigError(f"{name} must be {allowed}, got {values[at]:g} at position {shown}.")


def chosen_of(actions: ArrayLike, n: int, count: int) -> NDArray[Any]:
    """Return actions as integers [n] from 0 to count - 1."""
    chosen = np.asarray(actions)
    if chosen.shape != (n,) or chosen.dtype.kind not in "iu":
        raise ConfigError(
            f"actions must be {n} integers, one per round, got shape {chosen.shape} of "
            f"{chosen.dtype}."
        )
    bad = (chosen < 0) | (chosen >= count)
    if bad.any():
        at = int(bad.argmax())
        raise ConfigError(
            f"actions must be from 0 to {count - 1}, got {chosen[at]} at position {at}."
        )
    return chosen


def reals(name: str, values: ArrayLike, dims: int = 1) -> NDArray[Any]:
    """Return finite float64 with ``dims`` dimensions and at least one row."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} must be an array of numbers: {error}.") from None
    if array.ndim != dims or not len(array):
        wanted = "[N]" if dims == 1 else "[N, A]"
        raise ConfigError(f"{name} must have shape {wanted}, N at least 1, got {array.shape}.")
    if not np.isfinite(array).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        shown = at[0] if dims == 1 else at
        raise ConfigError(f"{name} must be finite, got {array[at]} at position {shown}.")
    return array


def same_rounds(name: str, one: NDArray[Any], other: NDArray[Any]) -> None:
    """Refuse arrays of different lengths."""
    if len(one) != len(other):
        raise ConfigError(f"{name}: {len(other)} rounds are expected, got {len(one)}.")
