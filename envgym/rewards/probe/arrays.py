"""Checked arrays: what every probe of numbers does with its arguments first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]


def vector(name: str, values: ArrayLike, *, least: int = 1) -> Floats:
    """Return ``values`` as a float64 vector of at least ``least`` finite numbers.

    Raises:
        ConfigError: naming the argument and what is wrong with it.
    """
    found = _array(name, values)
    if found.ndim != 1:
        raise ConfigError(f"{name} must be one-dimensional, got shape {found.shape}.")
    if len(found) < least:
        plural = "" if least == 1 else "s"
        raise ConfigError(f"{name} needs at least {least} number{plural}, got {len(found)}.")
    return found


def same_length(**vectors: Floats) -> None:
    """Refuse vectors of different lengths, naming them."""
    if len({len(each) for each in vectors.values()}) > 1:
        sizes = ", ".join(f"{name} {len(each)}" for name, each in vectors.items())
        raise ConfigError(f"one number per sample is needed in each of these: {sizes}.")


def tensor(name: str, values: ArrayLike, *shapes: tuple[int, ...]) -> Floats:
    """Return ``values`` as a finite float64 array of one of the ``shapes``."""
    found = _array(name, values)
    if found.shape not in shapes:
        allowed = " or ".join(str(shape) for shape in shapes)
        raise ConfigError(f"{name} must have the shape {allowed}, got {found.shape}.")
    return found


def limits(where: str, allowed: tuple[float, float], **values: float) -> None:
    """Refuse the first of ``values`` outside ``allowed``, both ends included."""
    lo, hi = allowed
    for name, value in values.items():
        if not lo <= value <= hi:
            raise ConfigError(f"{where}.{name} must be {lo:g} to {hi:g}, got {value}.")


def answered(values: Sequence[float | None]) -> Floats:
    """Return the numbers that a source gave, as a float64 vector; None is left out."""
    return np.array([float(value) for value in values if value is not None])


def _array(name: str, values: Any) -> Floats:
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ConfigError(f"{name} must hold numbers, got {values!r:.80}.") from None
    if not np.isfinite(found).all():
        raise ConfigError(f"{name} must be finite, got NaN or infinity.")
    return found
