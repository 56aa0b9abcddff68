"""Pairs with a large margin, for training on preferences."""

from collections.abc import Iterable
from typing import NamedTuple

from envgym.rewards.tournament.ranking import Played
from envgym.types.errors import ConfigError


class Preference(NamedTuple):
    """One pair of rollouts, the better first."""

    chosen: str
    rejected: str
    gap: float
    """Difference of the scores, or of p and 1 - p where there are none."""


def large_margin(matches: Iterable[Played], margin: float) -> list[Preference]:
    """Return the decided pairs whose scores differ by at least ``margin``, the largest first.

    Formula: (i, j) with s_i - s_j >= margin
    Source:  DNO, arXiv 2404.03715~ [53] (recalled: it keeps pairs of a large reward margin; the
             threshold is the caller's)
    Laws:    no pair twice; pairs whose two orders disagreed are left out

    Args:
        matches: of one tournament, or of several with distinct ids.
        margin: more than 0, in the comparator's unit.

    Raises:
        ConfigError: if the margin is not positive.
    """
    if not margin > 0:
        raise ConfigError(f"large_margin.margin must be more than 0, got {margin!r}.")
    found: dict[frozenset[str], Preference] = {}
    for match in matches:
        if match.p is None or match.agreed is False or match.result not in ("first", "second"):
            continue
        scores = match.scores if match.scores is not None else (match.p, 1.0 - match.p)
        gap = abs(scores[0] - scores[1])
        names = (match.first, match.second)
        chosen, rejected = names if match.result == "first" else names[::-1]
        if gap >= margin:
            found[frozenset(names)] = Preference(chosen, rejected, gap)
    return sorted(found.values(), key=lambda pair: (-pair.gap, pair.chosen, pair.rejected))
