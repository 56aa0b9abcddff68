import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.map.soft_gate import SoftGate
from envgym.types import ConfigError

S = Source("s", "episode", lo=0, hi=1)
unit = st.floats(0, 1)


def test_a_soft_gate_really_closes_and_a_sigmoid_does_not():
    cut, plain = SoftGate(S, 0.5), SoftGate(S, 0.5, delta=0.0)
    assert cut.value(0.25) == 0.0
    assert cut.value(0.75) == 1.0
    assert 0 < plain.value(0.25) < 0.01
    assert plain.value(0.4) == pytest.approx(1 / (1 + math.exp(2)))
    assert cut.value(0.5) == plain.value(0.5) == 0.5


@given(unit, unit, st.floats(0.01, 0.5), st.floats(0, 0.4), unit)
def test_l1_l3_it_is_monotone_and_bounded(a, b, width, delta, mark):
    gate = SoftGate(S, mark, width, delta)
    low, high = sorted((gate.value(min(a, b)), gate.value(max(a, b))))
    assert gate.value(min(a, b)) == low and gate.value(max(a, b)) == high
    assert low in gate.bounds and high in gate.bounds


@given(st.floats(-50, 50), st.floats(0.01, 0.5), st.floats(0.001, 0.4))
def test_outside_its_edges_it_is_exactly_closed_or_open(x, width, delta):
    gate = SoftGate(S, 0.5, width, delta)
    if x <= gate.closes_at:
        assert gate.value(x) == 0
    if x >= gate.opens_at:
        assert gate.value(x) == 1


@given(unit)
def test_l8_delta_zero_is_the_plain_sigmoid(x):
    gate = SoftGate(S, 0.5, delta=0.0)
    assert gate.value(x) == pytest.approx(1 / (1 + math.exp(-(x - 0.5) / 0.05)))
    assert (gate.closes_at, gate.opens_at) == (-math.inf, math.inf)


def test_unbounded_scores_have_bounds_and_bad_arguments_are_named():
    assert str(SoftGate(Source("z", "episode"), 0.0).bounds) == "[0, 1]"
    assert str(SoftGate(Source("z", "episode"), 0.0, delta=0.0).bounds) == "[0, 1]"
    with pytest.raises(ConfigError, match="width must be more than 0"):
        SoftGate(S, 0.5, 0.0)
    with pytest.raises(ConfigError, match="delta must be from 0 to below 0.5"):
        SoftGate(S, 0.5, 0.1, 0.5)
