"""Likelihood of the reference, weighted to the tokens that reasoning moves, R3 / DRO (A11)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats
from envgym.rewards.likelihood.reference import logs
from envgym.types.errors import ConfigError, unknown

Weighting = Literal["proportional", "squared"]


def dro_rewards(
    logprobs: ArrayLike, mask: ArrayLike | None = None, *, weighting: Weighting = "proportional"
) -> Floats:
    """Return the weighted log-probability of the reference after each reasoning of a group.

    Formula: sigma_j = std over the G reasonings of lp_j; w_j = sigma_j / sum sigma (squared:
             sigma_j^2 / sum sigma^2); r_i = sum_j w_j * lp_j(i)
    Source:  cookbook A11, R3 / DRO, arXiv 2506.13351 (seen: paper text section 4.1; the family
             of w is ours, and so is the population std)
    Shapes:  lp [G, N]: the same reference tokens in every row; mask [N]; r [G]
    Range:   (-inf, 0]
    Laws:    a token equally likely after all reasonings has no effect; no token moves, or G = 1:
             zeros (L2); equivariant (L4); padding changes nothing (L9)

    >>> dro_rewards([[-1.0, -3.0], [-1.0, -1.0]]).tolist()
    [-3.0, -1.0]
    """
    values = _same_tokens(logprobs, mask)
    sigma = _spread(values)
    weights = sigma**2 if weighting == "squared" else sigma
    if weighting not in ("proportional", "squared"):
        raise ConfigError(unknown("weighting of dro", weighting, ("proportional", "squared")))
    whole = weights.sum()
    if whole == 0:
        return np.zeros(len(values))
    return np.asarray(values @ (weights / whole), np.float64)


def dro_signal(logprobs: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Return the largest sigma_j of a prompt: drop prompts where it is low.

    Source:  cookbook A11, R3 / DRO, arXiv 2506.13351 (seen: paper text section 4.1)
    Range:   [0, inf); 0 for one reasoning

    >>> dro_signal([[-1.0, -3.0], [-1.0, -1.0]])
    1.0
    """
    return float(_spread(_same_tokens(logprobs, mask)).max(initial=0.0))


def _same_tokens(logprobs: ArrayLike, mask: ArrayLike | None) -> Floats:
    shape = np.shape(logprobs)
    if len(shape) != 2:
        raise ConfigError(f"dro.logprobs must have the shape [G, N], got {shape}.")
    counts = np.ones(shape[1], bool) if mask is None else np.asarray(mask, dtype=bool)
    if counts.shape != shape[1:]:
        raise ConfigError(
            f"dro.mask must have one entry per reference token, [{shape[1]}], got {counts.shape}."
        )
    return logs("dro.logprobs", logprobs, np.broadcast_to(counts, shape))[0]


def _spread(values: Floats) -> Floats:
    if not len(values):
        return np.zeros(values.shape[1])
    # The mean of equal numbers may differ from them in the last bit.
    alike = values.max(axis=0) == values.min(axis=0)
    return np.where(alike, 0.0, values.std(axis=0))
