"""Shares: from ranks to values between 0 and 1, and to advantages."""

from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np

from envgym.rewards.tournament.outcome import Tiers

_FLOOR = 1e-6
"""Added to the std, as in ArenaRL."""


def mean_ranks(order: Tiers) -> dict[int, float]:
    """Return everyone's rank, 0 for the best; a tier shares the mean of the ranks it takes.

    >>> mean_ranks([[4], [1, 2], [0]])
    {4: 0.0, 1: 1.5, 2: 1.5, 0: 3.0}
    """
    found: dict[int, float] = {}
    start = 0
    for tier in order:
        found.update(dict.fromkeys(tier, start + (len(tier) - 1) / 2))
        start += len(tier)
    return found


def values_of(ranks: Sequence[float]) -> list[float]:
    """Return q = 1 - rank / (N - 1): the best gets 1, the last 0; one alone 0.5.

    >>> values_of([0, 1, 2, 3])[1]
    0.6666666666666667
    """
    last = len(ranks) - 1
    return [1.0 - rank / last for rank in ranks] if last > 0 else [0.5] * len(ranks)


def standardised(values: Sequence[float]) -> list[float]:
    """Return the advantages of one group: centred and divided by the spread.

    Formula: A = (q - mean) / (std_S + 1e-6)    std_S: sample standard deviation
    Source:  cookbook D3, ArenaRL, arXiv 2601.06487 (seen: Alibaba-NLP/qqr)
    Shapes:  [N] to [N]
    Range:   sum A = 0
    Laws:    equal values, one value: zeros

    >>> [round(a, 3) for a in standardised([1, 2 / 3, 1 / 3, 0])]
    [1.162, 0.387, -0.387, -1.162]
    """
    q = np.asarray(values, dtype=np.float64)
    if len(q) < 2 or np.all(q == q[0]):
        return [0.0] * len(q)
    # Sorting makes the mean, and so every advantage, independent of the rollouts' order.
    centred = q - np.sort(q).mean()
    spread = np.sqrt(np.sum(np.sort(centred**2)) / (len(q) - 1))
    return [float(a) for a in centred / (spread + _FLOOR)]


def shared_by_value(
    ranks: Mapping[str, float | None], values: Mapping[str, float]
) -> dict[str, float | None]:
    """Return the ranks with equal values sharing the mean of theirs.

    A bracket never lets most equals meet. Where the values themselves are known, luck in the draw
    must not tell them apart.

    >>> shared_by_value({"a": 0.0, "b": 1.5, "c": 3.0, "d": 1.5}, {"a": 1, "b": 0, "c": 0, "d": 0})
    {'a': 0.0, 'b': 2.0, 'c': 2.0, 'd': 2.0}
    """
    alike: dict[float, list[float]] = {}
    for id, rank in ranks.items():
        if rank is not None:
            alike.setdefault(values[id], []).append(rank)
    return {
        id: rank if rank is None else fsum(alike[values[id]]) / len(alike[values[id]])
        for id, rank in ranks.items()
    }
