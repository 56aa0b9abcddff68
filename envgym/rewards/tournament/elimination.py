"""Elimination: a bracket in which who loses is out; drawn by lot, or seeded by an anchor."""

from collections.abc import Sequence

from envgym.rewards.tournament.anchor import against, seeding
from envgym.rewards.tournament.outcome import Outcome, Pairing, Schedule
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.tally import Tally, tiers


def single(seats: Seats) -> Schedule:
    """Return the order of a single elimination whose bracket is drawn by lot.

    Formula: the round reached, then the mean score over all matches; N - 1 matches
    Source:  cookbook D3 and games 4.5 (recalled)
    """
    return (yield from _bracket(seats, seats.drawn("bracket"), Tally(len(seats)), 0))


def seeded(seats: Seats) -> Schedule:
    """Return the order of a single elimination seeded by everyone's score against the anchor.

    Formula: the round reached, then the mean score over all matches (the anchor's seeding
             matches count once, with their mean); N - 1 seeding and N - 1 bracket matches
    Source:  cookbook D3, ArenaRL, arXiv 2601.06487 (seen: Alibaba-NLP/qqr, which drops empty
             places and so gives byes to the wrong seeds)
    Laws:    the best seeds get the byes; a tie goes to the better seed; 2N - 2 matches
    """
    outcomes = yield against(seats)
    scores = seeding(seats, outcomes)
    tally = Tally(len(seats))
    for player, score in enumerate(scores):
        if score > float("-inf"):
            tally.scores[player].append(score)
    lots = seats.lots("seeds")
    order = sorted(range(len(seats)), key=lambda i: (-scores[i], lots[i]))
    return (yield from _bracket(seats, order, tally, 1))


def mirrored(size: int) -> list[int]:
    """Return the seeds of a bracket in playing order; ``size`` is a power of two.

    >>> mirrored(8)
    [0, 7, 3, 4, 1, 6, 2, 5]
    """
    order = [0]
    while len(order) < size:
        count = 2 * len(order)
        order = [seed for known in order for seed in (known, count - 1 - known)]
    return order


def bracket(order: Sequence[int]) -> list[int | None]:
    """Return the places of a bracket; None is empty, so that the first in ``order`` get byes."""
    size = 1 << max(len(order) - 1, 0).bit_length()
    return [order[seed] if seed < len(order) else None for seed in mirrored(size)]


def advance(
    places: Sequence[int | None], outcomes: Sequence[Outcome | None]
) -> tuple[list[int | None], list[int], list[int]]:
    """Return the places of the next round, who lost, and who leaves without having lost.

    Args:
        places: of this round; players stand in the order in which ties are decided.
        outcomes: of ``pairs(places)``. Where one is None the first goes on, and the other
            leaves undefeated.
    """
    following: list[int | None] = []
    lost: list[int] = []
    undecided: list[int] = []
    answers = iter(outcomes)
    for a, b in zip(places[::2], places[1::2], strict=True):
        if a is None or b is None:
            following.append(b if a is None else a)
            continue
        outcome = next(answers)
        if outcome is None:
            following.append(a)
            undecided.append(b)
            continue
        loser = a if outcome.half(a) < 0.5 else b
        following.append(b if loser == a else a)
        lost.append(loser)
    return following, lost, undecided


def pairs(places: Sequence[int | None]) -> list[Pairing]:
    """Return the matches of a round: every two neighbours where both places are taken."""
    both = zip(places[::2], places[1::2], strict=True)
    return [(a, b) for a, b in both if a is not None and b is not None]


def walkovers(places: Sequence[int | None]) -> list[int]:
    """Return the players whose opponent's place is empty."""
    found: list[int] = []
    for a, b in zip(places[::2], places[1::2], strict=True):
        if a is None and b is not None:
            found.append(b)
        elif b is None and a is not None:
            found.append(a)
    return found


def _bracket(seats: Seats, order: list[int], tally: Tally, start: int) -> Schedule:
    rank = {player: place for place, player in enumerate(order)}
    places = bracket(order)
    left: list[list[list[int]]] = []
    number = start
    while len(places) > 1:
        seats.byes.extend((number, player) for player in walkovers(places))
        places = _ordered(places, rank)
        outcomes = yield pairs(places)
        tally.add(outcomes)
        places, lost, undecided = advance(places, outcomes)
        left.append([*tiers(undecided, tally.score), *tiers(lost, tally.score)])
        number += 1
    champion = [[player] for player in places if player is not None]
    return [*champion, *(tier for gone in reversed(left) for tier in gone)]


def _ordered(places: Sequence[int | None], rank: dict[int, int]) -> list[int | None]:
    """Put the better seed of every pair first, since it wins ties."""
    found: list[int | None] = []
    for a, b in zip(places[::2], places[1::2], strict=True):
        swap = a is not None and b is not None and rank[b] < rank[a]
        found.extend((b, a) if swap else (a, b))
    return found
