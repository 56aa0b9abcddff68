"""Confidence intervals: radii by hand, and what is ruled out."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.numeric.intervals import Intervals
from envgym.types.bandit import Outcome, Problem

PROBLEM = Problem(
    actions=41,
    horizon=10_000,
    scale=0.12,
    residuals=("gap", "service"),
    residual_scales=(0.1, 0.05),
)


def outcome(action, reward, *residuals, number=0):
    return Outcome(number, action, reward, residuals)


def test_radius_by_hand():
    """rad = c s sqrt(2 L / N), L = log(2 K T / delta), with K = 41, T = 10,000, delta = 0.05."""
    found = Intervals(PROBLEM, 1, radius=0.25)
    for number in range(4):
        found.add([outcome(7, 0.5, 0.1, -0.2, number=number)])
    assert log(2 * 41 * 10_000 / 0.05) == pytest.approx(16.6127919, abs=1e-6)
    unit = 0.25 * sqrt(2 * 16.6127919 / 4)
    assert unit == pytest.approx(0.7205205, abs=1e-6)
    assert found.radii[:, 0, 7] == pytest.approx([0.12 * unit, 0.1 * unit, 0.05 * unit], abs=1e-6)
    assert found.radii[0, 0, 7] == pytest.approx(0.0864625, abs=1e-6)
    assert found.means[:, 0, 7].tolist() == pytest.approx([0.5, 0.1, -0.2])
    assert np.isinf(found.radii[:, 0, 6]).all()


def test_no_noise_is_no_width_and_the_unseen_stays_open():
    found = Intervals(Problem(actions=3, horizon=10, scale=0.0), 1)
    found.add([outcome(0, 0.5), outcome(1, 0.4)])
    assert found.radii[0, 0].tolist() == [0.0, 0.0, np.inf]
    assert found.ruled_out().tolist() == [0.5]
    assert found.out.tolist() == [[False, True, False]]


def test_a_residual_surely_above_zero_rules_out():
    found = Intervals(Problem(actions=2, horizon=10, residuals=("g",), residual_scales=(0.0,)), 1)
    found.add([outcome(0, 1.0, 0.01)])
    assert found.ruled_out().tolist() == [1.0]
    assert found.out.tolist() == [[True, False]]


def test_only_an_action_that_is_surely_allowed_rules_out_a_worse_one():
    problem = Problem(actions=2, horizon=10, scale=0.0, residuals=("g",), residual_scales=(1.0,))
    found = Intervals(problem, 1)
    found.add([outcome(0, 1.0, 0.0), outcome(1, 0.5, 0.0)])
    assert found.ruled_out().tolist() == [0.0]
    found.add([outcome(0, 1.0, -100.0)])
    assert found.ruled_out().tolist() == [1.0]


def test_rows_that_reveal_nothing_count_nothing():
    found = Intervals(Problem(actions=2, horizon=10), 3)
    shown = Outcome(np.array([0, -1, 4]), np.array([1, 1, 0]), np.array([0.5, 9.0, 0.25]))
    found.add([shown])
    assert found.count.tolist() == [[0, 1], [0, 0], [1, 0]]
    assert found.total[0].tolist() == [[0, 0.5], [0, 0], [0.25, 0]]
    found.reset(np.array([0]))
    assert found.count.tolist() == [[0, 0], [0, 0], [1, 0]]


def test_full_feedback_counts_every_action():
    problem = Problem(actions=3, horizon=10, residuals=("g",), residual_scales=(1.0,))
    batch, one = Intervals(problem, 2), Intervals(problem, 1)
    rewards, gaps = np.array([[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]), np.zeros((2, 3))
    batch.add([Outcome(np.array([0, -1]), np.array([2, 2]), rewards, (gaps,))])
    assert batch.count.tolist() == [[1, 1, 1], [0, 0, 0]]
    assert batch.total[0].tolist() == [[0.1, 0.2, 0.3], [0, 0, 0]]
    one.add([Outcome(0, 2, rewards[0], (gaps[0],))])
    assert one.count.tolist() == [[1, 1, 1]]
    assert one.total[0].tolist() == [[0.1, 0.2, 0.3]]


@given(
    means=st.lists(st.floats(0, 1), min_size=2, max_size=6),
    gaps=st.lists(st.floats(-1, 1), min_size=6, max_size=6),
    seed=st.integers(0, 1 << 20),
)
def test_the_best_allowed_action_is_never_ruled_out_and_nothing_comes_back(means, gaps, seed):
    """With noise of the stated scale and c = 1 every mean lies within its interval."""
    count = len(means)
    problem = Problem(
        actions=count, horizon=50, scale=0.1, residuals=("g",), residual_scales=(0.1,)
    )
    allowed = [a for a in range(count) if gaps[a] <= 0]
    best = max(allowed, key=lambda a: means[a]) if allowed else None
    found = Intervals(problem, 1, radius=1.0)
    rng = np.random.default_rng(seed)
    share, out = 0.0, found.out.copy()
    for number in range(50):
        action = int(rng.integers(count))
        noise = rng.uniform(-0.1, 0.1, 2)  # averages leave the radius at seven standard deviations
        found.add(
            [outcome(action, means[action] + noise[0], gaps[action] + noise[1], number=number)]
        )
        now = float(found.ruled_out()[0])
        assert now >= share
        assert (found.out | ~out).all()
        share, out = now, found.out.copy()
    assert best is None or not found.out[0, best]
