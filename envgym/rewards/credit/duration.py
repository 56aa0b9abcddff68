"""Duration-aware weights of steps over a batch (E15)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def duration_weights(seconds: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the weight of every step's gradient: its wall time over the batch's mean.

    Formula: w_{i,t} = d_{i,t} / mean(d)
    Source:  cookbook E15, RL for ML engineering agents (inferred)
    Shapes:  d, w [G, T]
    Range:   [0, number of steps]
    Laws:    mean 1 over what counts; scale-free in d; equal or zero durations: ones (L8);
             padding gets 0 and changes nothing (L9)

    Fast actions finish, and so train, more often in asynchronous runs; the weight gives slow
    good actions back what they lose. An agent that can stall can raise its own weight.

    >>> duration_weights([[1.0, 3.0]]).tolist()
    [[0.5, 1.5]]
    """
    values, counts = table("duration_weights.seconds", seconds, mask)
    if np.any(values < 0):
        raise ConfigError("duration_weights.seconds must be 0 or more.")
    mean = values[counts].mean() if counts.any() else 0.0
    return np.where(counts, values / mean if mean > 0 else 1.0, 0.0)
