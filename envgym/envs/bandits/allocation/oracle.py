"""Exact bounds of online allocation: fluid bound by its dual and by its primal, hindsight LP."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

from envgym.types import MissingExtraError

NODES, SHARES = np.polynomial.legendre.leggauss(40)
"""Gauss-Legendre on [-1, 1]. Pieces are polynomials of degree (m + 1) * offers or less."""


@dataclass(frozen=True, slots=True)
class Fluid:
    """The fluid bound and its price."""

    value: float
    """Expected reward per round that no policy exceeds."""
    price: float
    """Price of one unit of every resource; equal for all, as offers treat them alike."""


def gain(price: NDArray[np.float64], offers: int, resources: int) -> NDArray[np.float64]:
    """Return E[max(0, max over offers of f - price * (b_1 + ... + b_m))], same shape as ``price``.

    f and b_j are independent and uniform on [0, 1]. With H the sum of the b_j, one offer's net
    reward is at most s with probability G(s) = 1 - E[(1 - s - price H)+], and the result is the
    integral of 1 - G(s)^offers over s from 0 to 1. E[(c - price H)+] has the closed form of the
    Irwin-Hall distribution: sum over k of (-1)^k C(m, k) (c - k price)+^(m+1) / ((m+1)! price^m).

    Args:
        price: float64, 0 or more.
        offers: 1 or more.
        resources: m, 1 or more.
    """
    total = np.zeros_like(price)
    for k in range(resources + 1):
        # Between kinks, at s = 1 - k * price, G is a polynomial.
        high = np.clip(1.0 - k * price, 0.0, 1.0)
        low = np.clip(1.0 - (k + 1) * price, 0.0, 1.0) if k < resources else np.zeros_like(price)
        half = (high - low) / 2.0
        s = low[..., None] + half[..., None] * (NODES + 1.0)
        below = 1.0 - _short(1.0 - s, price[..., None], resources)
        total += half * ((1.0 - below**offers) * SHARES).sum(axis=-1)
    return total


def _short(c: NDArray[np.float64], price: NDArray[np.float64], m: int) -> NDArray[np.float64]:
    """E[(c - price * H)+]."""
    price = np.broadcast_to(price, c.shape)
    whole = price * m <= c  # the positive part never cuts: exact, and safe where the price is 0
    out = c - price * (m / 2.0)
    cut, p = c[~whole], price[~whole]
    terms = [(-1) ** k * comb(m, k) * np.maximum(cut - k * p, 0.0) ** (m + 1) for k in range(m)]
    out[~whole] = sum(terms, np.zeros_like(cut)) / (factorial(m + 1) * p**m)
    return out


@lru_cache(maxsize=64)
def fluid_dual(
    offers: int,
    resources: int,
    rate: float,
    weights: tuple[float, ...] = (1.0,),
    counts: tuple[int, ...] = (1,),
) -> Fluid:
    """Return the fluid bound as the least value of its dual, found by golden section.

    min over price of mean over w of w * gain(price / w) + resources * rate * price, convex.

    Args:
        offers: per round, 1 or more.
        resources: m, 1 or more.
        rate: budget per round of every resource, above 0.
        weights: factors of the rewards, above 0.
        counts: how often each of them occurs.
    """
    levels, shares = np.array(weights), np.array(counts) / sum(counts)

    def dual(price: float) -> float:
        gains = levels * gain(price / levels, offers, resources)
        return float((shares * gains).sum()) + resources * rate * price

    # The dual at 0 is at most 1, and at any price at least resources * rate * price.
    price = _least(dual, 0.0, 1.0 / (resources * rate))
    return Fluid(min(dual(price), dual(0.0)), price)


def _least(function: Callable[[float], float], low: float, high: float) -> float:
    golden = (5.0**0.5 - 1.0) / 2.0
    a, b = high - golden * (high - low), low + golden * (high - low)
    at_a, at_b = function(a), function(b)
    while high - low > 1e-10:
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - golden * (high - low)
            at_a = function(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + golden * (high - low)
            at_b = function(b)
    return (low + high) / 2.0


def played(price: float, offers: int, resources: int) -> tuple[float, float]:
    """Return expected reward and use of resources, summed, of one round at a price.

    The policy plays the offer with the highest f - price * H where that is above 0. Integrates the
    density of the winning offer, so that nothing is shared with ``gain``.

    Args:
        price: 0 or more.
        offers: 1 or more.
        resources: m, 1 or more.
    """
    edges = sorted({0.0, *(max(0.0, 1.0 - k * price) for k in range(resources + 1))})
    value = used = 0.0
    for low, high in pairwise(edges):
        half = (high - low) / 2.0
        s = low + half * (NODES + 1.0)
        reach = np.full_like(s, float(resources))
        np.divide(1.0 - s, price, out=reach, where=price * resources > 1.0 - s)
        mass, load = _below(reach, resources)
        beaten = (s * mass + price * load + 1.0 - mass) ** (offers - 1)
        value += half * offers * float((SHARES * beaten * (s * mass + price * load)).sum())
        used += half * offers * float((SHARES * beaten * load).sum())
    return value, used


def _below(c: NDArray[np.float64], m: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P(H <= c) and E[H; H <= c], by quadrature of the Irwin-Hall density."""
    mass, load = np.zeros_like(c), np.zeros_like(c)
    for k in range(m):
        half = np.clip(c - k, 0.0, 1.0) / 2.0
        w = k + half[:, None] * (NODES + 1.0)
        density = sum(
            ((-1) ** j * comb(m, j) * (w - j) ** (m - 1) for j in range(k + 1)), np.zeros_like(w)
        ) / factorial(m - 1)
        mass += half * (SHARES * density).sum(axis=1)
        load += half * (SHARES * density * w).sum(axis=1)
    return mass, load


def fluid_primal(
    offers: int,
    resources: int,
    rate: float,
    weights: tuple[float, ...] = (1.0,),
    counts: tuple[int, ...] = (1,),
) -> Fluid:
    """Return the fluid bound as the reward of the best policy that keeps the budgets on average.

    The price is found by bisection so that the use of resources equals the rate; 0 if the budgets
    do not bind. Arguments as for ``fluid_dual``, which needs far less time.
    """
    levels, shares = np.array(weights), np.array(counts) / sum(counts)

    def policy(price: float) -> tuple[float, float]:
        rounds = [played(price / level, offers, resources) for level in levels]
        value = sum(s * w * r[0] for s, w, r in zip(shares, levels, rounds, strict=True))
        return float(value), float(sum(s * r[1] for s, r in zip(shares, rounds, strict=True)))

    low, high = 0.0, 1.0 / (resources * rate)
    if policy(0.0)[1] <= resources * rate:
        return Fluid(policy(0.0)[0], 0.0)
    for _ in range(60):
        middle = (low + high) / 2.0
        if policy(middle)[1] > resources * rate:
            low = middle
        else:
            high = middle
    return Fluid(policy(high)[0], high)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The adversarial input: blocks whose offers are worth ever more, cut off after a drawn one."""

    blocks: int
    """Blocks L of equal length; also alpha, the largest cost over the budget per round."""
    values: tuple[float, ...]
    """Best offer of each block; the last is 1."""
    chances: tuple[float, ...]
    """Probability of being cut off after each block."""
    ratio: float
    """Expected reward over that of hindsight which no policy exceeds."""


@lru_cache(maxsize=64)
def ladder(rate: float, growth: float) -> Ladder:
    """Return the adversarial input for a budget rate and a growth from block to block.

    Every offer costs L * rate of every resource, so that the budgets pay for one block. Let a
    policy spend the share x_i of them in block i. Cut off after block k it has earned the sum of
    x_i v_i up to k, hindsight v_k. With probabilities c (1 - 1/growth) for all blocks but the last,
    and c for the last, a share spent in any block adds c to the expected ratio: no policy exceeds
    c = 1 / (1 + (L - 1)(1 - 1/growth)), which tends to 1/alpha = 1/L as growth rises (ours,
    "inferred"; [243] proves that dual mirror descent keeps 1/alpha).

    Args:
        rate: budget per round, above 0 to 1.
        growth: above 1.
    """
    # 1 / rate may end just below a whole number that it means.
    blocks = max(1, int(1.0 / rate + 1e-9))
    ratio = 1.0 / (1.0 + (blocks - 1) * (1.0 - 1.0 / growth))
    values = tuple(growth ** (k + 1 - blocks) for k in range(blocks))
    chances = (*(ratio * (1.0 - 1.0 / growth) for _ in range(blocks - 1)), ratio)
    return Ladder(blocks, values, chances, ratio)


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The optimum of a linear programme that knows all requests."""

    value: float
    """Total reward that no sequence of actions exceeds."""
    prices: NDArray[np.float64]
    """Dual prices of the resources, float64 [m], 0 or more."""
    dual: float
    """Value of the dual at these prices: equal to ``value``."""


def hindsight(
    rewards: NDArray[np.float64], costs: NDArray[np.float64], budgets: NDArray[np.float64]
) -> Hindsight:
    """Return the hindsight optimum, with fractions of actions allowed.

    Args:
        rewards: float64 [T, A].
        costs: float64 [T, A, m], 0 or more; action 0 costs nothing.
        budgets: float64 [m].

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    try:
        from scipy.optimize import linprog
        from scipy.sparse import eye_array, kron
    except ImportError:
        raise MissingExtraError("the hindsight bound", "stats") from None
    rounds, actions = rewards.shape
    found = linprog(
        -rewards.ravel(),
        A_ub=costs.reshape(rounds * actions, -1).T,
        b_ub=budgets,
        A_eq=kron(eye_array(rounds), np.ones((1, actions))).tocsr(),
        b_eq=np.ones(rounds),
        method="highs",
    )
    prices = np.maximum(0.0, -found.ineqlin.marginals)
    dual = float((rewards - costs @ prices).max(axis=1).sum() + prices @ budgets)
    return Hindsight(-float(found.fun), prices, dual)
