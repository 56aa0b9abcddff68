"""What players win on average, and results merged over the seats of one deal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist

from envgym.agents.ratings.results import GameResult, counted, players_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanReturn:
    """A player's mean return per game, in the game's own unit."""

    mean: float
    low: float | None
    """Lower end of the interval; None with fewer than two clusters."""
    high: float | None


def mean_returns(
    results: Sequence[GameResult],
    *,
    confidence: float = 0.95,
    players: Sequence[str] | None = None,
) -> dict[str, MeanReturn | None]:
    """Return what each player wins per game and seat, with a normal interval over clusters.

    Formula: ratio of the sums over clusters of returns and of seats played; its variance is the
             sandwich sum_c (r_c - mean n_c)^2 / (sum_c n_c)^2, times C / (C - 1)
    Source:  textbook ratio estimator (recalled)

    Games of one cluster share a deal, so they are not taken for independent. None: never played.

    >>> game = GameResult(players=("a", "b"), returns=(3.0, -3.0), cluster="1")
    >>> mean_returns([game])["a"].mean
    3.0
    """
    ids = players_of(results, players)
    sums: dict[str, dict[str, list[float]]] = {id: {} for id in ids}
    for number, game in enumerate(counted(results)):
        for id, won in zip(game.players, game.returns, strict=True):
            sums[id].setdefault(game.cluster or f"alone {number}", []).append(won)
    width = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    found: dict[str, MeanReturn | None] = {}
    for id, clusters in sums.items():
        seats = sum(map(len, clusters.values()))
        if not seats:
            found[id] = None
            continue
        mean = sum(map(sum, clusters.values())) / seats
        count = len(clusters)
        if count < 2:
            found[id] = MeanReturn(mean=mean, low=None, high=None)
            continue
        square = sum((sum(won) - mean * len(won)) ** 2 for won in clusters.values())
        error = width * sqrt(square * count / (count - 1)) / seats
        found[id] = MeanReturn(mean=mean, low=mean - error, high=mean + error)
    return found


def merged(results: Sequence[GameResult]) -> list[GameResult]:
    """Return one result per cluster: each player's mean return over its seats and games there.

    Both seat orders of one deal become one comparison, as in duplicate bridge: neither the cards nor
    the seat decide it, and a fold that saves chips is not simply a loss. A cluster with an invalid
    game is invalid; one with a forfeit names the first.

    >>> games = [
    ...     GameResult(players=("a", "b"), returns=(-1.0, 1.0), cluster="1"),
    ...     GameResult(players=("b", "a"), returns=(-3.0, 3.0), cluster="1"),
    ... ]
    >>> merged(games)[0].returns
    (1.0, -1.0)
    """
    clusters: dict[str, list[GameResult]] = {}
    for number, game in enumerate(results):
        clusters.setdefault(game.cluster or f"alone {number}", []).append(game)
    return [_merge(name, games) for name, games in clusters.items()]


def _merge(name: str, games: Sequence[GameResult]) -> GameResult:
    won: dict[str, list[float]] = {}
    for game in games:
        if game.valid:
            for id, value in zip(game.players, game.returns, strict=True):
                won.setdefault(id, []).append(value)
    ids = sorted({id for game in games for id in game.players})
    return GameResult(
        players=tuple(ids),
        returns=tuple(_mean(won, id) for id in ids),
        cluster=name,
        forfeit_by=next((g.forfeit_by for g in games if g.forfeit_by is not None), None),
        valid=all(game.valid for game in games),
    )


def _mean(won: Mapping[str, Sequence[float]], id: str) -> float:
    values = won.get(id, ())
    # Sums that differ by rounding alone are a draw, whatever the order of the seats.
    return round(fsum(values) / len(values), 12) if values else 0.0
