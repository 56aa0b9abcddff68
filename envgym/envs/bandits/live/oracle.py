"""The exact optimum of live-stream insertion under a floor of short-video time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envgym.types import MissingExtraError

_TIGHT = 1e-10
"""What counts as equal: minutes of a mean are known to rounding, which is far less."""


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """How one group answers, by fatigue level (K of them) and action (0 keep, 1 insert)."""

    live: NDArray[np.float64]
    """Expected live minutes of a round, [K, 2]."""
    short: NDArray[np.float64]
    """Expected short-video minutes of a round, [K, 2]."""
    after: NDArray[np.int64]
    """Fatigue level after the round, [K, 2]."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The best policy for one group."""

    live: float
    """Long-run live minutes per round, the most that the floor allows."""
    price: float
    """Live minutes that one short-video minute is worth."""
    frugal: NDArray[np.int64]
    """Best action by level at a price a little higher: keeps the floor, [K]."""
    eager: NDArray[np.int64]
    """Best action by level at a price a little lower, [K]; equal where the floor does not bind."""
    share: float
    """Share of rounds that the optimum plays the eager policy, so that the floor just holds."""


def value_iteration(habits: Habits, price: float) -> tuple[float, NDArray[np.int64]]:
    """Return the best long-run mean of live + price * short from level 0, and a policy that has it.

    Fatigue moves without chance, so a best policy circles. With V_k(x) the most that k rounds from
    x to a target level pay, the best mean is max over x of min over k of (V_K(x) - V_k(x)) / (K - k)
    (Karp), and the most that V_k(x) - k * mean reaches is the value of x, once the target lies on
    a best circle. Iterating until values settle instead would take for ever where two circles are
    nearly as good, which is where the price settles.

    Args:
        habits: of the group.
        price: 0 or more.
    """
    reward = habits.live + price * habits.short
    levels = len(reward)
    reached = _reached(habits.after)
    walks = _walks(reward, habits.after, reached, 0)
    ends, known = walks[levels], reached & np.isfinite(walks[levels])
    with np.errstate(invalid="ignore"):
        means = (ends - walks[:levels]) / np.arange(levels, 0, -1)[:, None]
    means = np.where(np.isfinite(walks[:levels]), means, np.inf).min(axis=0)
    mean = float(means[known].max())
    rounds = np.arange(levels + 1)[:, None] * mean
    # A best circle loses nothing against the values, whatever the target.
    value = (walks - rounds).max(axis=0)
    with np.errstate(invalid="ignore"):  # what cannot be reached has no value
        loss = value[:, None] - (reward - mean + value[habits.after])
    tight = (loss <= _TIGHT * (1.0 + price)) & reached[:, None]
    while True:
        alive = tight.any(axis=1)
        kept = tight & alive[habits.after]
        if (kept == tight).all():
            break
        tight = kept
    level, steps = int(alive.argmax()), tight.argmax(axis=1)
    for _ in range(levels):
        level = int(habits.after[level, steps[level]])
    value = (_walks(reward, habits.after, reached, level) - rounds).max(axis=0)
    return mean, np.asarray((reward + value[habits.after]).argmax(axis=1))


def _walks(
    reward: NDArray[np.float64],
    after: NDArray[np.int64],
    reached: NDArray[np.bool_],
    target: int,
) -> NDArray[np.float64]:
    """The most that exactly k rounds from x to the target pay, [K + 1, K]; -inf: no such way."""
    levels = len(reward)
    walks = np.full((levels + 1, levels), -np.inf)
    walks[0, target] = 0.0
    for k in range(levels):
        walks[k + 1] = np.where(reached, (reward + walks[k][after]).max(axis=1), -np.inf)
    return walks


def _reached(after: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which levels can follow level 0, [K]."""
    reached, fresh = np.zeros(len(after), dtype=bool), {0}
    while fresh:
        level = fresh.pop()
        reached[level] = True
        fresh.update(int(x) for x in after[level] if not reached[x])
    return reached


def averages(habits: Habits, policy: NDArray[np.int64], level: int = 0) -> tuple[float, float]:
    """Return a policy's long-run live and short-video minutes per round, from a fatigue level.

    Args:
        habits: of the group.
        policy: int64 [K].
        level: where the path begins; it ends in a cycle, whose mean this is.
    """
    for _ in range(len(policy)):
        level = int(habits.after[level, policy[level]])
    start, live, short, rounds = level, 0.0, 0.0, 0
    while True:
        action = int(policy[level])
        live += float(habits.live[level, action])
        short += float(habits.short[level, action])
        rounds += 1
        level = int(habits.after[level, action])
        if level == start:
            return live / rounds, short / rounds


def plan(habits: Habits, floor: float) -> Plan:
    """Return the best policy whose short-video minutes reach the floor on average.

    max live subject to short >= floor equals min over price >= 0 of the best mean of
    live + price * (short - floor): convex, and linear between policies. The price is where the
    lines of a policy above and one below the floor cross, until no policy is better there.

    Args:
        habits: of the group.
        floor: minutes per round, at most what never inserting yields.
    """
    mean, eager = value_iteration(habits, 0.0)
    if averages(habits, eager)[1] >= floor:
        return Plan(mean, 0.0, eager, eager, 1.0)
    frugal = np.zeros_like(eager)
    while True:
        (live, short), (more, less) = averages(habits, frugal), averages(habits, eager)
        price = max(0.0, (more - live) / (short - less))
        crossing = live + price * short
        mean, policy = value_iteration(habits, price)
        if mean <= crossing + _TIGHT * (1.0 + price):
            share = (short - floor) / (short - less)
            return Plan(crossing - price * floor, price, frugal, eager, share)
        if averages(habits, policy)[1] >= floor:
            frugal = policy
        else:
            eager = policy


def occupancy(habits: Habits, floor: float) -> float:
    """Return the same optimum as a linear programme over long-run shares of (level, action).

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    try:
        from scipy.optimize import linprog
    except ImportError:
        raise MissingExtraError("the occupancy linear programme", "stats") from None
    levels = len(habits.live)
    flow = np.zeros((levels + 1, levels * 2))
    for level in range(levels):
        for action in range(2):
            flow[level, level * 2 + action] += 1.0
            flow[habits.after[level, action], level * 2 + action] -= 1.0
    flow[levels] = 1.0
    found = linprog(
        -habits.live.ravel(),
        A_ub=-habits.short.reshape(1, -1),
        b_ub=[-floor],
        A_eq=flow,
        b_eq=np.append(np.zeros(levels), 1.0),
        bounds=[
            (0.0, None if known else 0.0) for known in _reached(habits.after) for _ in range(2)
        ],
        method="highs",
    )
    return -float(found.fun)
