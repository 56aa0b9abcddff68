"""LiveInsert's optimum: by hand, and priced value iteration against the occupancy programme."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.bandits.live.core import LiveInsertCore
from envgym.envs.bandits.live.oracle import averages, occupancy, plan, value_iteration


def test_without_fatigue_the_floor_buys_a_share_of_insertions():
    # Each insertion earns .6 and costs .3 of 1.0: the floor .88 allows a share of .4, so .24 at a
    # price of .6 / .3 = 2.
    core = LiveInsertCore(wear_a=0.0, tire_a=0.0)
    found = core.plans[0]
    assert (found.live, found.price, found.share) == pytest.approx((0.24, 2.0, 0.4), abs=1e-9)
    assert occupancy(core.habits[0], 0.88) == pytest.approx(0.24, abs=1e-9)


def test_two_levels_by_hand():
    # Rested and tired. Inserting when rested alone: .5 * .6 = .3 per round; always: .6 exp(-.5).
    core = LiveInsertCore(levels=2, rise=1, rest=1.0, wear_a=0.5, floor=0.0)
    habits = core.habits[0]
    assert averages(habits, np.array([1, 0]))[0] == pytest.approx(0.3, abs=1e-12)
    assert core.plans[0].live == pytest.approx(0.6 * np.exp(-0.5), abs=1e-12)
    worn = LiveInsertCore(levels=2, rise=1, rest=1.0, wear_a=1.0, floor=0.0)
    assert worn.plans[0].live == pytest.approx(0.3, abs=1e-12)
    assert worn.plans[0].eager.tolist() == [1, 0]


def test_the_default_optimum_two_ways():
    core = LiveInsertCore()
    for habits, found in zip(core.habits, core.plans, strict=True):
        assert found.live == pytest.approx(occupancy(habits, core.floor), abs=1e-9)
    known = core.oracle()
    assert known["live"] == pytest.approx((0.141935, 0.090435), abs=1e-6)
    assert known["price"] == pytest.approx((0.411287, 0.010884), abs=1e-6)
    assert known["optimum"] == pytest.approx(0.116185, abs=1e-6)


@given(
    wear=st.floats(0.0, 6.0),
    tire=st.floats(0.0, 0.5),
    rise=st.integers(1, 6),
    rest=st.floats(0.02, 1.0),
    floor=st.floats(0.0, 1.0),
    levels=st.integers(2, 40),
)
@settings(max_examples=40, deadline=None)
def test_priced_iteration_and_occupancy_agree(wear, tire, rise, rest, floor, levels):
    core = LiveInsertCore(
        wear_a=wear, tire_a=tire, rise=rise, rest=rest, levels=levels, floor=floor
    )
    habits, found = core.habits[0], core.plans[0]
    assert found.live == pytest.approx(occupancy(habits, floor), abs=1e-7)
    # The stated mixture of the two policies has that value and keeps the floor.
    eager, frugal = averages(habits, found.eager), averages(habits, found.frugal)
    mixed = [found.share * a + (1 - found.share) * b for a, b in zip(eager, frugal, strict=True)]
    assert mixed[0] == pytest.approx(found.live, abs=1e-8)
    assert mixed[1] >= floor - 1e-9


@pytest.mark.parametrize("price", [0.0, 0.1, 0.5])
def test_no_policy_of_a_small_chain_has_a_better_mean(price):
    core = LiveInsertCore(levels=9, rise=2, rest=0.3, wear_a=1.5)
    habits = core.habits[0]
    mean, policy = value_iteration(habits, price)
    live, short = averages(habits, policy)
    assert live + price * short == pytest.approx(mean, abs=1e-12)
    best = max(
        live + price * short
        for each in itertools.product((0, 1), repeat=9)
        for live, short in [averages(habits, np.array(each))]
    )
    assert mean == pytest.approx(best, abs=1e-12)


@given(low=st.floats(0.6, 0.99), more=st.floats(0.0, 0.3))
@settings(max_examples=30, deadline=None)
def test_a_higher_floor_leaves_less_live_time_at_a_higher_price(low, more):
    core = LiveInsertCore()
    for habits in core.habits:
        first, second = plan(habits, low), plan(habits, min(1.0, low + more))
        assert second.live <= first.live + 1e-9
        assert second.price >= first.price - 1e-9


def test_inserting_whenever_it_pays_is_worse_even_without_a_floor():
    core = LiveInsertCore(floor=0.0)
    for habits, found in zip(core.habits, core.plans, strict=True):
        always = averages(habits, np.ones(core.levels, dtype=np.int64))
        assert always[0] < 0.6 * found.live
        assert found.price == 0.0


def test_the_optimum_weighs_the_groups_by_their_shares():
    core = LiveInsertCore(share_b=0.25)
    a, b = core.best.tolist()
    assert a > b + 0.01
    assert core.optimum == core.oracle()["optimum"] == pytest.approx(0.75 * a + 0.25 * b)
