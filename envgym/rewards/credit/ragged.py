"""Ragged arrays: rows of unlike length as one array with a mask."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.group.batch import by_label
from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def pad(rows: Sequence[Sequence[float]]) -> tuple[Floats, Bools]:
    """Return rows of unlike length as values [G, T] and their mask, padded with 0 at the end.

    >>> values, mask = pad([[1, 2], [3]])
    >>> values.tolist(), mask.tolist()
    ([[1.0, 2.0], [3.0, 0.0]], [[True, True], [True, False]])
    """
    width = max((len(row) for row in rows), default=0)
    values = np.zeros((len(rows), width))
    mask = np.zeros((len(rows), width), bool)
    for i, row in enumerate(rows):
        values[i, : len(row)] = row
        mask[i, : len(row)] = True
    return values, mask


def table(name: str, values: ArrayLike, mask: ArrayLike | None = None) -> tuple[Floats, Bools]:
    """Return ``values`` as float64 [G, T] with 0 where the mask is False, and the mask.

    Args:
        name: what messages call it, for instance "prime.rewards".
        values: what masked entries hold does not matter (L9).
        mask: bool of the same shape; None: all count.

    Raises:
        ConfigError: not two-dimensional, another shape than the mask's, or a number that counts
            is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2:
        raise ConfigError(f"{name} must have the shape [G, T], got {found.shape}.")
    counts = np.ones(found.shape, bool) if mask is None else np.asarray(mask, dtype=bool)
    if counts.shape != found.shape:
        raise ConfigError(f"{name} has the shape {found.shape}, its mask {counts.shape}.")
    out = np.where(counts, found, 0.0)
    if not np.all(np.isfinite(out)):
        raise ConfigError(f"{name} must be finite where its mask is True.")
    return out, counts


def row(name: str, values: ArrayLike, length: int | None = None) -> Floats:
    """Return ``values`` as float64 [G].

    Raises:
        ConfigError: not one-dimensional, not of ``length``, or a number is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or (length is not None and len(found) != length):
        wanted = "one row" if length is None else f"one row of {length}"
        raise ConfigError(f"{name} must be {wanted}, got the shape {found.shape}.")
    if not np.all(np.isfinite(found)):
        raise ConfigError(f"{name} must be finite; mask or leave out what is invalid.")
    return found


def members(name: str, groups: ArrayLike | None, size: int) -> list[NDArray[np.intp]]:
    """Return the rows of each group; one group if ``groups`` is None.

    Raises:
        ConfigError: not one label per row.
    """
    if groups is None:
        return [np.arange(size)] if size else []
    labels = np.asarray(groups)
    if labels.shape != (size,):
        raise ConfigError(f"{name} needs one group label per row, got {labels.shape} for {size}.")
    return by_label(labels)


def standardised(values: Floats, mask: Bools, *, ddof: int = 0, floor: float = 1e-6) -> Floats:
    """Return values minus their mean over what counts, divided by their std plus ``floor``.

    Zeros where nothing counts, for one value, for equal values, and in padding.
    """
    counted = values[mask]
    out = np.zeros_like(values)
    if len(counted) <= ddof or np.all(counted == counted[0]):
        return out
    centred = counted - counted.mean()
    out[mask] = centred / (np.sqrt(np.sum(centred**2) / (len(counted) - ddof)) + floor)
    return out


def to_go(values: Floats) -> Floats:
    """Return the sum of each entry and all later ones of its row; shape [G, T]."""
    return np.asarray(np.cumsum(values[:, ::-1], axis=1)[:, ::-1], np.float64)


def last_step(mask: Bools) -> NDArray[np.intp]:
    """Return the column of each row's last entry that counts; -1 for an empty row."""
    width = mask.shape[1]
    if not width:
        return np.full(mask.shape[0], -1, np.intp)
    found = width - 1 - np.argmax(mask[:, ::-1], axis=1)
    return np.where(mask.any(axis=1), found, -1)


def on_last_step(amounts: Floats, mask: Bools) -> Floats:
    """Return [G, T] with each row's amount at its last entry that counts, 0 elsewhere."""
    out = np.zeros(mask.shape)
    where = last_step(mask)
    rows = np.flatnonzero(where >= 0)
    out[rows, where[rows]] = amounts[rows]
    return out
