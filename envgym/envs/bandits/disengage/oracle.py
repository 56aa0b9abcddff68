"""The exact optimum of the disengagement chain, computed in three ways."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REVENUE = (1.0, 0.7, 0.4, 0.2, 0.05)
"""Revenue of every action in an engaged round (inferred, as all constants of the chain)."""
LIFT = (-2, -1, 0, 1, 2)
"""Levels of satisfaction that every action adds; the result is clipped to the ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The chain's tables. k levels, A actions."""

    engage: NDArray[np.float64]
    """f(x): probability that an engaged user at level x stays for the next round, [k]."""
    asleep: NDArray[np.float64]
    """off(x): value of a disengaged round at level x, in units of V(x), [k]."""
    factor: NDArray[np.float64]
    """F(x): the modified discount of arriving at level x, [k]; below 1."""
    after: NDArray[np.int64]
    """Level after an action, [k, A]."""
    revenue: NDArray[np.float64]
    """Of every action, [A]."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """An optimal policy and its values."""

    value: NDArray[np.float64]
    """V(x): discounted revenue from an engaged round at level x, [k]."""
    policy: NDArray[np.int64]
    """The best action by level, the first of equally good ones, [k]."""


def chain(engage: NDArray[np.float64], reengage: float, discount: float) -> Chain:
    """Return the chain's tables.

    off(x) = g q f / (1 - g (1 - q f)) and F(x) = g f + g (1 - f) off(x), with f = f(x).

    Args:
        engage: f, float64 [k], 0 to 1.
        reengage: q, 0 to 1: a disengaged user returns with probability q f(x) per round.
        discount: g, 0 to below 1.
    """
    back = reengage * engage
    asleep = discount * back / (1.0 - discount * (1.0 - back))
    levels = np.arange(len(engage))[:, None] + np.array(LIFT)
    after = np.clip(levels, 0, len(engage) - 1)
    factor = discount * engage + discount * (1.0 - engage) * asleep
    return Chain(engage, asleep, factor, after, np.array(REVENUE))


def action_values(tables: Chain, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Q(x, a) = r_a + F(x') V(x'), x' the level after the action; [k, A]."""
    return np.asarray(tables.revenue + (tables.factor * value)[tables.after])


def value_iteration(tables: Chain) -> Solution:
    """Return the optimum as the fixed point of V(x) = max over a of Q(x, a), to rounding."""
    value, last = np.zeros(len(tables.engage)), np.inf
    while True:
        q = action_values(tables, value)
        change = float(np.abs(q.max(axis=1) - value).max())
        value = q.max(axis=1)
        # The map contracts; once rounding keeps the change from shrinking, nothing is to gain.
        if change == 0.0 or (change < 1e-13 * float(value.max()) and change >= last):
            return Solution(value, _first_best(q))
        last = change


def evaluate(tables: Chain, policy: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a policy's values exactly, in O(k).

    Levels move without chance, so a policy's path from any level ends in a cycle. The value at the
    start of a cycle is a sum once around over 1 minus the product of factors; all others follow
    backwards.

    Args:
        tables: the chain.
        policy: int64 [k], an action per level.
    """
    k = len(policy)
    levels = range(k)
    after = tables.after[levels, policy].tolist()
    paid = tables.revenue[policy].tolist()
    factor = tables.factor.tolist()
    value: list[float | None] = [None] * k
    for start in levels:
        path: list[int] = []
        place: dict[int, int] = {}
        x = start
        while value[x] is None and x not in place:
            place[x] = len(path)
            path.append(x)
            x = after[x]
        found = value[x]
        if found is None:
            total, weight = 0.0, 1.0
            for y in path[place[x] :]:
                total += weight * paid[y]
                weight *= factor[after[y]]
            found = value[x] = total / (1.0 - weight)
        for y in reversed(path):
            if value[y] is None:
                value[y] = paid[y] + factor[after[y]] * found
            found = value[y] or 0.0
    return np.array(value, dtype=np.float64)


def policy_iteration(tables: Chain) -> Solution:
    """Return the optimum by Howard's iteration: exact evaluation in O(k), improvement in O(k A).

    A few improvements suffice in practice; with at most k of them the whole is O(k^2), the order
    that [245] states for demand that is constant on k pieces.
    """
    policy = np.zeros(len(tables.engage), dtype=np.int64)
    while True:
        value = evaluate(tables, policy)
        q = action_values(tables, value)
        now = q[np.arange(len(policy)), policy]
        better = q.max(axis=1) > now + 1e-12 * np.abs(now)
        if not better.any():
            return Solution(value, _first_best(q))
        policy = np.where(better, q.argmax(axis=1), policy)


def brute_force(tables: Chain) -> Solution:
    """Return the optimum over all A^k policies, each evaluated by a linear solve; k at most 6."""
    k, actions = tables.after.shape
    count = actions**k
    policies = np.stack(np.unravel_index(np.arange(count), (actions,) * k), axis=1)
    moves = np.zeros((count, k, k))
    rows, levels = np.arange(count)[:, None], np.arange(k)
    reached = tables.after[levels, policies]
    moves[rows, levels, reached] = tables.factor[reached]
    paid = tables.revenue[policies]
    values = np.linalg.solve(np.eye(k) - moves, paid[..., None])[..., 0]
    # One stationary policy is best at every level, so its sum of values is the greatest.
    best = int(values.sum(axis=1).argmax())
    return Solution(values[best], policies[best].astype(np.int64))


def engaged_share(
    tables: Chain, policy: NDArray[np.int64], reengage: float, level: int
) -> tuple[float, float]:
    """Return a policy's long-run share of engaged rounds, and its revenue per round.

    The path of levels ends in a cycle. A disengaged spell at level x begins with probability
    1 - f(x) and lasts 1 / (q f(x)) rounds on average.

    Args:
        tables: the chain.
        policy: int64 [k].
        reengage: q, above 0.
        level: where the path begins.
    """
    k = len(policy)
    for _ in range(k):
        level = int(tables.after[level, policy[level]])
    start, rounds, engaged, paid = level, 0.0, 0, 0.0
    while True:
        paid += float(tables.revenue[policy[level]])
        level = int(tables.after[level, policy[level]])
        engaged += 1
        stay = float(tables.engage[level])
        rounds += 1.0 + (1.0 - stay) / (reengage * stay)
        if level == start:
            return engaged / rounds, paid / rounds


def _first_best(q: NDArray[np.float64]) -> NDArray[np.int64]:
    """The first action within rounding of the best, so that ties do not hang on the last bit."""
    best = q.max(axis=1, keepdims=True)
    return np.asarray((q >= best - 1e-9 * np.abs(best)).argmax(axis=1))
