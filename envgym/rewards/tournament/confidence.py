"""How much a tournament's matches support its order, and the cycles among them."""

from collections.abc import Mapping, Sequence

import numpy as np

from envgym.rewards.tournament.bradley_terry import bradley_terry
from envgym.rewards.tournament.outcome import Outcome


def confidence(ranks: Mapping[int, float], outcomes: Sequence[Outcome]) -> float:
    """Return the mean chance that of two differently ranked players the better ranked is better.

    Formula: mean over pairs with rank_i < rank_j of sigmoid(kappa (theta_i - theta_j)), with
             kappa = 1 / sqrt(1 + pi v / 8), v = var(theta_i - theta_j); theta, v: Bradley-Terry
             fit of the matches (each pair once) with a Gaussian prior of precision 1
    Source:  ours; kappa is the probit approximation of MacKay (recalled)
    Range:   [0, 1]; 0.5: the order is worth no more than lots; equal ranks only: 0.5
    Laws:    deterministic, no draws; more matches that agree raise it

    It takes the comparator to be as noisy as a Bradley-Terry judge, so an exact comparator's
    order is better than it says; compare formats and judges with it, do not read it as truth.
    """
    if len(ranks) < 2:
        return 0.5
    players = sorted(ranks)
    place = {player: k for k, player in enumerate(players)}
    once = {(place[each.first], place[each.second]): each.half(each.first) for each in outcomes}
    fit = bradley_terry(len(players), list(once), list(once.values()), prior=1.0)
    rank = np.array([ranks[player] for player in players])
    ahead = rank[:, None] < rank[None, :]
    if not ahead.any():
        return 0.5
    gap = fit.theta[:, None] - fit.theta[None, :]
    own = np.diag(fit.covariance)
    variance = np.maximum(own[:, None] + own[None, :] - 2.0 * fit.covariance, 0.0)
    scaled = gap / np.sqrt(1.0 + np.pi * variance / 8.0)
    return float(np.mean(0.5 * (1.0 + np.tanh(0.5 * scaled[ahead]))))


def cyclic_triads(players: int, outcomes: Sequence[Outcome]) -> int:
    """Return the number of triples in which a beat b, b beat c and c beat a."""
    beats = np.zeros((players, players), dtype=np.int64)
    for each in outcomes:
        if each.verdict != "tie":
            won, lost = (
                (each.first, each.second) if each.verdict == "first" else (each.second, each.first)
            )
            beats[won, lost] = 1
    return int(np.trace(beats @ beats @ beats)) // 3
