"""Swiss: a few rounds in which players with equal points meet."""

from collections.abc import Callable

from envgym.rewards.tournament.outcome import Pairing, Schedule
from envgym.rewards.tournament.pairing import pair_up
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.tally import Tally, tiers


def swiss(rounds: int) -> Callable[[Seats], Schedule]:
    """Return the Swiss format with so many rounds; 0: ceil(log2 N).

    Formula: order by points, then Buchholz (sum of the opponents' points);
             ceil(log2 N) * floor(N / 2) matches
    Source:  cookbook D3 (seen: Alibaba-NLP/qqr, whose shuffle mixes up players; see the docs)
    Laws:    nobody meets twice where avoidable; a bye is one point and nobody gets a second one
             before everyone had one; equal keys share their rank
    """

    def schedule(seats: Seats) -> Schedule:
        size = len(seats)
        nobody = size  # an odd field plays against an empty seat, worth a point
        tally = Tally(size)
        met: set[frozenset[int]] = set()
        opponents: list[list[int]] = [[] for _ in range(size)]
        count = min(rounds or (size - 1).bit_length(), max(size - 1, 0) + size % 2)
        for number in range(count):
            lots = seats.lots("swiss", number)
            order = sorted(range(size), key=_standing(tally, lots))
            pairs = pair_up([*order, nobody] if size % 2 else order, met)
            met.update(map(frozenset, pairs))
            games: list[Pairing] = [pair for pair in pairs if nobody not in pair]
            for a, b in games:
                opponents[a].append(b)
                opponents[b].append(a)
            tally.add((yield games))
            for pair in pairs:
                if nobody in pair:
                    tally.points[pair[0]].append(1.0)
                    seats.byes.append((number, pair[0]))
        worth = [count * tally.share(i) for i in range(size)]
        buchholz = [round(sum(sorted(worth[j] for j in opponents[i])), 12) for i in range(size)]
        return tiers(range(size), lambda i: (worth[i], buchholz[i]))

    return schedule


def _standing(tally: Tally, lots: list[int]) -> Callable[[int], tuple[float, int]]:
    return lambda i: (-tally.share(i), lots[i])
