"""How likely the reference answer is after a rollout's reasoning: plain and VeriFree (A11)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Bools, Floats, table
from envgym.types.errors import ConfigError


def reference_logprob(logprobs: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the mean log-probability per token of the reference answer.

    Formula: r_i = mean_n lp(y*_n | q, c_i)
    Source:  cookbook A11, likelihood-based reward designs (inferred); per its abstract the only
             design that works for short and for long answers
    Shapes:  lp [G, N] of the reference's tokens after each rollout's reasoning; r [G]
    Range:   (-inf, 0]
    Laws:    up in each token; repeating a token's value changes nothing, so length does not
             count; padding changes nothing (L9)

    >>> reference_logprob([[-0.5, -1.5], [0.0, -0.5]]).tolist()
    [-1.0, -0.25]
    """
    values, counts = logs("reference_logprob.logprobs", logprobs, mask)
    return np.asarray(values.sum(axis=1) / counts.sum(axis=1), np.float64)


def verifree(logprobs: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the probability of the whole reference answer.

    Formula: r_i = exp(sum_n lp(y*_n | q, c_i))
    Source:  cookbook A11, VeriFree (recalled)
    Shapes:  lp [G, N], r [G]
    Range:   [0, 1]
    Laws:    up in each token; vanishes on long answers: .9 per token gives .005 at 50

    >>> import math
    >>> verifree([[math.log(0.9)] * 50]).round(3).tolist()
    [0.005]
    """
    values, _ = logs("verifree.logprobs", logprobs, mask)
    return np.asarray(np.exp(values.sum(axis=1)), np.float64)


def logs(name: str, values: ArrayLike, mask: ArrayLike | None) -> tuple[Floats, Bools]:
    """Return log-probabilities [G, N] with 0 in padding, and the mask.

    Raises:
        ConfigError: one above 0, or a row without a token.
    """
    found, counts = table(name, values, mask)
    if np.any(found > 1e-6):
        raise ConfigError(f"{name} must be log-probabilities, 0 or less, got {found.max():g}.")
    if not np.all(counts.any(axis=1)):
        raise ConfigError(f"{name} has a row without a token.")
    return np.minimum(found, 0.0), counts
