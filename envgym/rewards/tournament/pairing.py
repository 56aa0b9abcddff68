"""Pairing: neighbours of a list meet, and nobody twice where that can be avoided."""

from collections.abc import Sequence, Set

from envgym.rewards.tournament.outcome import Pairing

_TRIES = 20_000
"""Steps of the search before rematches are allowed. Up to N / 2 rounds a pairing without a
rematch always exists (Dirac); in random orders it was found within 270 steps for N up to 128."""


def pair_up(order: Sequence[int], met: Set[frozenset[int]]) -> list[Pairing]:
    """Return pairs of neighbours in ``order``, which has an even length, best first.

    Depth-first: the first player takes the nearest one that leaves the others pairable.

    Args:
        order: players, best first.
        met: pairs that should not meet again; they do only where nothing else is left.
    """
    chosen: list[tuple[list[int], int]] = []  # who was free, and the place of the first's opponent
    free, k = list(order), 1
    for _ in range(_TRIES):
        if not free:
            return [(players[0], players[at]) for players, at in chosen]
        while k < len(free) and frozenset((free[0], free[k])) in met:
            k += 1
        if k < len(free):
            chosen.append((free, k))
            free, k = free[1:k] + free[k + 1 :], 1
        elif chosen:
            free, k = chosen.pop()
            k += 1
        else:
            break
    return [(order[k], order[k + 1]) for k in range(0, len(order), 2)]
