"""Weak verifiers: how good each is, estimated from how they agree, without labels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]

_ROUNDS = 5000


class Rates(NamedTuple):
    """What ``weaver`` needs to know about each verifier; arrays of shape [V]."""

    tpr: Floats
    fpr: Floats


def min_max(scores: ArrayLike) -> Floats:
    """Return each verifier's scores stretched to [0, 1] over all responses.

    Formula: (s - min) / (max - min); a verifier that never varies gets 0.5
    Source:  cookbook C10 (seen: HazyResearch/scaling-verification)
    Shapes:  [N, V] responses by verifiers, of all problems together

    >>> min_max([[1.0, 7.0], [3.0, 7.0]]).tolist()
    [[0.0, 0.5], [1.0, 0.5]]
    """
    table = _table(scores, "min_max")
    if len(table) == 0:
        return table
    lo, hi = table.min(axis=0), table.max(axis=0)
    width = hi - lo
    flat = width == 0
    out = (table - lo) / np.where(flat, 1.0, width)
    out[:, flat] = 0.5
    return np.asarray(out, dtype=np.float64)


def votes(scores: ArrayLike, threshold: float = 0.5) -> Floats:
    """Return 1 where a normalised score reaches the threshold, else 0; [N, V].

    >>> votes([[0.5, 0.2]]).tolist()
    [[1.0, 0.0]]
    """
    return np.asarray(_table(scores, "votes") >= threshold, dtype=np.float64)


def informative(votes: ArrayLike, least: float = 0.02) -> NDArray[np.bool_]:
    """Return which verifiers vote both ways often enough to say anything; bool [V].

    Args:
        votes: 0 or 1, [N, V].
        least: a verifier whose rarer vote has a smaller share is near-constant (ours).

    >>> informative([[1, 1], [1, 0], [1, 1], [1, 0]]).tolist()
    [False, True]
    """
    table = _votes(votes, "informative")
    share = table.mean(axis=0) if len(table) else np.zeros(table.shape[1])
    return np.asarray(np.minimum(share, 1 - share) >= least)


def estimate_rates(votes: ArrayLike, prior: float = 0.5) -> Rates:
    """Return each verifier's true and false positive rate from pairwise moments.

    Formula: cov(v_i, v_j) = prior (1 - prior) (TPR_i - FPR_i)(TPR_j - FPR_j) for i != j, solved
             for the differences by least squares off the diagonal, one at a time; then
             TPR = m + (1 - prior) * diff, FPR = m - prior * diff, with m the share of votes
    Source:  cookbook C10, Weaver, arXiv 2506.18203~ (inferred: moments of conditionally
             independent voters; the solver is ours)
    Shapes:  votes 0 or 1, [N, V], V >= 3
    Range:   [0, 1]
    Laws:    permuting the verifiers permutes the rates; a verifier that ignores the truth gets
             TPR = FPR in the limit of many responses

    The sign is chosen so that the verifiers are right more often than wrong on the whole:
    moments alone cannot tell a panel from its negation.

    Args:
        votes: of near-constant verifiers dropped, see ``informative``.
        prior: share of right responses; moments cannot give it, so it is an argument.

    Raises:
        ConfigError: for fewer than three verifiers, no responses, or a prior outside (0, 1).
    """
    table = _votes(votes, "estimate_rates")
    responses, size = table.shape
    if size < 3 or responses < 2:
        raise ConfigError(
            "estimate_rates needs at least 3 verifiers and 2 responses, got "
            f"{size} and {responses}."
        )
    if not 0 < prior < 1:
        raise ConfigError(f"estimate_rates.prior must be between 0 and 1, got {prior!r}.")
    share = table.mean(axis=0)
    moments = (table - share).T @ (table - share) / responses
    np.fill_diagonal(moments, 0.0)
    strength = _differences(moments / (prior * (1 - prior)), *_limits(share, prior))
    tpr = np.clip(share + (1 - prior) * strength, 0.0, 1.0)
    fpr = np.clip(share - prior * strength, 0.0, 1.0)
    return Rates(tpr, fpr)


def _limits(share: Floats, prior: float) -> tuple[Floats, Floats]:
    """Return the least and largest TPR - FPR with which both are rates; [V] each."""
    lowest = np.maximum(-share / (1 - prior), -(1 - share) / prior)
    highest = np.minimum((1 - share) / (1 - prior), share / prior)
    return lowest, highest


def _differences(moments: Floats, lowest: Floats, highest: Floats) -> Floats:
    """Return d [V] within limits with d_i d_j nearest to the moments off the diagonal.

    The diagonal of ``moments`` is 0. Every step minimises the squared distance exactly in one
    coordinate, so the distance never rises.
    """
    values, vectors = np.linalg.eigh(moments)
    d = vectors[:, -1] * np.sqrt(max(float(values[-1]), 0.0))
    d = np.clip(-d if d.sum() < 0 else d, lowest, highest)
    for _ in range(_ROUNDS):
        before = d.copy()
        for i in range(len(d)):
            weight = float(d @ d - d[i] * d[i])
            fitted = float(moments[i] @ d) / weight if weight > 1e-15 else 0.0
            d[i] = min(max(fitted, lowest[i]), highest[i])
        if np.max(np.abs(d - before)) < 1e-12:
            break
    return np.asarray(d, dtype=np.float64)


def _table(values: ArrayLike, function: str) -> Floats:
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2:
        raise ConfigError(
            f"{function} needs a table of responses by verifiers, got shape {table.shape}."
        )
    if not np.all(np.isfinite(table)):
        raise ConfigError(f"{function} needs finite scores; leave out verifiers without an answer.")
    return table


def _votes(values: ArrayLike, function: str) -> Floats:
    table = _table(values, function)
    if not np.all((table == 0) | (table == 1)):
        raise ConfigError(f"{function} needs votes of 0 or 1; apply votes() to scores first.")
    return table
