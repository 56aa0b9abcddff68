"""Nash averaging: players rated against the most even mixture that nobody beats."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError, InfraError, MissingExtraError

Floats = NDArray[np.float64]

_TOLERANCE = 1e-9
"""Of the largest payoff: smaller skills are rounding errors."""
_BARRIER = 1e-13
"""Weight at which the barrier is given up; it costs about that much entropy."""


class NashAverage(NamedTuple):
    """The maximum-entropy equilibrium of players against each other, and what they earn in it."""

    mixture: Floats
    """[N], sums to 1: weight of each player in the equilibrium."""
    skill: Floats
    """[N]: mean payoff against the mixture, 0 or less; 0 for everyone in it."""


def nash_average(payoff: ArrayLike) -> NashAverage:
    """Return the maximum-entropy symmetric equilibrium of an antisymmetric game.

    Formula: p = argmax -sum p log p over {p >= 0, sum p = 1, A p <= 0}; skill = A p
    Source:  Balduzzi et al., Re-evaluating evaluation, arXiv 1806.02643 (recalled)
    Shapes:  payoff [N, N], A[i, j] = -A[j, i], what i wins from j: log-odds or mean margins
    Laws:    a player better than everyone has all the weight; rock, paper, scissors: a third
             each; a copy of a player leaves the skills where the equilibrium is unique (elsewhere
             the most even mixture moves towards what was copied, and with it the skills outside)

    Two steps: a linear program finds who can be in an equilibrium at all, and a point amid all
    equilibria; from there Newton steps climb to the highest entropy.

    Raises:
        ConfigError: not a square, antisymmetric matrix of finite numbers.
        MissingExtraError: scipy is not installed.
        InfraError: the program was not solved.
    """
    a = np.asarray(payoff, np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not len(a):
        raise ConfigError(f"nash_average.payoff must be a square matrix, got the shape {a.shape}.")
    if not np.all(np.isfinite(a)) or not np.allclose(a, -a.T, rtol=1e-9, atol=1e-12):
        raise ConfigError("nash_average.payoff must be finite with payoff[j, i] = -payoff[i, j].")
    scale = float(np.max(np.abs(a)))
    if scale == 0.0:
        return NashAverage(np.full(len(a), 1.0 / len(a)), np.zeros(len(a)))
    unit = (a - a.T) / (2.0 * scale)
    inside, start = _interior(unit, _scipy())
    p = np.zeros(len(a))
    p[inside] = _most_even(unit, inside, start)
    skill = a @ p
    skill[np.abs(skill) <= _TOLERANCE * scale] = 0.0
    return NashAverage(p, skill)


def _interior(a: Floats, optimize: Any) -> tuple[NDArray[np.intp], Floats]:
    """Return who has weight in some equilibrium, and an equilibrium in the midst of all.

    In the cone {x >= 0, A x <= 0} every i has either x_i > 0 or (A x)_i < 0 somewhere, and never
    both (Goldman and Tucker). Scaled up, one point does all of it by at least 1: maximise
    sum u + v over u <= x, v <= -A x, u <= 1, v <= 1.
    """
    size = len(a)
    unit, none = np.eye(size), np.zeros((size, size))
    found = optimize.linprog(
        np.concatenate([np.zeros(size), -np.ones(2 * size)]),
        A_ub=np.block([[-unit, unit, none], [a, none, unit]]),
        b_ub=np.zeros(2 * size),
        bounds=[(0.0, None)] * size + [(0.0, 1.0)] * (2 * size),
        method="highs",
    )
    if not found.success:
        raise InfraError("solver", f"nash averaging: {found.message}")
    x, u = found.x[:size], found.x[size : 2 * size]
    inside = np.flatnonzero(u > 0.5)
    return inside, np.asarray(x[inside] / x[inside].sum(), np.float64)


def _most_even(a: Floats, inside: NDArray[np.intp], start: Floats) -> Floats:
    """Return the weights with the highest entropy, by Newton steps behind a barrier.

    Whoever is inside earns 0 in every equilibrium, so p moves in the null space of those rows;
    the others earn less than 0 at ``start``, which the barrier keeps.
    """
    outside = np.setdiff1d(np.arange(len(a)), inside)
    fixed = np.vstack([a[np.ix_(inside, inside)], np.ones(len(inside))])
    _, sizes, right = np.linalg.svd(fixed)
    free = right[int(np.sum(sizes > 1e-9 * sizes[0])) :].T
    rows = a[np.ix_(outside, inside)]
    p = _repaired(start, fixed)
    if not free.shape[1]:
        return p
    barrier = 1.0
    while barrier > _BARRIER:
        barrier = barrier * 0.2 if len(outside) else _BARRIER
        p = _centred(p, rows, free, barrier)
    return _repaired(p, fixed)


def _centred(p: Floats, rows: Floats, free: Floats, barrier: float) -> Floats:
    """Return the minimum of sum p log p - barrier * sum log(-rows p) along ``free``."""

    def cost(at: Floats) -> float:
        slack = -(rows @ at)
        if np.any(at <= 0.0) or np.any(slack <= 0.0):
            return float("inf")
        return float(np.sum(at * np.log(at)) - barrier * np.sum(np.log(slack)))

    here = cost(p)
    for _ in range(100):
        slack = -(rows @ p)
        pull = rows.T / slack
        slope = free.T @ (np.log(p) + 1.0 + barrier * pull.sum(axis=1))
        curve = free.T @ (np.diag(1.0 / p) + barrier * pull @ pull.T) @ free
        step = free @ np.linalg.solve(curve, -slope)
        length, following = 1.0, cost(p + step)
        while following > here and length > 1e-12:
            length /= 2.0
            following = cost(p + length * step)
        if following > here:
            break
        p = p + length * step
        if here - following <= 0.0 and length == 1.0:
            break
        here = following
    return p


def _repaired(p: Floats, fixed: Floats) -> Floats:
    """Return the nearest solution of ``fixed p = (0, ..., 0, 1)``, which rounding had missed."""
    gap = -(fixed @ p)
    gap[-1] += 1.0
    near = p + np.linalg.lstsq(fixed, gap, rcond=1e-12)[0]
    return np.asarray(np.maximum(near, 0.0), np.float64)


def _scipy() -> Any:
    try:
        from scipy import optimize
    except ModuleNotFoundError as missing:
        raise MissingExtraError("Nash averaging", "stats") from missing
    return optimize
