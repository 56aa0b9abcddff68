"""The exact optimum of live-stream insertion under a floor of short-video time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envgym.types import MissingExtraError

_LAZY = 0.5
"""Share of staying put that is mixed in: insertion moves fatigue without chance, and value iteration
needs an aperiodic chain. Neither policies nor their averages change."""
_SMALL = 1e-11
_STEPS = 40


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
    """Best action by level at a price a little lower, [K]; equal where the floor does not bind.
    The optimum mixes the two so that the floor just holds."""


def value_iteration(
    habits: Habits, price: float
) -> tuple[float, NDArray[np.int64], NDArray[np.float64]]:
    """Return the best long-run mean of live + price * short, a policy that has it, and its bias.

    Relative value iteration on the exact fatigue grid, until the mean is known to 1e-11.

    Args:
        habits: of the group.
        price: 0 or more.
    """
    reward = habits.live + price * habits.short
    bias = np.zeros(len(reward))
    while True:
        q = reward + (1.0 - _LAZY) * bias[habits.after] + _LAZY * bias[:, None]
        best = q.max(axis=1)
        gains = best - bias
        bias = best - best[0]
        if float(gains.max() - gains.min()) < _SMALL * (1.0 + price):
            mean = float(gains.max() + gains.min()) / 2.0
            return mean, np.asarray(q.argmax(axis=1)), bias


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
    live + price * (short - floor); the price is found by bisection.

    Args:
        habits: of the group.
        floor: minutes per round, at most what never inserting yields.
    """
    mean, policy, _ = value_iteration(habits, 0.0)
    if averages(habits, policy)[1] >= floor:
        return Plan(mean, 0.0, policy, policy)
    low, high = 0.0, 1.0
    eager = policy
    while averages(habits, value_iteration(habits, high)[1])[1] < floor - 1e-9:
        low, high = high, 2.0 * high
        if high > 1e6:  # the floor is all that never inserting yields
            break
    frugal = value_iteration(habits, high)[1]
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        policy = value_iteration(habits, middle)[1]
        if averages(habits, policy)[1] >= floor - 1e-9:
            high, frugal = middle, policy
        else:
            low, eager = middle, policy
    best = value_iteration(habits, high)[0] - high * floor
    return Plan(best, high, frugal, eager)


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
        method="highs",
    )
    return -float(found.fun)
