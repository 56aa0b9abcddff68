"""Pivotal credit: learn only from where a failure began (E11)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def pivotal(advantages: ArrayLike, pivots: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return advantages that are 0 before the pivot, on the failed and the retried branch alike.

    Formula: A'_{i,t} = A_{i,t} * [t >= p_i]
    Source:  cookbook E11, R3L (seen: shiweijiezero/R3L)
    Shapes:  A [G, T], p int [G], A' [G, T]
    Range:   that of A, and 0
    Laws:    free; the shared prefix gets exactly 0; p = 0: identity (L8); padding gets 0 (L9)

    Args:
        advantages: any.
        pivots: step of the diagnosed failure; both branches of a retry share it. 0: no pivot.
        mask: steps that exist.

    >>> pivotal([[1.0, 1.0, 1.0]], [1]).tolist()
    [[0.0, 1.0, 1.0]]
    """
    values, counts = table("pivotal.advantages", advantages, mask)
    starts = np.asarray(pivots)
    if starts.shape != values.shape[:1] or (starts.size and starts.dtype.kind not in "iu"):
        raise ConfigError(f"pivotal.pivots must be one whole number per rollout, got {pivots!r}.")
    if np.any(starts < 0):
        raise ConfigError("pivotal.pivots must be 0 or more.")
    after = np.arange(values.shape[1])[None, :] >= starts[:, None]
    return np.where(counts & after, values, 0.0)


@dataclass(frozen=True, slots=True)
class Intervention:
    """A pair for supervised training: what was written before the first error, and the fix."""

    prefix: tuple[str, ...]
    """Right steps, which carry no loss."""
    correction: str
    """The step to learn."""


def intervention(
    steps: Sequence[str], correct: Sequence[bool], correction: str
) -> Intervention | None:
    """Return the one-step correction of the first wrong step; None if every step is right.

    Source:  cookbook E11, InT (inferred)

    >>> intervention(["a", "b", "c"], [True, False, True], "B")
    Intervention(prefix=('a',), correction='B')
    """
    if len(steps) != len(correct):
        raise ConfigError(
            f"intervention needs one verdict per step, got {len(correct)} for {len(steps)}."
        )
    error = first_error(correct)
    return None if error is None else Intervention(tuple(steps[:error]), correction)


def first_error(correct: Sequence[bool]) -> int | None:
    """Return the index of the first wrong step; None if there is none.

    >>> first_error([True, False, True])
    1
    """
    return next((t for t, right in enumerate(correct) if not right), None)
