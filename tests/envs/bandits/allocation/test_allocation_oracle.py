"""Bounds of OnlineAllocation: dual against primal, worked cases, hindsight, the adversarial input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.bandits.allocation.core import OnlineAllocationCore
from envgym.envs.bandits.allocation.oracle import (
    fluid_dual,
    fluid_primal,
    gain,
    hindsight,
    ladder,
    played,
)


def test_the_fluid_bound_two_ways():
    dual, primal = fluid_dual(4, 2, 0.3), fluid_primal(4, 2, 0.3)
    assert round(dual.value, 6) == round(primal.value, 6) == 0.668662
    assert dual.value == pytest.approx(primal.value, abs=1e-9)
    assert dual.price == pytest.approx(primal.price, abs=1e-6)
    assert OnlineAllocationCore().oracle() == {"bound": dual.value, "price": dual.price}


def test_one_offer_and_one_resource_by_hand():
    # For a price p of 1 or more E[(f - p b)+] = 1 / (6 p): the dual 1 / (6 p) + rho p is least at
    # p = 1 / sqrt(6 rho), where it is 2 sqrt(rho / 6).
    assert gain(np.array([2.0]), 1, 1)[0] == pytest.approx(1 / 12, abs=1e-12)
    found = fluid_dual(1, 1, 0.01)
    assert found.value == pytest.approx(2 * math.sqrt(0.01 / 6), abs=1e-12)
    assert found.price == pytest.approx(1 / math.sqrt(0.06), abs=1e-6)


def test_without_prices_the_best_of_n_uniforms_is_played():
    # E max of n uniforms: n / (n + 1); its costs are 1/2 each.
    assert gain(np.array([0.0]), 4, 3)[0] == pytest.approx(0.8, abs=1e-12)
    assert played(0.0, 4, 3) == pytest.approx((0.8, 1.5), abs=1e-12)
    assert fluid_dual(4, 2, 0.5).value == pytest.approx(0.8, abs=1e-9)
    assert fluid_primal(4, 2, 0.6).price == 0.0


@given(offers=st.integers(1, 9), resources=st.integers(1, 6), rate=st.floats(0.02, 1.0))
@settings(max_examples=30, deadline=None)
def test_dual_and_primal_agree(offers, resources, rate):
    dual, primal = fluid_dual(offers, resources, rate), fluid_primal(offers, resources, rate)
    assert dual.value == pytest.approx(primal.value, abs=1e-7)
    if dual.price > 1e-3:
        value, used = played(dual.price, offers, resources)
        assert used == pytest.approx(resources * rate, abs=1e-5)
        assert value == pytest.approx(dual.value, abs=1e-5)


@given(rate=st.floats(0.02, 0.9), more=st.floats(0.01, 0.1))
@settings(max_examples=20, deadline=None)
def test_budgets_are_worth_something_and_less_each_time(rate, more):
    low, mid, high = (fluid_dual(4, 2, rate + k * more).value for k in range(3))
    assert low <= mid + 1e-9 <= high + 2e-9
    assert high - mid <= mid - low + 1e-9


def test_a_policy_at_the_price_uses_the_budgets():
    rng = np.random.default_rng(1)
    price, n = fluid_dual(4, 2, 0.3).price, 400_000
    rewards, costs = rng.random((n, 4)), rng.random((n, 4, 2))
    net = rewards - price * costs.sum(axis=-1)
    rows, best = np.arange(n), net.argmax(axis=1)
    taken = net[rows, best] > 0
    assert (rewards[rows, best] * taken).mean() == pytest.approx(0.668662, abs=0.002)
    assert costs[rows, best][taken].sum(axis=0) / n == pytest.approx([0.3, 0.3], abs=0.002)


def test_the_periodic_bound_counts_the_phases_that_occur():
    core = OnlineAllocationCore(inputs="periodic", period=4, horizon=6)
    weights = core.weights
    six = fluid_primal(4, 2, 0.3, tuple(weights[[0, 1, 2, 3, 0, 1]].tolist()), (1,) * 6)
    assert core.bound == pytest.approx(six.value, abs=1e-9)
    flat = fluid_dual(4, 2, 0.3, (0.5,), (3,))
    assert flat.value == pytest.approx(fluid_dual(4, 2, 0.3).value / 2, abs=1e-9)


def test_hindsight_by_hand():
    # One unit of one resource; the offers pay 1 for 1, .6 for .5 and .5 for .5.
    rewards = np.array([[0.0, 1.0], [0.0, 0.6], [0.0, 0.5]])
    costs = np.array([[[0.0], [1.0]], [[0.0], [0.5]], [[0.0], [0.5]]])
    found = hindsight(rewards, costs, np.array([1.0]))
    assert (found.value, found.dual) == pytest.approx((1.1, 1.1), abs=1e-9)
    assert found.prices[0] == pytest.approx(1.0, abs=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_hindsight_is_its_dual_and_no_plan_earns_more(seed):
    rng = np.random.default_rng(seed)
    rewards, costs, budgets = rng.random((5, 3)), rng.random((5, 3, 2)), rng.random(2) * 2
    rewards[:, 0], costs[:, 0] = 0.0, 0.0
    found = hindsight(rewards, costs, budgets)
    assert found.value == pytest.approx(found.dual, abs=1e-8)
    rounds = np.arange(5)
    for plan in itertools.product(range(3), repeat=5):
        if (costs[rounds, plan].sum(axis=0) <= budgets).all():
            assert rewards[rounds, plan].sum() <= found.value + 1e-9


def test_hindsight_lies_below_the_fluid_bound_on_average():
    rng, values = np.random.default_rng(2), []
    for _ in range(30):
        rewards, costs = rng.random((100, 5)), rng.random((100, 5, 2))
        rewards[:, 0], costs[:, 0] = 0.0, 0.0
        values.append(hindsight(rewards, costs, np.array([30.0, 30.0])).value / 100)
    error = np.std(values) / math.sqrt(30)
    assert 0.668662 - 0.02 < np.mean(values) < 0.668662 + 3 * error


@given(
    rate=st.floats(0.05, 1.0),
    growth=st.floats(1.05, 100.0),
    plan=st.lists(st.floats(0.0, 1.0), min_size=20, max_size=20),
)
def test_no_plan_beats_the_ladder_s_ratio(rate, growth, plan):
    found = ladder(rate, growth)
    shares = np.array(plan[: found.blocks])
    shares /= max(1.0, shares.sum())
    earned = np.cumsum(shares * found.values) / found.values
    assert sum(found.chances) == pytest.approx(1.0, abs=1e-12)
    ratio = float(earned @ np.array(found.chances))
    assert ratio == pytest.approx(found.ratio * shares.sum(), abs=1e-9)
    assert 1 / found.blocks - 1e-12 <= found.ratio <= 1.0


def test_the_ladder_s_ratio_tends_to_one_over_alpha():
    assert ladder(0.3, 10.0).ratio == pytest.approx(1 / 2.8, abs=1e-12)
    assert ladder(0.25, 1000.0).ratio == pytest.approx(0.25, abs=1e-3)
    assert ladder(0.2, 10.0).blocks == 5
    assert ladder(0.6, 10.0).ratio == 1.0


@pytest.mark.parametrize("stop", range(3))
def test_hindsight_of_the_adversarial_input_takes_the_last_block_that_pays(stop):
    core = OnlineAllocationCore(inputs="adversarial", horizon=30)
    value = np.where(np.arange(30) // 10 <= stop, 10.0 ** (np.arange(30) // 10 - 2), 0.0)
    rewards = np.stack((np.zeros(30), value), axis=1)
    costs = np.zeros((30, 2, 2))
    costs[:, 1] = core.cost
    found = hindsight(rewards, costs, np.full(2, core.budget))
    assert found.value == pytest.approx(10 * core.values[stop], abs=1e-9)
    known = core.oracle()
    assert known["alpha"] == 3
    assert known["bound"] == pytest.approx(known["ratio"] * known["hindsight"])
    assert known["hindsight"] == pytest.approx(
        sum(p * v for p, v in zip(core.ladder.chances, core.values, strict=True)) / 3
    )
