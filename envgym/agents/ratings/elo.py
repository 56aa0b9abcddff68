"""Elo: a running rating, updated after every game."""

from collections.abc import Sequence
from math import isfinite

from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.types.errors import ConfigError

INITIAL = 1500.0
SCALE = 400.0
"""Points that multiply the odds of winning by ten."""


def expected_score(gap: float) -> float:
    """Return the score that Elo expects of a player ``gap`` points ahead, 0 to 1.

    >>> round(expected_score(200.0), 3)
    0.76
    """
    exponent = -gap / SCALE
    # 10 ** 309 overflows; so far apart the expectation is 0 to every digit anyway.
    return 1.0 / (1.0 + 10.0**exponent) if exponent < 300 else 0.0


def elo(
    results: Sequence[GameResult],
    *,
    k: float = 32.0,
    initial: float = INITIAL,
    players: Sequence[str] | None = None,
) -> dict[str, float]:
    """Return every player's rating after the games in the order given.

    Formula: r_i <- r_i + K / (P - 1) * sum_j (s_ij - 1 / (1 + 10^((r_j - r_i) / 400))), all from
             the ratings before the game; s 1, 0.5, 0; P seats, so that two players give Elo's own
    Source:  Elo, The Rating of Chessplayers, 1978 (recalled); several seats are ours
    Laws:    the sum of ratings stays; equal players who draw stay equal

    The order of the games matters, the last ones most, and there is no interval: for players who
    do not change prefer ``davidson``.

    Args:
        results: in the order played; invalid ones are left out.
        k: points at stake in a game, more than 0.
        initial: rating before the first game.
        players: ids to rate, two or more; None: all that occur.

    Raises:
        ConfigError: a k or initial rating that is not allowed, or fewer than two players.

    >>> elo([GameResult(players=("a", "b"), returns=(1.0, 0.0))])
    {'a': 1516.0, 'b': 1484.0}
    """
    if not (isfinite(k) and k > 0):
        raise ConfigError(f"elo.k must be more than 0 and finite, got {k!r}.")
    if not isfinite(initial):
        raise ConfigError(f"elo.initial must be finite, got {initial!r}.")
    ratings = dict.fromkeys(players_of(results, players), float(initial))
    for game in counted(results):
        change = dict.fromkeys(game.players, 0.0)
        for first, second, score, _ in game.pairs():
            step = k * (score - expected_score(ratings[first] - ratings[second]))
            step /= len(game.players) - 1
            change[first] += step
            change[second] -= step
        for id, step in change.items():
            ratings[id] += step
    return ratings
