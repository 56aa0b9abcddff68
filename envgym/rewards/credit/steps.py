"""Between tokens and steps: sums of tokens, and values of steps on their tokens."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.credit.ragged import Bools, Floats, table
from envgym.types.errors import ConfigError


def sum_by_step(tokens: ArrayLike, steps: ArrayLike, length: int | None = None) -> Floats:
    """Return the sum of the tokens of every step; shape [G, T].

    Formula: r_{i,t} = sum over n with steps[i, n] = t of tokens[i, n]
    Laws:    exact: the sum over steps is the sum over tokens that belong to one

    Args:
        tokens: [G, N]; numbers of tokens without a step do not matter.
        steps: int [G, N], the step of each token; -1 for a token of no step (observation,
            padding).
        length: T; None: one more than the largest step.

    >>> sum_by_step([[1, 2, 4]], [[0, 0, 1]]).tolist()
    [[3.0, 4.0]]
    """
    of, counts = _steps("sum_by_step.steps", steps)
    values, _ = table("sum_by_step.tokens", tokens, counts)
    width = int(of.max(initial=-1)) + 1
    if length is not None and length < width:
        raise ConfigError(f"sum_by_step.length must be {width} or more, got {length}.")
    out = np.zeros((values.shape[0], width if length is None else length))
    rows, columns = np.nonzero(counts)
    np.add.at(out, (rows, of[rows, columns]), values[rows, columns])
    return out


def to_tokens(values: ArrayLike, steps: ArrayLike) -> Floats:
    """Return every step's value on each of its tokens; shape [G, N].

    Formula: x_{i,n} = values[i, steps[i, n]]; 0 for a token of no step
    Laws:    tokens of one step are alike; numbers of steps without tokens do not matter

    >>> to_tokens([[0.5, -1.0]], [[0, 0, -1, 1]]).tolist()
    [[0.5, 0.5, 0.0, -1.0]]
    """
    of, counts = _steps("to_tokens.steps", steps)
    shape = np.shape(values)
    if len(shape) != 2 or shape[0] != len(of) or shape[1] <= of.max(initial=-1):
        raise ConfigError(
            f"to_tokens.values must be [G, T] with a value for every step named, got {shape} for "
            f"{len(of)} rows and steps up to {of.max(initial=-1)}."
        )
    used = np.zeros(shape, bool)
    rows, columns = np.nonzero(counts)
    used[rows, of[rows, columns]] = True
    known, _ = table("to_tokens.values", values, used)
    out = np.zeros(of.shape)
    out[rows, columns] = known[rows, of[rows, columns]]
    return out


def _steps(name: str, steps: ArrayLike) -> tuple[NDArray[np.intp], Bools]:
    of = np.asarray(steps)
    if of.ndim != 2 or (of.size and of.dtype.kind not in "iu"):
        raise ConfigError(f"{name} must be whole numbers [G, N], got {of.dtype} {of.shape}.")
    whole = of.astype(np.intp)
    return whole, whole >= 0
