"""Outcome: one answered match as the formats of a tournament read it."""

from collections.abc import Generator
from math import isfinite
from typing import Literal, NamedTuple

from envgym.types.compare import Match

Verdict = Literal["first", "second", "tie"]

Pairing = tuple[int, int]
"""Two players, by their position among the sorted ids."""


class Outcome(NamedTuple):
    """Who won an answered match, and the scores it gave."""

    first: int
    second: int
    verdict: Verdict
    scores: tuple[float, float]
    """Of the first and the second; (p, 1 - p) where the comparator gave none."""

    def half(self, player: int) -> float:
        """Return the player's points: 1 for a win, 0.5 for a tie, 0 for a loss."""
        if self.verdict == "tie":
            return 0.5
        return 1.0 if (self.verdict == "first") == (player == self.first) else 0.0

    def score(self, player: int) -> float:
        """Return the player's score."""
        return self.scores[0] if player == self.first else self.scores[1]


Tiers = list[list[int]]
"""Players from best to worst; those of one tier have equal keys and share their rank."""

Schedule = Generator[list[Pairing], list[Outcome | None], Tiers]
"""A format at work: yields the pairings of a round, is sent their outcomes (None: unanswered),
and returns the order. It never sees a comparator."""


def scores_of(match: Match) -> tuple[float, float] | None:
    """Return the scores of the two, p and 1 - p where it has none; None if it was not answered.

    A p outside 0 to 1 or a score that is not finite is no answer either.
    """
    if match.p is None or not 0.0 <= match.p <= 1.0:
        return None
    scores = match.scores if match.scores is not None else (match.p, 1.0 - match.p)
    return scores if isfinite(scores[0]) and isfinite(scores[1]) else None


def verdict_of(match: Match, margin: float) -> Verdict | None:
    """Return who won; None if it was not answered.

    A tie is p = 0.5, or scores at most ``margin`` apart (for a comparator without scores, p and
    1 - p at most ``margin`` apart).
    """
    scores = scores_of(match)
    if scores is None or match.p is None:
        return None
    if match.p == 0.5 or abs(scores[0] - scores[1]) <= margin:
        return "tie"
    return "first" if match.p > 0.5 else "second"


def judged(pairing: Pairing, match: Match, margin: float) -> Outcome | None:
    """Return the outcome of a match; None if it was not answered."""
    scores, verdict = scores_of(match), verdict_of(match, margin)
    if scores is None or verdict is None:
        return None
    return Outcome(*pairing, verdict, scores)
