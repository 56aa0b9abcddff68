"""rate: the table of a league, whatever the method, and whether an order fits it at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any, Literal, get_args

from envgym.agents.ratings.davidson import davidson
from envgym.agents.ratings.elo import INITIAL, SCALE, elo
from envgym.agents.ratings.glicko2 import glicko2
from envgym.agents.ratings.hodge import hodge
from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.agents.ratings.returns import merged
from envgym.agents.ratings.table import pair_table
from envgym.agents.ratings.weng_lin import weng_lin
from envgym.types.errors import ConfigError, unknown

Method = Literal["davidson", "elo", "glicko2", "weng_lin"]

CYCLIC = 0.5
"""Transitive share below which a field is called cyclic. A strict order has 2/3 or more, however
its margins saturate."""
SURE = 0.01
"""Chance below which cycles are not taken for noise."""

_POINTS = SCALE / log(10.0)
"""Elo points per logit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One player's line."""

    player: str
    rating: float
    """Elo points around 1500; for weng_lin its mu, around 25."""
    low: float | None
    """Lower end of the interval; None for elo, which has none."""
    high: float | None
    games: int
    """Games that counted, or clusters of them if merged; several seats of one are one."""
    won: int
    """Comparisons with one other seat, or player if merged; with two seats that is the game."""
    drew: int
    lost: int
    forfeits: int
    """Single games lost by forfeit, counted or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """A field's ratings, best first, and how they fit."""

    method: str
    confidence: float
    rows: tuple[Rated, ...]
    seats: tuple[float | None, ...]
    """Mean score of each seat in single games, against the others; 0.5: it is no advantage.
    None: nobody was compared there."""
    first_move: float | None
    """Logits that the earlier seat is worth; None unless fitted by davidson."""
    draw: float | None
    """Davidson's nu; None unless fitted."""
    separated: bool
    """Whether the prior decides some distance; see ``Strengths``."""
    transitive: float
    """Transitive share of the log-odds, 0 to 1; see ``hodge``."""
    noise: float
    """Chance that cycles as strong come from noise alone, about: it takes games for independent
    of each other, as games that share a seed are not quite."""
    left_out: int
    """Games, or clusters if merged, that were not counted: invalid, or with an excluded forfeit."""

    @property
    def cyclic(self) -> bool:
        """Whether no rating tells who beats whom: little is transitive, and that is not noise."""
        return self.transitive < CYCLIC and self.noise < SURE

    def __getitem__(self, player: str) -> Rated:
        """Return a player's line.

        Raises:
            ConfigError: nobody has that id.
        """
        for row in self.rows:
            if row.player == player:
                return row
        raise ConfigError(unknown("player", player, [row.player for row in self.rows]))

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON-ready dict."""
        rows = [{name: getattr(row, name) for name in Rated.__slots__} for row in self.rows]
        rest = {name: getattr(self, name) for name in Ratings.__slots__ if name != "rows"}
        return {**rest, "seats": list(self.seats), "cyclic": self.cyclic, "rows": rows}


def rate(
    results: Sequence[GameResult],
    *,
    method: Method = "davidson",
    forfeits: bool = True,
    confidence: float = 0.95,
    bootstrap: int = 0,
    seed: int = 0,
    players: Sequence[str] | None = None,
    duplicate: bool = False,
) -> Ratings:
    """Return everybody's rating.

    Formula: davidson: 1500 + 400 / ln 10 * strength; the others in their own units
    Laws:    davidson and glicko2: the order of the results changes nothing

    Args:
        results: invalid ones are left out.
        method: davidson (the default: all games at once, with first move, draws and clustered
            intervals), elo, glicko2 (one period) or weng_lin (needs the extra 'games').
        forfeits: whether games decided by forfeit count.
        confidence: of the intervals, between 0 and 1.
        bootstrap: of davidson; see there.
        seed: of the bootstrap.
        players: ids to rate, two or more; None: all that occur.
        duplicate: whether all games of a cluster are one comparison; see ``comparisons``. Such
            a comparison has no first seat, and davidson then fits none.

    Raises:
        ConfigError: a value that is not allowed, or fewer than two players.
        MissingExtraError: the method's library is not installed.

    >>> table = rate([GameResult(players=("a", "b"), returns=(1.0, 0.0))] * 4)
    >>> [(row.player, row.won, row.lost) for row in table.rows]
    [('a', 4, 0), ('b', 0, 4)]
    """
    if method not in get_args(Method):
        raise ConfigError(unknown("rating method", method, get_args(Method)))
    if not 0 < confidence < 1:
        raise ConfigError(f"rate.confidence must be between 0 and 1, got {confidence!r}.")
    ids = players_of(results, players)
    used = comparisons(results, duplicate=duplicate, forfeits=forfeits)
    width = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    advantage = draw = None
    separated = False
    rated: dict[str, tuple[float, float | None, float | None]]
    if method == "davidson":
        fit = davidson(
            used,
            confidence=confidence,
            bootstrap=bootstrap,
            seed=seed,
            players=ids,
            first_move=not duplicate,
        )
        advantage = None if duplicate else fit.first_move
        draw, separated = fit.draw, fit.separated
        points = [INITIAL + _POINTS * each for each in (fit.strength, fit.low, fit.high)]
        rated = {
            id: (float(points[0][i]), float(points[1][i]), float(points[2][i]))
            for i, id in enumerate(ids)
        }
    elif method == "elo":
        rated = {id: (value, None, None) for id, value in elo(used, players=ids).items()}
    elif method == "glicko2":
        found = glicko2(used, players=ids)
        rated = {id: (each.rating, *each.interval(width)) for id, each in found.items()}
    else:
        skills = weng_lin(used, players=ids)
        rated = {id: (each.mu, *each.interval(width)) for id, each in skills.items()}
    table = pair_table(used, players=ids)
    split = hodge(table.log_odds, table.precision)
    rows = [
        Rated(
            player=id,
            rating=rated[id][0],
            low=rated[id][1],
            high=rated[id][2],
            games=sum(id in game.players for game in used),
            won=int(table.wins[i].sum()),
            drew=int(table.draws[i].sum()),
            lost=int(table.wins[:, i].sum()),
            forfeits=sum(game.valid and game.forfeit_by == id for game in results),
        )
        for i, id in enumerate(ids)
    ]
    return Ratings(
        method=method,
        confidence=confidence,
        rows=tuple(sorted(rows, key=lambda row: (-round(row.rating, 6), row.player))),
        seats=seat_scores(counted(results, forfeits=forfeits)),
        first_move=advantage,
        draw=draw,
        separated=separated,
        transitive=split.share,
        noise=_tail(split.residual, split.freedom),
        left_out=len(merged(results) if duplicate else results) - len(used),
    )


def comparisons(
    results: Sequence[GameResult], *, duplicate: bool, forfeits: bool = True
) -> list[GameResult]:
    """Return what ratings compare: the games that count, or with ``duplicate`` whole clusters.

    A cluster counts if all of its games do.
    """
    return counted(merged(results) if duplicate else results, forfeits=forfeits)


def seat_scores(results: Sequence[GameResult]) -> tuple[float | None, ...]:
    """Return the mean score of each seat, 0 to 1, against the other players of its games."""
    size = max((len(game.players) for game in results if game.valid), default=0)
    points, counts = [0.0] * size, [0] * size
    for game in counted(results):
        for i, id in enumerate(game.players):
            for other, won in zip(game.players, game.returns, strict=True):
                if other != id:
                    gap = game.returns[i] - won
                    points[i] += 0.5 if gap == 0 else float(gap > 0)
                    counts[i] += 1
    return tuple(p / n if n else None for p, n in zip(points, counts, strict=True))


def _tail(residual: float, freedom: int) -> float:
    """Return the chance that chi-squared is above ``residual``.

    Formula: Wilson and Hilferty 1931: the cube root of chi-squared / k is about normal
    """
    if freedom < 1 or residual <= 0.0:
        return 1.0
    spread = 2.0 / (9.0 * freedom)
    z = ((residual / freedom) ** (1.0 / 3.0) - (1.0 - spread)) / sqrt(spread)
    # Far out the distribution function rounds to 1; this keeps the order of magnitude.
    return 1.0 - NormalDist().cdf(z) if z < 6 else exp(-0.5 * z * z)
