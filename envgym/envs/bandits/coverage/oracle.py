"""The best sets to choose, by enumeration, and what greedy choice is worth."""

import math
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

COMBINATIONS = 20_000
"""Most choices that are enumerated per world."""
CELLS = 4_000_000
"""Numbers held at once; larger batches are split."""

GREEDY_BOUND = 1.0 - 1.0 / math.e
"""Greedy choice reaches this share of the best value of any monotone submodular function (Nemhauser,
Wolsey and Fisher 1978, "recalled"); with h choices at least 1 - (1 - 1/h)^h."""


@lru_cache(maxsize=32)
def choices(sets: int, picks: int) -> NDArray[np.bool_]:
    """Return every choice of ``picks`` out of ``sets``, in lexical order, bool [C, sets]."""
    rows = np.array(list(combinations(range(sets), picks)), dtype=np.int64)
    table = np.zeros((len(rows), sets), dtype=bool)
    np.put_along_axis(table, rows, True, axis=1)
    table.setflags(write=False)
    return table


def values(
    members: NDArray[np.float64],
    weights: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    power: float,
) -> NDArray[np.float64]:
    """Return F of each choice: sum_i w_i * count_i^power over the items that are counted at all.

    Args:
        members: float64 [B, sets, items], 1 where the set holds the item.
        weights: float64 [B, items].
        chosen: bool [C, sets].
        power: 0: an item counts once; 0.5: by the square root of its count.

    Returns:
        float64 [B, C].
    """
    size = max(1, CELLS // (len(chosen) * members.shape[2]))
    table = chosen.astype(np.float64)
    parts = []
    for i in range(0, len(members), size):
        counts = table @ members[i : i + size]
        worth = np.minimum(counts, 1.0) if power == 0.0 else counts**power
        parts.append(np.einsum("bci,bi->bc", worth, weights[i : i + size]))
    return np.concatenate(parts)
