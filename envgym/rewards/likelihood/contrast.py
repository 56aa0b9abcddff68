"""Differences of likelihoods: follow-up utterances (FLR) and two models (CDR) (A11)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, row, table
from envgym.types.errors import ConfigError


def follow_up(positive: ArrayLike, negative: ArrayLike) -> float:
    """Return how much likelier a content user is than a discontent one after a dialogue.

    Formula: r = mean lp(positive follow-ups | dialogue) - mean lp(negative ones)
    Source:  cookbook A11, FLR (inferred)
    Shapes:  log-probabilities [P] and [N] of fixed sentences; per token, or lengths bias it
    Range:   unbounded
    Laws:    unchanged by a common offset of the scorer; antisymmetric; equal sides: 0 (L8)

    >>> follow_up([-1.0, -2.0], [-3.0])
    1.5
    """
    return _mean("follow_up.positive", positive) - _mean("follow_up.negative", negative)


def density_ratio(
    strong: ArrayLike,
    weak: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    per_token: bool = True,
) -> Floats:
    """Return how much more a strong model likes each answer than a weak one.

    Formula: r_i = sum_n (lp_strong - lp_weak); per_token: the mean
    Source:  cookbook A11, CDR (recalled; the mean is ours, against length bias)
    Shapes:  lp [G, N], r [G]
    Range:   unbounded
    Laws:    unchanged by a common offset of both scorers; antisymmetric; equal models: zeros
             (L8); padding changes nothing (L9)

    >>> density_ratio([[-1.0, -1.0]], [[-1.5, -2.0]]).tolist()
    [0.75]
    """
    better, counts = table("density_ratio.strong", strong, mask)
    worse, _ = table("density_ratio.weak", weak, counts)
    sums = (better - worse).sum(axis=1)
    size = np.maximum(counts.sum(axis=1), 1) if per_token else np.ones(len(sums))
    return np.asarray(sums / size, np.float64)


def _mean(name: str, values: ArrayLike) -> float:
    found = row(name, values)
    if not len(found):
        raise ConfigError(f"{name} needs at least one follow-up.")
    return float(found.mean())
