"""How much a tournament's matches support its order, and the cycles among them."""

from collections.abc import Mapping, Sequence
from math import erf, fsum

import numpy as np

from envgym.rewards.tournament.bradley_terry import bradley_terry
from envgym.rewards.tournament.outcome import Outcome

PRIOR = 0.25
"""Precision of the prior on strengths: their standard deviation is 2 logits, as of a judge with
slope 2 over standard normal qualities."""


def confidence(
    ranks: Mapping[int, float], outcomes: Sequence[Outcome], orders: Sequence[int] = ()
) -> float:
    """Return the mean chance that of two differently ranked players the better ranked is better.

    Formula: mean over pairs with rank_i < rank_j of Phi((theta_i - theta_j) / sd), with theta
             and sd, the deviation of the difference, from a Bradley-Terry fit of the matches
             (each pair once, each order asked an observation) with a Gaussian prior
    Source:  ours
    Range:   [0, 1]; 0.5: the order is worth no more than lots; equal ranks only: 0.5
    Laws:    deterministic, no draws; more matches that agree raise it

    It takes the comparator to be a Bradley-Terry judge. For one with slope 2, bias 0.5 and votes
    in both orders it is within 0.06 of the share of pairs that are ranked rightly, in every
    format, for N = 8 and 16 (``benchmarks/tournaments.py``). An exact comparator's order is
    better than it says.

    Args:
        ranks: of the ranked players, 0 for the best.
        outcomes: of the answered pairs, each once.
        orders: in how many orders each pair was asked; empty: once.
    """
    if len(ranks) < 2:
        return 0.5
    players = sorted(ranks)
    place = {player: k for k, player in enumerate(players)}
    met: list[tuple[int, int]] = []
    wins: list[float] = []
    for number, each in enumerate(outcomes):
        times = orders[number] if orders else 1
        met += [(place[each.first], place[each.second])] * times
        wins += [each.half(each.first)] * times
    fit = bradley_terry(len(players), met, wins, prior=PRIOR)
    rank = np.array([ranks[player] for player in players])
    ahead = rank[:, None] < rank[None, :]
    if not ahead.any():
        return 0.5
    gap = fit.theta[:, None] - fit.theta[None, :]
    own = np.diag(fit.covariance)
    # The prior keeps the variance of every difference well above rounding errors.
    variance = np.maximum(own[:, None] + own[None, :] - 2.0 * fit.covariance, 1e-12)
    scaled = (gap / np.sqrt(2.0 * variance))[ahead]
    return 0.5 + 0.5 * fsum(erf(x) for x in scaled.tolist()) / len(scaled)


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
