"""Bradley-Terry and Davidson: strengths with draws, a first-move advantage and intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from envgym.agents.ratings.likelihood import (
    Design,
    Floats,
    curvature,
    most_likely,
    scatter,
    slopes,
)
from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.types.errors import ConfigError
from envgym.types.stream import derive

PRIOR = 0.01
"""Default precision of the prior: a standard deviation of 10 logits, or 1,700 Elo points."""


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """A fit; strengths are on the logit scale and sum to 0."""

    players: tuple[str, ...]
    strength: Floats
    """[N], logits: without draws and first move P(i beats j) = sigmoid(s_i - s_j)."""
    se: Floats
    """[N], standard error of each strength (of its distance from the mean of all)."""
    low: Floats
    """[N], lower end of the interval."""
    high: Floats
    """[N]"""
    covariance: Floats
    """[N, N], of the strengths; rows sum to 0."""
    first_move: float
    """Logits that the earlier seat is worth; 0.0 if not fitted."""
    first_move_se: float
    draw: float
    """nu: equal players without a first-move advantage draw with the chance nu / (2 + nu)."""
    clusters: int
    """Independent groups of games."""
    separated: bool
    """Whether some group of players never scored against the rest. Then their distance is
    decided by the prior, and intervals are as wide as the model's own where that is wider."""

    def index(self, id: str) -> int:
        """Return the position of a player."""
        return self.players.index(id)


def davidson(
    results: Sequence[GameResult],
    *,
    prior: float = PRIOR,
    draws: bool = True,
    first_move: bool = True,
    confidence: float = 0.95,
    bootstrap: int = 0,
    seed: int = 0,
    players: Sequence[str] | None = None,
) -> Strengths:
    """Return the most likely strengths and how sure they are.

    Formula: with d = s_i - s_j + gamma, i in the earlier seat, the chances of win, draw and loss
             are e^(d/2), nu and e^(-d/2), divided by their sum; maximum of the log-likelihood
             minus prior / 2 (sum s^2 + gamma^2 + log(nu)^2)
    Source:  Bradley and Terry 1952; Davidson 1970; Davidson and Beaver 1977 for the first move
             (all recalled). Covariance H^-1 (sum_c g_c g_c^T) H^-1 C / (C - 1) over C clusters:
             Liang and Zeger 1986 (recalled)
    Laws:    the order of the results changes nothing; exchanging two players exchanges their
             strengths; rock, paper, scissors in equal numbers: all 0; ties only: all 0, finite
             intervals; no draws, no first move: Bradley-Terry

    Where the sandwich sees no spread (a player whose results are all of one kind, or players
    whom no chain of points connects) it would call the least known the surest: there the wider
    of it and the posterior's own deviation counts.

    Args:
        results: invalid ones are left out; of more than two seats each pair counts.
        prior: precision of the Gaussian prior, more than 0; it only keeps the unbeaten finite.
        draws: whether drawing has a parameter; False: a draw is half a win. It has none either
            where nobody drew.
        first_move: whether the earlier seat has a parameter.
        confidence: of the intervals, between 0 and 1.
        bootstrap: 0: intervals are strength -/+ z se; else that many resamples of clusters,
            100 or more, and intervals are their percentiles.
        seed: of the bootstrap.
        players: ids to rate, two or more; None: all that occur, sorted.

    Raises:
        ConfigError: a value that is not allowed, or fewer than two players.

    >>> games = [GameResult(players=("a", "b"), returns=(1.0, 0.0))] * 3
    >>> games += [GameResult(players=("b", "a"), returns=(1.0, 0.0))]
    >>> fit = davidson(games, first_move=False, prior=1e-9)
    >>> round(float(fit.strength[0] - fit.strength[1]), 6)  # log 3
    1.098612
    """
    _check(prior, confidence, bootstrap)
    ids = players_of(results, players)
    design, cluster = _design(ids, counted(results), prior, draws, first_move)
    rows, group = design.grouped()
    at = most_likely(rows, np.bincount(group, minlength=len(rows.score)).astype(np.float64))
    clusters = int(cluster.max(initial=-1)) + 1
    covariance, separated = _covariance(design, at, cluster, clusters)
    size = design.size
    centre = np.eye(size) - 1.0 / size
    strength = at[:size] - at[:size].mean()
    se = np.sqrt(np.diag(covariance)[:size])
    if bootstrap:
        low, high = _bootstrap(design, at, cluster, clusters, bootstrap, seed, confidence)
        # As with the sandwich: resampling what is all of one kind shows no spread.
        flat = _flat(design) | separated
        reach = NormalDist().inv_cdf(0.5 + confidence / 2.0) * se
        low = np.where(flat, np.minimum(low, strength - reach), low)
        high = np.where(flat, np.maximum(high, strength + reach), high)
    else:
        reach = NormalDist().inv_cdf(0.5 + confidence / 2.0) * se
        low, high = strength - reach, strength + reach
    return Strengths(
        players=tuple(ids),
        strength=strength,
        se=se,
        low=low,
        high=high,
        covariance=centre @ covariance[:size, :size] @ centre,
        first_move=float(at[size]) if design.first_move else 0.0,
        first_move_se=float(np.sqrt(covariance[size, size])) if design.first_move else 0.0,
        draw=exp(float(at[-1])) if design.draws else 0.0,
        clusters=clusters,
        separated=separated,
    )


def _check(prior: float, confidence: float, bootstrap: int) -> None:
    if not (isfinite(prior) and prior > 0):
        raise ConfigError(f"davidson.prior must be more than 0 and finite, got {prior!r}.")
    if not 0 < confidence < 1:
        raise ConfigError(f"davidson.confidence must be between 0 and 1, got {confidence!r}.")
    if bootstrap != 0 and bootstrap < 100:
        raise ConfigError(
            f"davidson.bootstrap must be 0 (none) or 100 or more resamples, got {bootstrap}."
        )


def _design(
    ids: Sequence[str], results: Sequence[GameResult], prior: float, draws: bool, first: bool
) -> tuple[Design, NDArray[np.intp]]:
    """Return the rows, and the cluster of each."""
    place = {id: i for i, id in enumerate(ids)}
    names: dict[str | int, int] = {}
    rows: list[tuple[int, int, int]] = []
    scores: list[float] = []
    for number, game in enumerate(results):
        for a, b, score, _ in game.pairs():
            cluster = names.setdefault(game.cluster or number, len(names))
            rows.append((place[a], place[b], cluster))
            scores.append(score)
    index = np.asarray(rows, np.intp).reshape(-1, 3)
    points = np.asarray(scores, np.float64)
    design = Design(
        size=len(ids),
        first=index[:, 0],
        second=index[:, 1],
        score=points,
        draws=draws and bool(np.any(points == 0.5)),
        first_move=first,
        prior=prior,
    )
    return design, index[:, 2]


def _covariance(
    design: Design, at: Floats, cluster: NDArray[np.intp], clusters: int
) -> tuple[Floats, bool]:
    """Return [width, width], strengths about their mean, and whether players are separated."""
    size, width = design.size, design.width
    inverse = np.linalg.inv(curvature(design, at, np.ones(len(design.score))))
    centre = np.eye(width)
    centre[:size, :size] -= 1.0 / size
    model = centre @ inverse @ centre
    separated = not _connected(design)
    if clusters < 2:
        return model, separated
    each = scatter(design, *slopes(design, at), cluster, clusters)
    meat = each.T @ each * (clusters / (clusters - 1))
    sandwich = centre @ inverse @ meat @ inverse @ centre
    wider = np.ones(width, bool)
    if not separated:
        wider[:size] = _flat(design)
        wider[size:] = False
        if design.first_move and not np.any(design.score != 0.5):
            wider[size] = True
    own, seen = np.diag(model), np.diag(sandwich)
    # Scaling rows and columns keeps correlations.
    ratio = np.divide(own, seen, out=np.full(width, np.inf), where=seen > 1e-9 * own)
    if np.any(wider & np.isinf(ratio)):
        return model, separated
    grow = np.sqrt(np.where(wider, np.maximum(ratio, 1.0), 1.0))
    return np.asarray(sandwich * np.outer(grow, grow), np.float64), separated


def _flat(design: Design) -> NDArray[np.bool_]:
    """Return whose results are all wins, all draws or all losses."""
    kinds = np.zeros((design.size, 3), bool)
    kind = (2 * design.score).astype(np.intp)
    kinds[design.first, kind] = True
    kinds[design.second, 2 - kind] = True
    return np.asarray(kinds.sum(axis=1) < 2)


def _connected(design: Design) -> bool:
    """Return whether a chain of points leads from everyone to everyone (Ford 1957)."""
    reach = np.eye(design.size, dtype=bool)
    reach[design.first[design.score > 0], design.second[design.score > 0]] = True
    reach[design.second[design.score < 1], design.first[design.score < 1]] = True
    for k in range(design.size):
        reach |= np.outer(reach[:, k], reach[k])
    return bool(reach.all())


def _bootstrap(
    design: Design,
    at: Floats,
    cluster: NDArray[np.intp],
    clusters: int,
    times: int,
    seed: int,
    confidence: float,
) -> tuple[Floats, Floats]:
    """Return percentiles of the strengths over resampled clusters."""
    size = design.size
    if not clusters:
        return at[:size].copy(), at[:size].copy()
    draws = np.random.Generator(np.random.PCG64(derive(seed, "ratings", "bootstrap")))
    rows, group = design.grouped()
    found = np.empty((times, size))
    for k in range(times):
        chosen = np.bincount(draws.integers(clusters, size=clusters), minlength=clusters)
        weight = np.bincount(group, chosen[cluster], minlength=len(rows.score))
        fit = most_likely(rows, weight.astype(np.float64), at)
        found[k] = fit[:size] - fit[:size].mean()
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(found, [tail, 1.0 - tail], axis=0)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)
