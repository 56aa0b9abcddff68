"""Anchor: everyone is compared with one rollout."""

from collections.abc import Sequence

from envgym.rewards.tournament.outcome import Outcome, Pairing, Schedule
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.tally import Tally, mean, tiers


def anchor(seats: Seats) -> Schedule:
    """Return the order by own score against the anchor, who gets its mean score.

    Formula: s_i = score of i against the anchor; s_anchor = mean of its scores; N - 1 matches
    Source:  cookbook D3 (seen: Alibaba-NLP/qqr)
    Laws:    the cheapest format; may miss a rollout that beats everyone where scores depend on
             the opponent
    """
    outcomes = yield against(seats)
    scores = seeding(seats, outcomes)
    return tiers(range(len(seats)), scores.__getitem__)


def against(seats: Seats) -> list[Pairing]:
    """Return the pairings of everyone with the anchor."""
    return [(player, seats.anchor) for player in range(len(seats)) if player != seats.anchor]


def seeding(seats: Seats, outcomes: Sequence[Outcome | None]) -> list[float]:
    """Return everyone's score after the matches with the anchor; minus infinity: none."""
    tally = Tally(len(seats))
    tally.add(outcomes)
    return [mean(scores, float("-inf")) for scores in tally.scores]
