import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import ReduceSum, Source, Sum, g_ra
from envgym.types import ConfigError

LADDER, STEPS = Source("ladder", "episode", -1, 1), Source("steps", "episode", -1, 1)
PROGRAM = g_ra([LADDER, STEPS], [-0.5])
unit = st.floats(-1, 1)


def value(node, **last):
    return node.settle([{}, last])[0]


@pytest.mark.parametrize(("outcome", "expected"), [(0.0, 0.8), (-0.5, -0.5), (1.0, 1.8)])
def test_cookbook_c2(outcome, expected):
    assert value(PROGRAM, ladder=outcome, steps=0.8) == pytest.approx(expected)


@given(unit, unit)
def test_l1_stays_in_range(outcome, steps):
    assert value(PROGRAM, ladder=outcome, steps=steps) in PROGRAM.bounds


@given(st.floats(-1, -0.5), unit, unit)
def test_a_closed_gate_ignores_the_steps(outcome, one, other):
    assert value(PROGRAM, ladder=outcome, steps=one) == outcome
    assert value(PROGRAM, ladder=outcome, steps=other) == outcome


@given(unit, unit)
def test_l8_always_open_is_the_sum(outcome, steps):
    always = g_ra([LADDER, STEPS], [float("-inf")])
    plain = Sum((LADDER, STEPS))
    assert value(always, ladder=outcome, steps=steps) == value(plain, ladder=outcome, steps=steps)


def test_the_ordering_check_an_ungated_sum_fails_and_a_cap_below_the_gap_passes():
    steps = ReduceSum(Source("bonus", lo=0, hi=1))
    failing = [{"bonus": 0}, {"bonus": 1}, {"bonus": 1, "ladder": 0.0}]
    passing = [{"bonus": 0}, {"bonus": 0.2, "ladder": 1.0}]
    raw = g_ra([LADDER, steps], [-0.5])
    assert raw.settle(failing)[0] > raw.settle(passing)[0]
    from envgym.rewards import cap

    capped = g_ra([LADDER, cap(steps, 0.4)], [-0.5])
    assert capped.settle(failing)[0] < capped.settle(passing)[0]


def test_three_levels_open_one_by_one():
    third = Source("style", "episode", 0, 1)
    node = g_ra([LADDER, STEPS, third], [0.0, 0.5])
    assert value(node, ladder=1, steps=0.75, style=0.5) == 2.25
    assert value(node, ladder=1, steps=0.25, style=0.5) == 1.25
    assert value(node, ladder=0, steps=0.75, style=0.5) == 0
    gates = node.explain([{}, {"ladder": 1, "steps": 0.75, "style": 0.5}]).gates
    assert gates == (("g_ra", True), ("g_ra.2", True))


def test_levels_and_gates_must_fit():
    with pytest.raises(ConfigError, match="got 2 levels and 0 gates"):
        g_ra([LADDER, STEPS], [])


def test_step_levels_are_judged_by_their_sum():
    node = g_ra([Source("x", lo=0, hi=1), STEPS], [0.5])
    rows = [{"x": 0}, {"x": 0.375}, {"x": 0.375, "steps": 1.0}]
    assert node.settle(rows) == (1.75, (0.375, 1.375))
    assert node.explain(rows).gates == (("g_ra", True),)
