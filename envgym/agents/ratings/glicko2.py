"""Glicko-2: ratings with a deviation and a volatility, updated once per rating period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, pi, sqrt

from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.types.errors import ConfigError

_SCALE = 173.7178
"""Glicko points per unit of the internal scale: 400 / ln 10 to Glickman's digits."""
_CLOSE = 1e-9
"""Where the search for the volatility stops, on its logarithm; Glickman proposes 1e-6."""


@dataclass(frozen=True, slots=True)
class Glicko:
    """What Glicko-2 knows of a player."""

    rating: float = 1500.0
    """Points."""
    deviation: float = 350.0
    """Standard deviation of the rating, points, more than 0."""
    volatility: float = 0.06
    """How erratic the strength is, more than 0."""

    def __post_init__(self) -> None:
        if not isfinite(self.rating):
            raise ConfigError(f"Glicko.rating must be finite, got {self.rating!r}.")
        for name in ("deviation", "volatility"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise ConfigError(f"Glicko.{name} must be more than 0 and finite, got {value!r}.")

    def interval(self, width: float = 1.959964) -> tuple[float, float]:
        """Return rating -/+ ``width`` deviations; 95 % by default."""
        return self.rating - width * self.deviation, self.rating + width * self.deviation


def update(player: Glicko, games: Sequence[tuple[Glicko, float]], *, tau: float = 0.5) -> Glicko:
    """Return the player after one rating period.

    Formula: steps 2 to 8 of the paper: v = 1 / sum g^2 E (1 - E), Delta = v sum g (s - E), the
             volatility is the root of f by the Illinois method, phi' = 1 / sqrt(1 / (phi^2 +
             sigma'^2) + 1 / v), mu' = mu + phi'^2 sum g (s - E)
    Source:  Glickman, Example of the Glicko-2 system, 2013 (recalled; its worked example is a
             test)
    Laws:    without games the rating stays and the deviation grows

    Args:
        player: before the period.
        games: opponents as they were before the period, and the player's score: 1, 0.5 or 0.
        tau: how fast the volatility may change, more than 0; 0.3 to 1.2 are reasonable.

    Raises:
        ConfigError: a tau or a score that is not allowed.

    >>> rivals = [Glicko(1400, 30), Glicko(1550, 100), Glicko(1700, 300)]
    >>> after = update(Glicko(1500, 200), list(zip(rivals, [1, 0, 0], strict=True)))
    >>> round(after.rating, 2), round(after.deviation, 2), round(after.volatility, 5)
    (1464.05, 151.52, 0.06)
    """
    if not (isfinite(tau) and tau > 0):
        raise ConfigError(f"glicko2.tau must be more than 0 and finite, got {tau!r}.")
    mu, phi = (player.rating - 1500.0) / _SCALE, player.deviation / _SCALE
    information = surprise = 0.0
    for rival, score in games:
        if not 0.0 <= score <= 1.0:
            raise ConfigError(f"a score of glicko2 must be from 0 to 1, got {score!r}.")
        g = 1.0 / sqrt(1.0 + 3.0 * (rival.deviation / _SCALE) ** 2 / pi**2)
        chance = _sigmoid(g * (mu - (rival.rating - 1500.0) / _SCALE))
        information += g * g * chance * (1.0 - chance)
        surprise += g * (score - chance)
    if not games:
        deviation = _SCALE * sqrt(phi**2 + player.volatility**2)
        return Glicko(player.rating, deviation, player.volatility)
    # Hopelessly apart a game says nothing; squares of 1 / v must not overflow.
    information = max(information, 1e-60)
    variance = 1.0 / information
    volatility = _volatility(player.volatility, phi, variance, variance * surprise, tau)
    spread = 1.0 / sqrt(1.0 / (phi**2 + volatility**2) + information)
    return Glicko(
        1500.0 + _SCALE * (mu + spread**2 * surprise), _SCALE * spread, max(volatility, 1e-12)
    )


def glicko2(
    results: Sequence[GameResult],
    *,
    start: Mapping[str, Glicko] | None = None,
    tau: float = 0.5,
    players: Sequence[str] | None = None,
) -> dict[str, Glicko]:
    """Return every player after one rating period that holds all the results.

    Within the period the order of games changes nothing. For several periods call it again with
    what it returned as ``start``. A game of more than two seats counts as its pairs.

    Args:
        results: of the period; invalid ones are left out.
        start: players as they were; who is missing starts as ``Glicko()``.
        tau: see ``update``.
        players: ids to rate, two or more; None: all that occur.

    Raises:
        ConfigError: a tau that is not allowed, or fewer than two players.
    """
    known = {} if start is None else start
    before = {id: known.get(id, Glicko()) for id in players_of(results, players)}
    games: dict[str, list[tuple[Glicko, float]]] = {id: [] for id in before}
    for game in counted(results):
        for first, second, score, _ in game.pairs():
            games[first].append((before[second], score))
            games[second].append((before[first], 1.0 - score))
    return {id: update(before[id], games[id], tau=tau) for id in before}


def _volatility(sigma: float, phi: float, v: float, delta: float, tau: float) -> float:
    """Return the new volatility: the root of f, enclosed and found by the Illinois method."""
    start = log(sigma**2)

    def f(x: float) -> float:
        grown = phi**2 + v + exp(x)
        return exp(x) * (delta**2 - grown) / (2.0 * grown**2) - (x - start) / tau**2

    low = start
    if delta**2 > phi**2 + v:
        high = log(delta**2 - phi**2 - v)
    else:
        steps = 1
        while f(start - steps * tau) < 0:
            steps += 1
        high = start - steps * tau
    at_low, at_high = f(low), f(high)
    while abs(high - low) > _CLOSE and at_high != at_low:
        middle = low + (low - high) * at_low / (at_high - at_low)
        value = f(middle)
        if value * at_high <= 0:
            low, at_low = high, at_high
        else:
            at_low /= 2.0
        high, at_high = middle, value
    return exp(low / 2.0)


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + exp(-x)) if x >= 0 else exp(x) / (1.0 + exp(x))
