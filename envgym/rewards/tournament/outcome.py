"""Outcome: one answered match as the formats of a tournament read it."""

from collections.abc import Generator
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


def judged(pairing: Pairing, match: Match, margin: float) -> Outcome | None:
    """Return the outcome of a match; None if it was not answered.

    A tie is p = 0.5, or scores at most ``margin`` apart (for a comparator without scores, p and
    1 - p at most ``margin`` apart).
    """
    if match.p is None:
        return None
    scores = match.scores if match.scores is not None else (match.p, 1.0 - match.p)
    verdict: Verdict = "first" if match.p > 0.5 else "second"
    if match.p == 0.5 or abs(scores[0] - scores[1]) <= margin:
        verdict = "tie"
    return Outcome(*pairing, verdict, scores)
