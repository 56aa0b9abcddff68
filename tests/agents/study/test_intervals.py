"""Bootstrap intervals: known values, and how they move with their numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from envgym.agents.study.intervals import interval

NUMBERS = st.lists(st.floats(-100, 100), min_size=2, max_size=12)


def test_two_values_give_the_four_means():
    # Means of two draws from {0, 1}: 0, .5 and 1 with chances 1/4, 1/2, 1/4.
    assert interval([0.0, 1.0]) == (0.0, 1.0)


def test_it_is_the_percentile_interval_of_scipy():
    values = np.random.Generator(np.random.PCG64(5)).gamma(2.0, size=20)
    theirs = bootstrap(
        (values,), np.mean, method="percentile", n_resamples=100_000, rng=1
    ).confidence_interval
    assert interval(values) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_it_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.Generator(np.random.PCG64(1))
    hits = 0
    for _ in range(200):
        low, high = interval(rng.normal(size=30))
        hits += low <= 0.0 <= high
    assert 0.88 <= hits / 200 <= 0.98  # 95 %, a little less for small samples


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")], [1.0, float("inf")]])
def test_there_is_none_for_too_few_or_unreal_values(values):
    assert interval(values) is None


@settings(max_examples=25, deadline=None)
@given(NUMBERS, st.floats(-10, 10), st.floats(0.1, 10))
def test_it_lies_inside_and_moves_and_scales_with_the_values(values, shift, scale):
    low, high = interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    moved = interval([shift + scale * x for x in values])
    assert moved == pytest.approx((shift + scale * low, shift + scale * high), abs=1e-6)
    assert interval(values) == (low, high)
