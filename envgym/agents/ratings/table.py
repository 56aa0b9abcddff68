"""PairTable: who won how often and how much against whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envgym.agents.ratings.results import GameResult, counted, players_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """Counts over pairs of players; rows and columns in the order of ``players``."""

    players: tuple[str, ...]
    wins: Floats
    """[N, N]: how often the row won more than the column."""
    draws: Floats
    """[N, N], symmetric."""
    margin: Floats
    """[N, N], antisymmetric: mean difference of returns in the game's unit; 0 where never met."""

    @property
    def games(self) -> Floats:
        """[N, N], symmetric: how often the two were compared."""
        return self.wins + self.wins.T + self.draws

    @property
    def scores(self) -> Floats:
        """[N, N]: the row's mean score, 0 to 1; NaN where never met."""
        games = self.games
        points = self.wins + 0.5 * self.draws
        return np.divide(points, games, out=np.full_like(games, np.nan), where=games > 0)

    @property
    def log_odds(self) -> Floats:
        """[N, N], antisymmetric: log((wins + 1/2) / (losses + 1/2)); 0 where never met.

        The halves keep a score without a loss finite. Under Davidson's model this estimates the
        difference of strengths, whatever the share of draws.
        """
        return np.asarray(np.log((self.wins + 0.5) / (self.wins.T + 0.5)), np.float64)

    @property
    def precision(self) -> Floats:
        """[N, N]: 1 / variance of ``log_odds``; 0 where never met."""
        wins, losses = self.wins + 0.5, self.wins.T + 0.5
        return np.where(self.games > 0, wins * losses / (wins + losses), 0.0)


def pair_table(results: Sequence[GameResult], *, players: Sequence[str] | None = None) -> PairTable:
    """Return the counts of the valid results; a game of many seats counts as its pairs.

    Args:
        results: in any order.
        players: ids of the rows, two or more; None: all that occur, sorted.

    Raises:
        ConfigError: fewer than two players, or a result with somebody else in it.
    """
    ids = players_of(results, players)
    place = {id: i for i, id in enumerate(ids)}
    size = len(ids)
    wins, draws, total = (np.zeros((size, size)) for _ in range(3))
    for game in counted(results):
        for first, second, score, margin in game.pairs():
            i, j = place[first], place[second]
            total[i, j] += margin
            total[j, i] -= margin
            if score == 0.5:
                draws[i, j] += 1.0
                draws[j, i] += 1.0
            elif score == 1.0:
                wins[i, j] += 1.0
            else:
                wins[j, i] += 1.0
    games = wins + wins.T + draws
    mean = np.divide(total, games, out=np.zeros_like(total), where=games > 0)
    return PairTable(players=tuple(ids), wins=wins, draws=draws, margin=mean)
