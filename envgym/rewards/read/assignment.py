"""The best assignment of rows to columns, without scipy: an agent's calls must always be scored."""

from collections.abc import Sequence
from heapq import nlargest
from math import inf


def best_assignment(worth: Sequence[Sequence[float]]) -> float:
    """Return the largest sum of entries with one per row and per column at most.

    Formula: max over one-to-one assignments of sum_i worth[i][a(i)] (the Hungarian algorithm with
             potentials, rows^2 * columns steps)
    Source:  classic (recalled)
    Shapes:  [N, M], entries 0 or more, N or M may be 0
    Laws:    permuting or transposing changes nothing but rounding

    >>> best_assignment([[3, 2], [2, 0]])  # the greedy choice would be 3 + 0
    4
    """
    if not worth or not worth[0]:
        return 0
    table = worth if len(worth) <= len(worth[0]) else list(zip(*worth, strict=True))
    size = len(table)
    # Some best assignment keeps to each row's N best columns, so M is at most N * N below.
    kept = sorted({j for row in table for j in nlargest(size, range(len(row)), row.__getitem__)})
    return sum(table[row][kept[j]] for j, row in _matching([[r[j] for j in kept] for r in table]))


def _matching(worth: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return (column, row) pairs of a best assignment of all rows; N rows, M >= N columns.

    Column M stands for "nothing yet": the row that is being placed waits there.
    """
    size, none = len(worth[0]), len(worth[0])
    rows = [0.0] * len(worth)
    columns = [0.0] * (size + 1)
    owner: list[int | None] = [None] * (size + 1)
    for new in range(len(worth)):
        owner[none], at = new, none
        gap, before = [inf] * size, [none] * size
        tried: list[int] = []
        free = set(range(size))
        while (row := owner[at]) is not None:
            tried.append(at)
            for j in free:
                slack = rows[row] + columns[j] - worth[row][j]
                if slack < gap[j]:
                    gap[j], before[j] = slack, at
            at = min(free, key=lambda j: (gap[j], j))
            step = gap[at]
            for j in tried:
                columns[j] += step
                taken = owner[j]
                assert taken is not None
                rows[taken] -= step
            for j in free:
                gap[j] -= step
            free.discard(at)
        while at != none:
            owner[at] = owner[before[at]]
            at = before[at]
    return [(j, row) for j, row in enumerate(owner[:size]) if row is not None]
