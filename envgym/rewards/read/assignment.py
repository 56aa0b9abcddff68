"""The best assignment of rows to columns, by scipy."""

from collections.abc import Sequence
from importlib.util import find_spec

from envgym.types.errors import MissingExtraError


def check_installed() -> None:
    """Raise MissingExtraError where scipy is missing.

    A node asks when it is made: what an agent calls must never be what raises it in mid-training.
    """
    if find_spec("scipy") is None:
        raise MissingExtraError("matching tool calls", "stats")


def best_assignment(worth: Sequence[Sequence[float]]) -> float:
    """Return the largest sum of entries with one per row and per column at most.

    Formula: max over one-to-one assignments of sum_i worth[i][a(i)]
    Shapes:  [N, M], N or M may be 0
    Laws:    permuting or transposing changes nothing but rounding

    >>> best_assignment([[3, 2], [2, 0]])  # the greedy choice would be 3 + 0
    4.0
    """
    if not worth or not worth[0]:
        return 0.0
    if len(worth) == 1 or len(worth[0]) == 1:  # the usual case needs no solver
        return float(max(max(row) for row in worth))
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(worth, maximize=True)
    return float(sum(worth[i][j] for i, j in zip(rows, columns, strict=True)))
