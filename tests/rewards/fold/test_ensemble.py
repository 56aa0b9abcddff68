"""C1: ensembles, and the nodes Min and Variance below them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Mean, Program, ReduceSum, Source
from envgym.rewards.fold.ensemble import uwo, wco
from envgym.rewards.fold.min import Min
from envgym.rewards.fold.variance import Variance
from envgym.types import ConfigError

THREE = tuple(Source(key, "episode", lo=0, hi=1) for key in "abc")
triples = st.tuples(*[st.floats(0, 1)] * 3)


def value(node, xs):
    return node.settle([{}, dict(zip("abc", xs, strict=False))])[0]


def test_cookbook_c1():
    xs = (0.8, 0.6, 0.1)
    assert value(wco(THREE), xs) == 0.1
    assert value(Mean(THREE), xs) == pytest.approx(0.5)
    assert value(uwo(THREE), xs) == pytest.approx(0.457, abs=1e-3)


@given(triples)
def test_wco_is_below_the_mean_and_below_uwo_on_the_unit_interval(xs):
    low, penalised = value(wco(THREE), xs), value(uwo(THREE), xs)
    assert low <= value(Mean(THREE), xs) + 1e-12
    assert low <= penalised + 1e-12
    assert low in wco(THREE).bounds
    assert uwo(THREE).bounds.lo - 1e-12 <= penalised <= uwo(THREE).bounds.hi + 1e-12


@given(triples, st.integers(0, 2), st.floats(0, 1))
def test_wco_is_monotone_in_each_member(xs, which, up):
    raised = tuple(max(x, up) if k == which else x for k, x in enumerate(xs))
    assert value(wco(THREE), raised) >= value(wco(THREE), xs)


def test_uwo_is_not_monotone_and_says_so():
    wide = [Source(key, "episode", lo=0, hi=10) for key in "abc"]
    assert value(uwo(wide), (10, 0, 0)) < value(uwo(wide), (1, 0, 0))
    assert Program("uwo", uwo(wide)).monotone == dict.fromkeys("abc", "none")


@given(triples, st.floats(-1, 1))
def test_variance_is_shift_invariant_bounded_and_zero_for_equals(xs, shift):
    node = Variance(THREE)
    assert 0 <= node.combine(xs) <= 0.25 + 1e-12
    assert node.combine([x + shift for x in xs]) == pytest.approx(node.combine(xs), abs=1e-9)
    assert node.combine([xs[0]] * 3) == 0
    assert (node.bounds.lo, node.bounds.hi) == (0, 0.25)


def test_l8_one_member_is_the_identity():
    assert value(wco(THREE[:1]), (0.3,)) == value(uwo(THREE[:1]), (0.3,)) == 0.3


def test_the_lowest_episode_value_keeps_its_turns():
    x, y = ReduceSum(Source("x", lo=0, hi=1)), ReduceSum(Source("y", lo=0, hi=1))
    records = [{"x": 0, "y": 0}, {"x": 0.25, "y": 0.5}, {"x": 0.25, "y": 0.5}]
    assert Min((x, y)).settle(records) == (0.5, (0.25, 0.25))
    assert Min((Source("x"), Source("y"))).settle(records) == (0.5, (0.25, 0.25))


def test_scopes_do_not_mix_and_weights_are_checked():
    for kind in (Min, Variance):
        with pytest.raises(ConfigError, match="mixes the step value"):
            kind((Source("x"), THREE[0]))
        with pytest.raises(ConfigError, match="at least one node"):
            kind(())
    with pytest.raises(ConfigError, match="uwo.weight must be 0 or more"):
        uwo(THREE, -0.1)


def test_bounds_of_a_variance_follow_the_hull():
    low, high = Source("a", "episode", lo=1, hi=2), Source("b", "episode", lo=2, hi=4)
    assert str(Variance((low, high)).bounds) == "[0, 2.25]"
    assert str(Variance((low,)).bounds) == "[0, 0]"
    assert str(Min((low, high)).bounds) == "[1, 2]"
