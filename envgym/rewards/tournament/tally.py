"""Tally: points and scores that players collect; equal keys share a tier."""

from collections.abc import Callable, Iterable, Sequence
from math import fsum
from typing import Any

from envgym.rewards.tournament.outcome import Outcome, Tiers


class Tally:
    """Points and scores per player."""

    def __init__(self, players: int) -> None:
        self.points: list[list[float]] = [[] for _ in range(players)]
        self.scores: list[list[float]] = [[] for _ in range(players)]

    def add(self, outcomes: Iterable[Outcome | None]) -> None:
        """Count the answered matches."""
        for outcome in outcomes:
            if outcome is not None:
                for player in (outcome.first, outcome.second):
                    self.points[player].append(outcome.half(player))
                    self.scores[player].append(outcome.score(player))

    def share(self, player: int) -> float:
        """Return points per answered match, so that an unanswered one is no loss; 0.5: none."""
        return mean(self.points[player], 0.5)

    def score(self, player: int) -> float:
        """Return the mean score over the player's matches; minus infinity: none."""
        return mean(self.scores[player], float("-inf"))


def mean(values: Sequence[float], empty: float) -> float:
    """Return the mean, rounded so that the order of summands cannot make equal means differ."""
    return round(fsum(values) / len(values), 12) if values else empty


def tiers(players: Iterable[int], key: Callable[[int], Any]) -> Tiers:
    """Return the players from the highest key to the lowest, equal keys together."""
    found: dict[Any, list[int]] = {}
    for player in players:
        found.setdefault(key(player), []).append(player)
    return [found[k] for k in sorted(found, reverse=True)]
