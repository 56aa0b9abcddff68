"""Relative progress of a step, GenPRM (E5)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def relative_progress(after: ArrayLike, before: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the share of the chance of success that every step kept.

    Formula: P_t = MC(s_t, a_t) / MC(s_t); MC(s_t) = 0: 1, since nothing could be lost (ours)
    Source:  cookbook E5, GenPRM (recalled)
    Shapes:  success rates [G, T] from completions, ``runtime.forking.path_values``; P [G, T]
    Range:   [0, inf); above 1 where the step helped
    Laws:    free; telescoping as a product: prod_t P_t = MC(s_T) / MC(s_0) while no rate is 0;
             equal rates: ones

    >>> relative_progress([[0.5]], [[0.625]]).tolist()
    [[0.8]]
    """
    now, counts = table("relative_progress.after", after, mask)
    then, _ = table("relative_progress.before", before, counts)
    if np.any(now < 0) or np.any(then < 0):
        raise ConfigError("relative_progress needs success rates, 0 or more.")
    out = np.ones_like(now)
    np.divide(now, then, out=out, where=then > 0)
    return np.where(counts, out, 0.0)


def good_steps(
    after: ArrayLike, before: ArrayLike, mask: ArrayLike | None = None, *, threshold: float = 0.8
) -> Floats:
    """Return 1 for every step that kept enough of the chance of success, else 0; [G, T].

    Formula: [P_t >= threshold], P as in ``relative_progress``
    Source:  cookbook E5, GenPRM (recalled; threshold .8)
    Laws:    free with cap 1 per step; up in ``after``

    >>> good_steps([[0.5, 0.4]], [[0.625, 0.625]]).tolist()
    [[1.0, 0.0]]
    """
    kept = relative_progress(after, before, mask)
    counts = np.ones(kept.shape, bool) if mask is None else np.asarray(mask, bool)
    return np.where(counts & (kept >= threshold), 1.0, 0.0)
