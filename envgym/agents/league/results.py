"""Who won against whom, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError


@dataclass
class Results:
    """Scores of pairs of members.

    Formula: w(a, b) = (S(a, b) + prior / 2) / (n(a, b) + prior), with S the sum of a's scores
             (1 a win, 0.5 a draw, 0 a loss) and n the games
    Source:  ours; prior = 2 is Laplace's rule of succession
    Laws:    w(a, b) + w(b, a) = 1; without games w = 0.5

    >>> results = Results()
    >>> results.add("main", "main@1", 3.0, games=4)
    >>> round(results.win_rate("main", "main@1"), 4), round(results.win_rate("main@1", "main"), 4)
    (0.6667, 0.3333)
    """

    prior: float = 2.0
    """Games that count as played before the first, half of them won; more than 0."""
    _sums: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict, repr=False)
    """By ordered pair (smaller id first): the first one's score, and games."""

    def __post_init__(self) -> None:
        number = isinstance(self.prior, int | float) and not isinstance(self.prior, bool)
        if not number or not 0.0 < self.prior < float("inf"):
            raise ConfigError(f"league: prior must be more than 0 games, got {self.prior!r}.")

    def add(self, a: str, b: str, score: float, games: int = 1) -> None:
        """Count games.

        Args:
            a: a member's id.
            b: another's.
            score: sum of a's scores over the games, 0 to ``games``.
            games: 1 or more.

        Raises:
            ConfigError: one of these is not so.
        """
        check_score(score, games)
        if a == b:
            return  # a draw by symmetry, whatever was seen
        first, second, gained = (a, b, score) if a < b else (b, a, games - score)
        total, played = self._sums.get((first, second), (0.0, 0))
        self._sums[first, second] = (total + gained, played + games)

    def games(self, a: str, b: str) -> int:
        """Return how often the two have met."""
        return self._sums.get((min(a, b), max(a, b)), (0.0, 0))[1]

    def win_rate(self, a: str, b: str) -> float:
        """Return the estimated score of ``a`` against ``b``, strictly between 0 and 1."""
        total, played = self._sums.get((min(a, b), max(a, b)), (0.0, 0))
        rate = (total + self.prior / 2.0) / (played + self.prior)
        return 0.5 if a == b else rate if a < b else 1.0 - rate

    def payoffs(self, ids: Sequence[str]) -> NDArray[np.float64]:
        """Return [n, n] 2 * win rate - 1 of row against column: antisymmetric, -1 to 1."""
        found = np.zeros((len(ids), len(ids)))
        for i, a in enumerate(ids):
            for j, b in enumerate(ids[:i]):
                found[i, j] = 2.0 * self.win_rate(a, b) - 1.0
        return found - found.T


def check_score(score: float, games: int) -> None:
    """Raise ConfigError unless ``games`` games can sum to ``score``."""
    if isinstance(games, bool) or not isinstance(games, int) or games < 1:
        raise ConfigError(f"league: games must be a whole number from 1, got {games!r}.")
    number = isinstance(score, int | float | np.floating) and not isinstance(score, bool)
    if not number or not 0.0 <= score <= games:
        raise ConfigError(f"league: the score of {games} games is 0 to {games}, got {score!r}.")
