import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, ReduceMin, Source
from envgym.rewards.reduce.softmin import (
    ReduceSoftmin,
    less_step_baseline,
    plus_verifiable,
    softmin_rewards,
)
from envgym.types import ConfigError

P = Source("p", lo=-1, hi=1)
NODE = ReduceSoftmin(P)
scores = st.lists(st.floats(-1, 1), min_size=1, max_size=8)


def rows(*xs):
    return [{"p": 0}, *({"p": x} for x in xs)]


def test_cookbook_c8():
    total, each = NODE.settle(rows(0.9, 0.8, -0.6, 0.7))
    assert total == pytest.approx(-0.6, abs=1e-3)
    assert each[2] == pytest.approx(-0.6, abs=1e-3)


@given(scores)
def test_it_lies_between_the_minimum_and_the_mean_and_near_the_minimum(xs):
    total, _ = NODE.settle(rows(*xs))
    assert min(xs) - 1e-12 <= total <= sum(xs) / len(xs) + 1e-12
    assert total - min(xs) <= 0.1 * (len(xs) - 1) / math.e + 1e-12
    assert total in NODE.bounds


@given(scores, st.integers(1, 5))
def test_repeating_good_steps_gains_at_most_the_gap(xs, more):
    worst = min(xs)
    longer = [*xs, *[1.0] * more]
    gap = 0.1 * (len(longer) - 1) / math.e
    assert NODE.settle(rows(*longer))[0] <= worst + gap + 1e-12


@given(st.floats(-1, 1))
def test_l8_one_event_is_the_identity(x):
    assert NODE.settle(rows(x)) == (x, (x,))


def test_no_direction_is_promised_as_raising_a_step_can_lower_it():
    cold = ReduceSoftmin(P, 1.0)
    low = cold.settle(rows(-1.0, 1.0))[0]
    assert any(cold.settle(rows(-1.0, x))[0] > low for x in (0.0, 0.2, 0.4))
    assert Program("p", NODE).monotone == {"p": "none"}


@given(scores)
def test_a_cold_softmin_is_the_minimum(xs):
    cold = ReduceSoftmin(P, 1e-9)
    assert cold.settle(rows(*xs))[0] == pytest.approx(ReduceMin(P).settle(rows(*xs))[0], abs=1e-6)


def test_a_temperature_must_be_positive():
    with pytest.raises(ConfigError, match="temperature must be more than 0"):
        ReduceSoftmin(P, 0.0)


# The trainer's side.

tables = st.lists(
    st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=4, max_size=4),
    min_size=1,
    max_size=5,
)


def split(table):
    return np.array([[x for x, _ in r] for r in table]), np.array(
        [[m for _, m in r] for r in table]
    )


@given(tables)
def test_arrays_equal_the_node_and_l9_padding_changes_nothing(table):
    values, mask = split(table)
    rewards = softmin_rewards(values, mask)
    for row, valid, got in zip(values, mask, rewards, strict=True):
        if valid.any():
            assert got[valid] == pytest.approx(NODE.settle(rows(*row[valid]))[1], abs=1e-12)
        assert np.all(got[~valid] == 0)
    noisy = np.where(mask, values, np.nan)
    assert np.array_equal(softmin_rewards(noisy, mask), rewards)
    assert np.array_equal(less_step_baseline(noisy, mask), less_step_baseline(values, mask))


@given(tables, st.randoms(use_true_random=False))
def test_l4_the_baseline_is_equivariant_and_never_sees_its_own_rollout(table, shuffler):
    values, mask = split(table)
    order = list(range(len(values)))
    shuffler.shuffle(order)
    out = less_step_baseline(values, mask)
    assert less_step_baseline(values[order], mask[order]) == pytest.approx(out[order], abs=1e-12)
    other = values.copy()
    other[0] += 0.5
    shift = less_step_baseline(other, mask)[0] - out[0]
    counted = (mask.any(axis=1)).sum() >= 2
    assert shift[mask[0]] == pytest.approx(0.5 if counted else 0.0)


def test_leave_one_out_by_hand():
    rewards = [[1.0, 0.0], [0.25, 9.0]]
    out = less_step_baseline(rewards, [[1, 1], [1, 0]])
    assert out.tolist() == [[0.75, -0.25], [-0.25, 0.0]]


def test_the_verified_outcome_lands_on_the_last_step_and_is_centred():
    mask = [[1, 1, 0], [1, 1, 1], [1, 0, 0]]
    out = plus_verifiable(np.zeros((3, 3)), mask, [1, 0, 0])
    assert out.tolist() == [[0, 1, 0], [0, 0, -0.5], [-0.5, 0, 0]]
    assert np.all(plus_verifiable(np.zeros((3, 3)), mask, [1, 1, 1]) == 0)
    assert plus_verifiable(np.zeros((3, 3)), mask, [1, 0, 0], 0.5)[0, 1] == 0.5


def test_l2_degenerate_groups():
    assert softmin_rewards(np.zeros((0, 3)), np.zeros((0, 3), bool)).shape == (0, 3)
    assert np.all(less_step_baseline([[1.0]], [[1]]) == 0)
    assert np.all(less_step_baseline([[1.0], [2.0]], [[1], [0]]) == 0)
    assert plus_verifiable([[1.0]], [[1]], [0]).tolist() == [[1.0]]
    assert np.all(less_step_baseline([[1.0], [2.0]], [[0], [0]]) == 0)


def test_bad_arrays_are_named():
    with pytest.raises(ConfigError, match=r"got \(1, 2\) and \(1, 1\)"):
        softmin_rewards([[1, 2]], [[True]])
    with pytest.raises(ConfigError, match="finite scores"):
        less_step_baseline([[np.inf]], [[True]])
    with pytest.raises(ConfigError, match="temperature"):
        softmin_rewards([[1.0]], [[True]], 0)
    with pytest.raises(ConfigError, match="one 0 or 1 per rollout"):
        plus_verifiable([[1.0]], [[True]], [0.5])


def test_every_rollout_is_weighted_by_itself_and_compared_with_the_others():
    mask = [[1, 1], [1, 1], [1, 0], [0, 0]]
    warm = softmin_rewards([[0.0, math.log(2)], [1.0, 1.0], [0.5, 9], [9, 9]], mask, 1.0)
    expected = [[0.0, math.log(2) / 3], [0.5, 0.5], [0.5, 0.0], [0.0, 0.0]]
    assert warm == pytest.approx(np.array(expected))
    assert warm.dtype == less_step_baseline([[1], [2]], [[1], [1]]).dtype == np.float64
    # Means 2, 1, 6 and none: the others' means are 3.5, 4 and 1.5.
    out = less_step_baseline([[1, 3], [1, 1], [6, 9], [9, 9]], mask)
    assert out.tolist() == [[-2.5, -0.5], [-3.0, -3.0], [4.5, 0.0], [0.0, 0.0]]
    verified = plus_verifiable([[1, 1], [2, 2], [3, 3], [4, 4]], mask, [1, 0, 0, 1])
    assert verified.tolist() == [[1.0, 2.0], [2.0, 1.5], [2.5, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: softmin_rewards([1], [1]), r"^softmin_rewards needs scores and mask"),
        (lambda: less_step_baseline([1], [1]), r"^less_step_baseline needs scores and mask"),
        (lambda: plus_verifiable([1], [1], [1]), r"^plus_verifiable needs scores and mask"),
        (
            lambda: plus_verifiable([[1]], [[1]], [2]),
            r"^plus_verifiable.correct must be one 0 or 1 per rollout, got \[2\] for 1\.$",
        ),
    ],
)
def test_the_function_that_was_called_is_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
