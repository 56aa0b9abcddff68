import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.fold.heron import heron
from envgym.types import ConfigError

ONE, TWO = (Source(key, "episode", lo=0, hi=1) for key in "ab")
unit = st.floats(0, 1)


def value(node, a, b):
    return node.settle([{}, {"a": a, "b": b}])[0]


def test_cookbook_c9_positional_code_cannot_cycle():
    node = heron([ONE, TWO], (0.15, 0.0))
    ranked = sorted([(1, 0), (0.8, 0.8), (0.9, 0.7)], key=lambda z: value(node, *z))
    # Buckets of 0.15: 6, 5 and 6, so the second factor decides between the outer two.
    assert ranked == [(0.8, 0.8), (1, 0), (0.9, 0.7)]


@given(st.lists(st.tuples(unit, unit), min_size=3, max_size=6))
def test_a_higher_bucket_beats_anything_below_it(vectors):
    node = heron([ONE, TWO], (0.25, 0.0))
    for one, other in itertools.permutations(vectors, 2):
        if int(one[0] / 0.25 + 1e-9) > int(other[0] / 0.25 + 1e-9):
            assert value(node, *one) > value(node, *other)


@given(unit, unit, unit, st.sampled_from([(0.15, 0.0), (0.1, 0.3), (1.0, 0.0)]))
def test_l1_l3_bounded_and_monotone(a, b, up, margins):
    node = heron([ONE, TWO], margins)
    here = value(node, a, b)
    assert -1e-12 <= here <= 1 + 1e-12
    assert value(node, max(a, up), b) >= here
    assert value(node, a, max(b, up)) >= here
    assert value(node, 1, 1) == pytest.approx(1)
    assert value(node, 0, 0) == pytest.approx(0, abs=1e-12)


def test_values_on_an_edge_fall_into_the_upper_bucket():
    node = heron([ONE], (0.1,))
    assert value(node, 0.3, 0) == pytest.approx(0.3)


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match="1 factors and 2 margins"):
        heron([ONE], (0.1, 0.1))
    with pytest.raises(ConfigError, match="only the last may be 0; got 0 for 'a'"):
        heron([ONE, TWO], (0, 0.1))
    with pytest.raises(ConfigError, match="finite bounds"):
        heron([Source("z", "episode")], (0.1,))
    with pytest.raises(ConfigError, match=r"1e\+18 buckets, more than the 1.1e\+12"):
        heron([ONE, TWO, ONE], (1e-6, 1e-6, 1e-6))
    with pytest.raises(ConfigError, match="wider than every factor's range"):
        heron([ONE], (2.0,))
