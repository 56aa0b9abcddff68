"""Payoff tensors of the empirical game that meta-solvers weigh."""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = tuple[Floats, ...]
"""One distribution per player over the strategies of its population."""

_ZERO_SUM = 1e-9
"""Largest sum of payoffs, relative to the largest payoff, that still counts as rounding."""


def checked(payoffs: Sequence[ArrayLike]) -> tuple[Floats, ...]:
    """Return the tensors as float64 arrays.

    Args:
        payoffs: one tensor per player, all of shape [n_0, ..., n_{P-1}]; entry
            ``payoffs[p][i_0, ..., i_{P-1}]`` is what player p gets when each player q plays
            strategy i_q of its population.

    Raises:
        ConfigError: no player, tensors of other shapes, an empty population or a payoff that is
            not finite.
    """
    tensors = tuple(np.asarray(tensor, dtype=np.float64) for tensor in payoffs)
    if not tensors:
        raise ConfigError("payoffs must hold one tensor per player, got none.")
    shape = tensors[0].shape
    for player, tensor in enumerate(tensors):
        if tensor.ndim != len(tensors) or tensor.shape != shape or 0 in shape:
            raise ConfigError(
                f"payoffs[{player}] must have one non-empty axis for each of {len(tensors)} "
                f"players, the same for all, got the shape {tensor.shape}."
            )
        if not np.all(np.isfinite(tensor)):
            raise ConfigError(f"payoffs[{player}] must be finite numbers.")
    return tensors


def uniform_weights(tensors: Sequence[Floats]) -> list[Floats]:
    """Return the uniform distribution over every population."""
    return [np.full(size, 1.0 / size) for size in tensors[0].shape]


def against(tensor: Floats, player: int, weights: Sequence[Floats]) -> Floats:
    """Return the expected payoff [n_player] of each own strategy while the others mix.

    >>> against(np.array([[1.0, -1.0], [0.0, 2.0]]), 1, [np.array([0.5, 0.5]), np.zeros(2)])
    array([0.5, 0.5])
    """
    if tensor.ndim == 2:
        return tensor @ weights[1] if player == 0 else weights[0] @ tensor
    out = tensor
    for other in reversed(range(tensor.ndim)):
        if other != player:
            out = np.tensordot(out, weights[other], axes=(other, 0))
    return out


def is_zero_sum(tensors: Sequence[Floats]) -> bool:
    """Return whether the payoffs of every profile sum to 0, up to rounding."""
    largest = max(float(np.max(np.abs(tensor))) for tensor in tensors)
    total = np.sum(np.stack(tensors), axis=0)
    return bool(np.max(np.abs(total)) <= _ZERO_SUM * max(largest, 1e-300))


def meta_nash_conv(payoffs: Sequence[ArrayLike], weights: Sequence[Floats]) -> float:
    """Return the sum over players of the most that a switch to one strategy could gain, >= 0."""
    tensors = checked(payoffs)
    total = 0.0
    for player, tensor in enumerate(tensors):
        values = against(tensor, player, weights)
        total += float(np.max(values) - values @ weights[player])
    return max(0.0, total)


def profiles(tensors: Sequence[Floats]) -> int:
    """Return the number of joint pure profiles."""
    return prod(tensors[0].shape)
