"""A ledger seen from an agent's own decisions."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import fsum

from envgym.types import Entry


def turn_view(entries: Iterable[Entry], decisions: Sequence[int]) -> tuple[float, ...]:
    """Return what each of an agent's decisions earned.

    An entry earned between decisions k and k + 1 belongs to k (what the others and chance did in
    reply to it), one earned before the first decision to decision 0.

    Args:
        entries: of one agent.
        decisions: the events at which it acted, ascending.

    Returns:
        One sum per decision; () for an agent that never acted.

    >>> one = Entry("a", "outcome", 2, 5, 1.0)
    >>> turn_view([one, one._replace(earned=0)], [1, 4])
    (2.0, 0.0)
    """
    shares: list[list[float]] = [[] for _ in decisions]
    if shares:
        for entry in entries:
            shares[max(bisect_right(decisions, entry.earned) - 1, 0)].append(entry.value)
    return tuple(map(fsum, shares))
