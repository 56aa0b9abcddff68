"""Batch: rollouts of several groups, checked once, for the array functions of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Returns of rollouts, their groups, and which of them count."""

    values: Floats
    """float64 [N]; finite where ``valid``."""
    groups: NDArray[np.generic]
    """Label [N] of each rollout's group."""
    valid: NDArray[np.bool_]
    """False [N] for padding and invalid episodes."""

    def each(self) -> Iterator[Indices]:
        """Yield the positions of every group's valid rollouts, groups sorted by label."""
        found = np.flatnonzero(self.valid)
        for chosen in by_label(self.groups[found]):
            yield found[chosen]


def batch(returns: ArrayLike, groups: ArrayLike, mask: ArrayLike | None, where: str) -> Batch:
    """Return the checked batch.

    Args:
        returns: float [N]; masked entries may hold anything, NaN included.
        groups: label [N] of each rollout's group; any order.
        mask: bool [N], False for padding and invalid episodes; None: all count.
        where: name of the function that was called, for messages.

    Raises:
        ConfigError: for unequal lengths or a valid return that is not finite.
    """
    values = np.asarray(returns, dtype=np.float64)
    labels = np.asarray(groups)
    valid = np.ones(values.shape, bool) if mask is None else np.asarray(mask, dtype=bool)
    if values.ndim != 1 or labels.shape != values.shape or valid.shape != values.shape:
        raise ConfigError(
            f"{where} needs returns, groups and mask of one length, got shapes "
            f"{values.shape}, {labels.shape} and {valid.shape}."
        )
    row(values[valid])
    return Batch(values=values, groups=labels, valid=valid)


def by_label(labels: NDArray[np.generic]) -> list[Indices]:
    """Return the positions of every label, ascending, labels sorted.

    Raises:
        ConfigError: a label is NaN, which equals no other.

    >>> [chosen.tolist() for chosen in by_label(np.array([3, 1, 3]))]
    [[1], [0, 2]]
    """
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise ConfigError("a group's label is NaN; give every rollout that counts a label.")
    _, slot, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(slot, kind="stable")
    return np.split(order, np.cumsum(counts)[:-1]) if len(labels) else []


def row(returns: ArrayLike, what: str = "a group's returns") -> Floats:
    """Return one row of finite numbers as float64 [G].

    Raises:
        ConfigError: naming ``what`` if it is no row or not finite.
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ConfigError(f"{what} must be one row, got shape {values.shape}.")
    if not np.all(np.isfinite(values)):
        raise ConfigError(f"{what} must be finite; mask invalid rollouts instead of scoring them.")
    return values


def rows_of_one_length(what: str, *rows: Floats) -> None:
    """Refuse rows of unequal length.

    Raises:
        ConfigError: naming ``what``, for instance "unlikeliness: returns and logprobs".
    """
    lengths = [len(each) for each in rows]
    if len(set(lengths)) > 1:
        raise ConfigError(f"{what} must have one length, got {lengths}.")


def binary(values: Floats, what: str) -> NDArray[np.bool_]:
    """Return which of ``values`` are 1.

    Raises:
        ConfigError: naming ``what`` if one is neither 0 nor 1.
    """
    odd = values[(values != 0) & (values != 1)]
    if odd.size:
        raise ConfigError(f"{what} must be 0 or 1, got {odd[0]:g}; threshold graded scores first.")
    return np.asarray(values == 1)
