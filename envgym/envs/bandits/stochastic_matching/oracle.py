"""What no policy of online stochastic matching exceeds, exactly."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envgym.types import MissingExtraError

DP_CELLS = 1_000_000
"""The adaptive offline optimum is computed where (arrivals + 1) * 2^nodes is at most this."""

FLUID_RATIO = 1.0 - 1.0 / math.e
"""Matches over the linear program's bound, of Stochastic Balance on the triangular instance as n
grows and probabilities vanish with n / p arrivals. Derivation (ours, "inferred"): at share x of the
arrivals a share 1 - x of the nodes is still known to arrivals, and exp(-load) of them is available;
d load / dx = 1 / ((1 - x) exp(-load)) integrates to exp(-load) = 1 + ln(1 - x), which is 0 at
x = 1 - 1/e. Until then every arrival finds a node, afterwards none."""


def nested_bound(edges: NDArray[np.bool_], counts: NDArray[np.int64], probability: float) -> float:
    """Return the matching linear program's value for equal probabilities and ordered nodes.

    Max-flow equals min-cut: the least over sets C of cut nodes of |C| plus the arrivals, times the
    probability, that know a node outside C. Nodes known to the same kinds are cut together, and
    where classes are nested, as in the triangular and the block instance, an optimal C holds the
    classes known to most arrivals first.

    Args:
        edges: bool [kinds, n], which kind knows which node.
        counts: int64 [kinds], arrivals per kind.
        probability: of every edge, 0 to 1.
    """
    known = (edges * counts[:, None]).sum(axis=0)
    order = np.argsort(-known, kind="stable")
    cuts = []
    for size in range(len(order) + 1):
        reached = edges[:, order[size:]].any(axis=1)
        cuts.append(size + probability * float(counts[reached].sum()))
    return min(cuts)


def solvable(horizon: int, nodes: int) -> bool:
    """Return whether the adaptive offline optimum is small enough to be computed."""
    return nodes < 32 and (horizon + 1) * (1 << nodes) <= DP_CELLS


def matching_lp(chances: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Return the matching linear program's value: expected matches that no policy exceeds.

    max sum p_ij x_ij, with sum_i x_ij <= counts_j and sum_j p_ij x_ij <= 1.

    Args:
        chances: float64 [kinds, n], probabilities; 0: no edge.
        counts: int64 [kinds], arrivals per kind.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    try:
        from scipy.optimize import linprog
        from scipy.sparse import coo_array
    except ImportError:
        raise MissingExtraError("the matching linear program", "stats") from None
    kind, node = np.nonzero(chances)
    if not len(kind):
        return 0.0
    p, column = chances[kind, node], np.arange(len(kind))
    values = np.concatenate((np.ones(len(kind)), p))
    rows = np.concatenate((kind, len(counts) + node))
    shape = (len(counts) + chances.shape[1], len(kind))
    matrix = coo_array((values, (rows, np.concatenate((column, column)))), shape=shape)
    limits = np.concatenate((counts, np.ones(chances.shape[1])))
    found = linprog(-p, A_ub=matrix.tocsr(), b_ub=limits, method="highs")
    return -float(found.fun)


def adaptive_values(chances: NDArray[np.float64], kinds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the adaptive offline optimum: it knows all arrivals, and learns each result at once.

    V_t(S) = max(V_t+1(S), max over neighbours i in S of p_i (1 + V_t+1(S - i)) + (1 - p_i) V_t+1(S))

    Args:
        chances: float64 [kinds, n]; see ``solvable``.
        kinds: int64 [T], kind of every arrival in order.

    Returns:
        float64 [T + 1, 2^n]: expected matches from arrival t on, by set of available nodes; bit i
        is node i. [0, -1] is the value of the instance.
    """
    n = chances.shape[1]
    values = np.zeros((len(kinds) + 1, 2**n))
    for t in range(len(kinds) - 1, -1, -1):
        later, now = values[t + 1], values[t]
        now[:] = later
        for i, p in enumerate(chances[kinds[t]].tolist()):
            if p > 0.0:
                halves = later.reshape(-1, 2, 2**i)
                taken = p * (1.0 + halves[:, 0]) + (1.0 - p) * halves[:, 1]
                free = now.reshape(-1, 2, 2**i)[:, 1]
                np.maximum(free, taken, out=free)
    return values


def best_action(
    later: NDArray[np.float64], chance: Sequence[float], available: Sequence[bool]
) -> int:
    """Return the optimum's action: a node, the first of equally good ones, or n to skip.

    Args:
        later: float64 [2^n], ``adaptive_values`` after this arrival.
        chance: n probabilities of this arrival.
        available: n flags.
    """
    now = sum(1 << i for i, free in enumerate(available) if free)
    best, gain = len(chance), 0.0
    for i, p in enumerate(chance):
        if available[i] and p > 0.0:
            won = p * (1.0 + float(later[now & ~(1 << i)]) - float(later[now]))
            if won > gain + 1e-12:
                best, gain = i, won
    return best


def adaptive_action(
    chances: NDArray[np.float64], available: NDArray[np.bool_], t: int, horizon: int
) -> int:
    """Return the adaptive offline optimum's action at arrival ``t``: a node, or n to skip.

    Worlds that differ in their nodes' numbers only share one table.

    Args:
        chances: float64 [kinds, n]; see ``solvable``.
        available: bool [n].
        t: number of the arrival, 0 to horizon - 1.
        horizon: arrivals, divided evenly among the kinds.
    """
    kinds, n = chances.shape
    order = np.lexsort(chances)
    sorted_ = np.ascontiguousarray(chances[:, order])
    later = _solved(sorted_.tobytes(), kinds, horizon)[t + 1]
    chance = sorted_[t * kinds // horizon].tolist()
    action = best_action(later, chance, available[order].tolist())
    return int(order[action]) if action < n else n


@lru_cache(maxsize=32)
def _solved(chances: bytes, kinds: int, horizon: int) -> NDArray[np.float64]:
    arrivals = np.arange(horizon) * kinds // horizon
    return adaptive_values(np.frombuffer(chances).reshape(kinds, -1), arrivals)
