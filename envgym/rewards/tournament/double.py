"""Double elimination: who loses twice is out."""

from envgym.rewards.tournament.elimination import advance, bracket, pairs, walkovers
from envgym.rewards.tournament.outcome import Outcome, Pairing, Schedule
from envgym.rewards.tournament.pairing import pair_up
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.tally import Tally, tiers


def double(seats: Seats) -> Schedule:
    """Return the order of a winners' and a losers' bracket and one final between their winners.

    Formula: the losers' round reached, then the mean score over all matches; 2N - 2 matches
    Source:  cookbook D3 (seen: Alibaba-NLP/qqr; here seeded, with byes that go round)
    Laws:    N - 1 matches among winners, N - 2 among losers, 1 final; both brackets play in one
             batch; nobody gets a second bye among the losers before the others had one
    """
    winners = bracket(seats.drawn("bracket"))
    tally = Tally(len(seats))
    losers = _Losers(seats, tally)
    number = 0
    while len(winners) > 1 or len(losers.pool) > 1:
        places = winners if len(winners) > 1 else []
        seats.byes.extend((number, player) for player in walkovers(places))
        above, below = pairs(places), losers.draw(number)
        outcomes = yield [*above, *below]
        tally.add(outcomes)
        losers.close(below, outcomes[len(above) :])
        if places:
            winners, lost, undecided = advance(places, outcomes[: len(above)])
            losers.pool.extend([*lost, *undecided])
        number += 1
    finalists = [*(player for player in winners if player is not None), *losers.pool]
    if len(finalists) == 2:
        first, second = finalists
        outcomes = yield [(first, second)]
        tally.add(outcomes)
        if outcomes[0] is not None and outcomes[0].verdict == "second":
            finalists = [second, first]
    gone = [tier for round_ in reversed(losers.left) for tier in round_]
    return [*([player] for player in finalists), *gone]


class _Losers:
    """The bracket of those who lost once."""

    def __init__(self, seats: Seats, tally: Tally) -> None:
        self.seats = seats
        self.tally = tally
        self.pool: list[int] = []
        self.left: list[list[list[int]]] = []
        """By round, the tiers of those who left."""
        self._rested: list[int] = []
        self._met: set[frozenset[int]] = set()

    def draw(self, number: int) -> list[Pairing]:
        """Return the pairs of this round; of an odd pool one rests."""
        lots = self.seats.lots("losers", number)
        order = sorted(self.pool, key=lots.__getitem__)
        if len(order) < 2:
            return []
        self.pool = []
        if len(order) % 2:
            resting = min(
                order, key=lambda i: (self._rested.count(i), -self.tally.share(i), lots[i])
            )
            order.remove(resting)
            self.pool.append(resting)
            self._rested.append(resting)
            self.seats.byes.append((number, resting))
        games = pair_up(order, self._met)
        self._met.update(map(frozenset, games))
        return games

    def close(self, games: list[Pairing], outcomes: list[Outcome | None]) -> None:
        """Take the winners back into the pool; the others leave."""
        places: list[int | None] = [player for pair in games for player in pair]
        following, lost, undecided = advance(places, outcomes)
        self.pool.extend(player for player in following if player is not None)
        if games:
            tally = self.tally
            self.left.append([*tiers(undecided, tally.score), *tiers(lost, tally.score)])
