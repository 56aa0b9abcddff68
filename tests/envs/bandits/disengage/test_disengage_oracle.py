"""Disengage's dynamic programme: the stated table, three methods, the friction paradox."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.bandits.disengage.core import DisengageCore
from envgym.envs.bandits.disengage.oracle import (
    action_values,
    brute_force,
    chain,
    engaged_share,
    evaluate,
    policy_iteration,
    value_iteration,
)

TABLE = {
    1.0: (13.577, 0.833),
    0.6: (12.195, 0.750),
    0.4: (10.856, 0.667),
    0.3: (10.048, 0.851),
    0.2: (9.224, 0.792),
    0.1: (7.551, 0.655),
}


@pytest.mark.parametrize("reengage", TABLE)
def test_the_table_two_ways(reengage):
    core = DisengageCore(reengage=reengage)
    known, again = core.oracle(), value_iteration(core.chain)
    assert known["value"] == pytest.approx(again.value[6], abs=1e-9)
    assert tuple(again.policy.tolist()) == known["policy"]
    assert (round(known["value"], 3), round(known["engaged"], 3)) == TABLE[reengage]
    # The share again, from the stationary law of the chain of (level, on or off).
    assert known["engaged"] == pytest.approx(_stationary(core), abs=1e-6)


def _stationary(core):
    """Return the long-run share of engaged rounds by powers of the whole transition matrix."""
    k = core.levels
    moves = np.zeros((2 * k, 2 * k))
    for level in range(k):
        reached = core.after[level, core.policy[level]]
        moves[k + level, k + reached] = core.engage[reached]
        moves[k + level, reached] = 1.0 - core.engage[reached]
        moves[level, k + level] = core.reengage * core.engage[level]
        moves[level, level] = 1.0 - moves[level, k + level]
    # Half a step at a time, so that no cycle keeps the powers from settling.
    settled = np.linalg.matrix_power((moves + np.eye(2 * k)) / 2.0, 2**14)
    return settled[k + core.begin, k:].sum()


def test_friction_lowers_value_and_yet_can_raise_engagement():
    found = {q: DisengageCore(reengage=q).oracle() for q in TABLE}
    values = [entry["value"] for entry in found.values()]
    assert values == sorted(values, reverse=True)
    assert found[0.3]["engaged"] > found[0.4]["engaged"] + 0.18
    assert found[0.3]["revenue"] < found[0.4]["revenue"]
    # The policy changes there: the user is no longer squeezed at the top.
    assert found[0.4]["policy"][-1] == 0
    assert found[0.3]["policy"][-1] == 2


def test_one_level_by_hand():
    # f = .5, q = .4, g = .9: off = .18 / (1 - .9 * .8) = 9 / 14 and
    # F = .45 + .45 * 9 / 14 = .739286; V = 1 / (1 - F), as the level cannot move.
    tables = chain(np.array([0.5]), 0.4, 0.9)
    assert tables.asleep[0] == pytest.approx(9 / 14, abs=1e-12)
    assert tables.factor[0] == pytest.approx(0.45 * (1 + 9 / 14), abs=1e-12)
    value = policy_iteration(tables).value[0]
    assert value == pytest.approx(1 / (1 - 0.45 * (1 + 9 / 14)), abs=1e-12)
    assert engaged_share(tables, np.array([0]), 0.4, 0) == pytest.approx((1 / 3.5, 1 / 3.5))


@given(
    engage=st.lists(st.floats(0.02, 1.0), min_size=1, max_size=5),
    reengage=st.floats(0.01, 1.0),
    discount=st.floats(0.0, 0.99),
)
@settings(max_examples=40, deadline=None)
def test_brute_force_value_iteration_and_policy_iteration_agree(engage, reengage, discount):
    tables = chain(np.array(engage), reengage, discount)
    best = brute_force(tables).value
    assert policy_iteration(tables).value == pytest.approx(best, abs=1e-8)
    assert value_iteration(tables).value == pytest.approx(best, abs=1e-8)


@pytest.mark.parametrize("reengage", [1.0, 0.3])
def test_six_levels_against_all_policies(reengage):
    core = DisengageCore(levels=6, begin=3, reengage=reengage)
    best = brute_force(core.chain)
    assert core.solution.value == pytest.approx(best.value, abs=1e-9)
    assert evaluate(core.chain, core.policy) == pytest.approx(best.value, abs=1e-9)


@given(
    policy=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    reengage=st.floats(0.05, 1.0),
)
@settings(max_examples=40, deadline=None)
def test_a_policy_s_regret_is_its_discounted_shortfall(policy, reengage):
    core = DisengageCore(reengage=reengage)
    policy = np.array(policy)
    levels = np.arange(12)
    reached = core.after[levels, policy]
    moves = np.zeros((12, 12))
    moves[levels, reached] = core.chain.factor[reached]
    exact = np.linalg.solve(np.eye(12) - moves, core.revenue[policy])
    assert evaluate(core.chain, policy) == pytest.approx(exact, abs=1e-9)
    lost = np.linalg.solve(np.eye(12) - moves, core.loss[levels, policy])
    assert core.solution.value - exact == pytest.approx(lost, abs=1e-8)
    assert (core.loss >= 0.0).all()


def test_values_satisfy_the_equation_of_the_whole_chain():
    core = DisengageCore(reengage=0.4)
    g, f, back = core.discount, core.engage, core.back
    off, on = core.exact
    # Without the modified discount: one step of the chain with its own discount.
    assert off == pytest.approx(g * (back * on + (1.0 - back) * off), abs=1e-9)
    staying = g * (f * on + (1.0 - f) * off)
    assert on == pytest.approx((core.revenue + staying[core.after]).max(axis=1), abs=1e-9)
    assert (action_values(core.chain, on).argmax(axis=1) == core.policy).all()


def test_many_levels_are_solved():
    core = DisengageCore(levels=400, begin=200, reengage=0.5)
    assert core.solution.value == pytest.approx(value_iteration(core.chain).value, abs=1e-8)
