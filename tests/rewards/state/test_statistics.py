"""B1 and B14: running statistics, frozen into nodes."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source
from envgym.rewards.state.ema import Ema
from envgym.rewards.state.extent import Extent
from envgym.rewards.state.welford import Welford
from envgym.types import ConfigError

X = Source("x")
values = st.lists(st.floats(-100, 100), max_size=12)


def at(node, x):
    return node.settle([{"x": 0.0}, {"x": x}])[0]


def test_cookbook_b1():
    seen = Welford().updated([1.0, 2.0, 3.0, 4.0])
    assert (seen.count, seen.mean) == (4, 2.5)
    assert seen.std == pytest.approx(1.1180, abs=1e-4)
    assert at(seen.standardise(X), 3.618) == pytest.approx(1.0, abs=1e-3)
    assert at(seen.clip(X, 1.0), 100.0) == pytest.approx(3.618, abs=1e-3)
    stretched = Extent().updated([2.0, 6.0]).stretch(X)
    assert [at(stretched, x) for x in (2.0, 3.0, 9.0)] == [0.0, 0.25, 1.0]


@given(values, values)
def test_merging_equals_seeing_all_values(one, other):
    whole = Welford().updated([*one, *other])
    merged = Welford().updated(one).merged(Welford().updated(other))
    assert merged.count == whole.count
    assert merged.mean == pytest.approx(whole.mean, abs=1e-9)
    assert merged.std == pytest.approx(whole.std, abs=1e-6)
    if one or other:
        assert whole.mean == pytest.approx(np.mean([*one, *other]), abs=1e-9)
        assert whole.std == pytest.approx(np.std([*one, *other]), abs=1e-6)
    extents = Extent().updated(one).merged(Extent().updated(other))
    assert extents == Extent().updated([*one, *other])


@given(values, st.floats(-200, 200), st.floats(-200, 200))
def test_the_frozen_nodes_keep_the_order(seen, x, y):
    low, high = sorted((x, y))
    for node in (Welford().updated(seen).standardise(X), Welford().updated(seen).clip(X)):
        assert at(node, low) <= at(node, high)
    node = Extent().updated(seen).stretch(X)
    assert 0 <= at(node, low) <= at(node, high) <= 1


@pytest.mark.parametrize("seen", [[], [2.0], [2.0, 2.0]])
def test_without_spread_it_divides_by_one(seen):
    state = Welford().updated(seen)
    assert at(state.standardise(X), 5.0) == 5.0 - state.mean
    assert at(Extent().updated(seen).stretch(X), 5.0) == 0.5


def test_a_node_does_not_move_when_the_state_goes_on():
    state = Welford().updated([0.0, 1.0])
    node = state.standardise(X)
    state.updated([100.0])
    assert at(node, 1.0) == 1.0
    with pytest.raises(FrozenInstanceError):
        state.mean = 3.0
    assert pickle.loads(pickle.dumps(state)) == state
    program = Program("frozen", node)
    assert Program.from_spec(program.spec()) == program


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.01, 1))
def test_an_ema_stays_inside_what_it_saw(seen, alpha):
    state = Ema(alpha)
    for x in seen:
        state = state.updated(x)
    assert min(seen) - 1e-12 <= state.value <= max(seen) + 1e-12
    assert state.count == len(seen)
    last = Ema(1.0)
    for x in seen:
        last = last.updated(x)
    assert last.value == seen[-1]


@pytest.mark.parametrize("state", [Welford(), Extent()])
def test_values_that_are_not_finite_are_refused(state):
    with pytest.raises(ConfigError, match="takes finite values, got nan"):
        state.updated([1.0, float("nan")])


def test_bad_states_are_named():
    with pytest.raises(ConfigError, match="Ema takes finite values"):
        Ema().updated(float("inf"))
    with pytest.raises(ConfigError, match="alpha above 0"):
        Ema(0.0)
    with pytest.raises(ConfigError, match="count and m2 of 0 or more"):
        Welford(1, 0.0, -1.0)
    with pytest.raises(ConfigError, match="finite lo <= hi"):
        Extent(2, 3.0, 1.0)
    with pytest.raises(ConfigError, match="widths must be 0 or more"):
        Welford().clip(X, -1.0)
