"""One match from a judge's two answers about a pair, shown once in each order."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from envgym.types.compare import Match

Scores = tuple[float, float]
"""Score of the candidate shown first, then of the one shown second."""


def match_of(
    first: Scores | None,
    second: Scores | None,
    strict: bool = False,
    *,
    calls: int = 2,
    note: Mapping[str, Any] | None = None,
) -> Match:
    """Return the match of i and j from the scores with i shown first, then with j shown first.

    Formula: s_i = s_AB(i) + s_BA(i); p = 1 if s_i > s_j, 0 if s_i < s_j, else 0.5;
             strict: 0.5 too unless both orders name the same winner
    Source:  cookbook A10 (seen: Alibaba-NLP/qqr, which turns a missing answer into a tie; here
             it is invalid, since a judge's failure must not look like an even match)
    Laws:    antisymmetric: exchanging i and j gives ``swapped()``; a judge that only looks at
             positions always gives 0.5

    Args:
        first: scores by position with i shown first: (i, j). None: no answer.
        second: scores by position with j shown first: (j, i). None: no answer.
        strict: whether a winner has to win in both orders.
        calls: judge calls that were paid for, retries included.
        note: JSON details for a reader.

    >>> match_of((7, 6), (6, 7)).scores
    (14.0, 12.0)
    >>> match_of((7, 6), (6, 7)).p
    1.0
    >>> match_of((9, 6), (7, 6), strict=True).p
    0.5
    """
    details = {} if note is None else note
    if first is None or second is None or not all(map(isfinite, (*first, *second))):
        return Match(p=None, calls=calls, note=details)
    mine, other = float(first[0] + second[1]), float(first[1] + second[0])
    agreed = _sign(first[0] - first[1]) == _sign(second[1] - second[0])
    won = _sign(mine - other)
    p = 0.5 if strict and not agreed else (1.0 + won) / 2.0
    return Match(p=p, scores=(mine, other), calls=calls, agreed=agreed, note=details)


def _sign(x: float) -> int:
    return int(x > 0) - int(x < 0)  # NumPy's bools cannot be subtracted
