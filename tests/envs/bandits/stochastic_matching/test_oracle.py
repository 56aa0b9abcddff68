"""StochasticMatching: bounds by two computations each, and Stochastic Balance against them."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy.integrate import quad
from scipy.optimize import brentq

from envgym.envs.bandits.stochastic_matching.core import StochasticMatchingCore
from envgym.envs.bandits.stochastic_matching.oracle import (
    FLUID_RATIO,
    adaptive_values,
    best_action,
    matching_lp,
    nested_bound,
    solvable,
)
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise


def kinds_of(core: StochasticMatchingCore) -> Any:
    return np.arange(core.horizon) * core.kinds // core.horizon


def play(core: StochasticMatchingCore, rule: str, batch: int) -> Any:
    """Return matches per row, [B], of Stochastic Balance (ties at random) or random neighbours."""
    state = core.start(batch, BatchNoise(default_rng(0)), NUMPY)
    state["t"] = np.zeros(batch, dtype=np.int64)
    noise, rng, total = BatchNoise(default_rng(1)), default_rng(2), np.zeros(batch)
    for t in range(core.horizon):
        mask = core.mask(state, NUMPY)[:, :-1]
        key = rng.random(mask.shape)
        if rule == "balance":
            key = state["load"] + 1e-9 * key
        action = np.where(mask.any(axis=1), np.where(mask, key, np.inf).argmin(axis=1), core.nodes)
        state, facts = core.advance(state, action, noise, NUMPY)
        state["t"] = np.full(batch, t + 1)
        total += facts["utility"]
    return total


def test_fluid_ratio_by_integration() -> None:
    """The available share exp(-load) falls by dx / (1 - x) from 1 and is used up at x."""

    def left(x: float) -> float:
        return 1.0 - float(quad(lambda u: 1.0 / (1.0 - u), 0.0, x, epsabs=1e-12)[0])

    assert brentq(left, 0.0, 0.9, xtol=1e-12) == pytest.approx(FLUID_RATIO, abs=1e-6)
    assert f"{FLUID_RATIO:.4f}" == "0.6321"


@pytest.mark.parametrize("instance", ["triangular", "block"])
@pytest.mark.parametrize(("nodes", "horizon", "p"), [(20, 200, 0.1), (7, 31, 0.3), (5, 3, 0.9)])
def test_bound_is_the_linear_program(instance: str, nodes: int, horizon: int, p: float) -> None:
    core = StochasticMatchingCore(
        instance=instance, nodes=nodes, horizon=horizon, probability=p, shuffled=False
    )
    chances = np.where(core.edges, p, 0.0)
    bound = core.oracle()["bound"]
    assert bound == pytest.approx(matching_lp(chances, core.counts), abs=1e-6)
    assert core.oracle()["per_round"] == bound / horizon


def test_bounds_known_values() -> None:
    assert StochasticMatchingCore().oracle()["bound"] == pytest.approx(20.0)
    # Half of the nodes are filled by two thirds of the arrivals, the others take 67 * 0.1.
    block = StochasticMatchingCore(instance="block")
    assert block.counts.tolist() == [67, 67, 66]
    assert block.oracle()["bound"] == pytest.approx(10 + 6.7)
    assert StochasticMatchingCore(instance="random").oracle() == {}
    assert StochasticMatchingCore(spread=0.5).oracle() == {}
    assert matching_lp(np.zeros((2, 2)), np.array([1, 1])) == 0.0
    edges = np.array([[True]])
    assert nested_bound(edges, np.array([3]), 0.25) == 0.75


@settings(max_examples=25)
@given(
    nodes=st.integers(1, 4),
    horizon=st.integers(1, 6),
    spread=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_adaptive_optimum_by_recursion(nodes: int, horizon: int, spread: float, seed: int) -> None:
    core = StochasticMatchingCore(
        instance="random", nodes=nodes, horizon=horizon, probability=0.4, spread=spread, density=0.6
    )
    chances = core.start(1, BatchNoise(default_rng(seed)), NUMPY)["chances"][0]
    kinds = kinds_of(core)

    @cache
    def best(t: int, free: frozenset[int]) -> float:
        if t == horizon:
            return 0.0
        skip = best(t + 1, free)
        tries = [
            p * (1 + best(t + 1, free - {i})) + (1 - p) * skip
            for i, p in enumerate(chances[kinds[t]])
            if i in free
        ]
        return float(max([skip, *tries]))

    value = adaptive_values(chances, kinds)[0, -1]
    assert value == pytest.approx(best(0, frozenset(range(nodes))), abs=1e-9)
    assert value <= matching_lp(chances, core.counts) + 1e-6


def test_expert_earns_the_adaptive_optimum() -> None:
    core = StochasticMatchingCore(nodes=4, horizon=12, probability=0.3, instance="block")
    earned, promised = [], []
    for seed in range(400):
        one, rng = core.scalar(), default_rng(seed + 1000)
        one.start(default_rng(seed))
        promised.append(adaptive_values(np.array(one.chances), kinds_of(core))[0, -1])
        for _ in range(core.horizon):
            one.advance(one.expert(), rng)
        earned.append(one.matched)
    error = np.std(earned) / math.sqrt(len(earned))
    assert np.ptp(promised) < 1e-12
    assert abs(np.mean(earned) - promised[0]) < 3 * error


def test_large_instances_fall_back_to_balance() -> None:
    assert solvable(200, 12)
    assert not solvable(200, 13)
    assert not solvable(200, 20)
    assert not solvable(10_000_000, 200)
    one = StochasticMatchingCore(shuffled=False).scalar()
    one.start(default_rng(0))
    one.load[:3] = [0.2, 0.1, 0.1]
    assert one.expert() == one.balance() == 3
    one.load = [0.1] * 20
    one.load[7] = 0.0
    assert one.balance() == 7
    one.available = [False] * 20
    assert one.balance() == one.myopic() == 20


@pytest.mark.parametrize("instance", ["triangular", "block", "random"])
def test_balance_keeps_its_ratio_against_the_linear_program(instance: str) -> None:
    """At least .567 of the bound (Mehta and Panigrahi 2012), less three standard errors."""
    core = StochasticMatchingCore(instance=instance)
    matched = play(core, "balance", 64)
    if instance == "random":
        worlds = core.start(64, BatchNoise(default_rng(0)), NUMPY)["chances"][:12]
        bounds = np.array([matching_lp(chances, core.counts) for chances in worlds])
        ratio = matched[:12] / bounds
    else:
        ratio = matched / core.oracle()["bound"]
    error = ratio.std(ddof=1) / math.sqrt(len(ratio))
    assert ratio.mean() >= 0.567 - 3 * error
    assert ratio.mean() <= 1.0 + 3 * error


def test_triangular_ratio_tends_to_the_fluid_limit() -> None:
    core = StochasticMatchingCore(nodes=60, probability=0.05, horizon=1200)
    ratio = play(core, "balance", 64) / core.oracle()["bound"]
    error = ratio.std(ddof=1) / 8
    assert abs(ratio.mean() - FLUID_RATIO) < 3 * error


def test_balance_beats_random_only_where_loads_tell() -> None:
    """The block instance ranks them, the triangular one does not: a sanity check, no ranking."""
    gaps = {}
    for instance in ("block", "triangular"):
        core = StochasticMatchingCore(instance=instance, nodes=30, horizon=300)
        gap = play(core, "balance", 128) - play(core, "random", 128)
        gaps[instance] = gap.mean() / (gap.std(ddof=1) / math.sqrt(128))
    assert gaps["block"] > 3
    assert abs(gaps["triangular"]) < 3


def test_of_equally_good_nodes_the_first_is_taken_and_no_gain_is_skipped() -> None:
    later = np.zeros(8)
    assert best_action(later, (0.3, 0.5, 0.5), (True, True, True)) == 1
    assert best_action(later, (0.3, 0.5, 0.5), (True, False, True)) == 2
    # Matching node 0 now pays what it would pay later for certain: nothing is gained.
    assert best_action(np.array([0.0, 1.0]), (0.5,), (True,)) == 1
