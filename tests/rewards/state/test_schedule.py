"""B16: schedules."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.state.schedule import Exponential, Linear, Stepwise
from envgym.types import ConfigError

SCHEDULES = [
    Exponential(500.0, 0.3),
    Exponential(10.0, 0.0, 1.0),
    Linear(100.0, 1.0, 0.25),
    Stepwise((0.5, 0.75, 0.9), (1000.0, 2000.0)),
    Stepwise((1.0, 0.0), (10.0,)),
    Stepwise((0.5,), ()),
]


def test_cookbook_b16():
    assert Exponential(500.0, 0.3)(250) / 0.3 == pytest.approx(math.exp(-0.5))
    assert 0.3 * Exponential(500.0)(250) == pytest.approx(0.1820, abs=1e-4)
    assert Linear(100.0, 1.0, 0.0)(25) == 0.75
    assert [SCHEDULES[3](p) for p in (0, 999, 1000, 5000)] == [0.5, 0.5, 0.75, 0.9]


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(one=st.floats(0, 1e5), other=st.floats(0, 1e5))
def test_monotone_and_bounded(schedule, one, other):
    start, end = schedule(0.0), schedule(1e9)
    low, high = schedule(min(one, other)), schedule(max(one, other))
    assert min(start, end) <= low <= max(start, end)
    assert (low <= high) if start <= end else (low >= high)


@pytest.mark.parametrize("progress", [-1.0, math.inf, math.nan])
def test_progress_must_be_a_number_of_0_or_more(progress):
    with pytest.raises(ConfigError, match="Linear needs a progress of 0 or more"):
        Linear(10.0)(progress)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Exponential(0.0), "scale must be more than 0"),
        (lambda: Linear(-1.0), "over must be more than 0"),
        (lambda: Linear(1.0, math.nan), "finite numbers"),
        (lambda: Stepwise((1.0,), (1.0,)), "1 values and 1 points"),
        (lambda: Stepwise((1.0, 2.0, 3.0), (2.0, 1.0)), "must rise and be above 0"),
        (lambda: Stepwise((1.0, 3.0, 2.0), (1.0, 2.0)), "rise or fall throughout"),
    ],
)
def test_bad_schedules_are_named(make, said):
    with pytest.raises(ConfigError, match=said):
        make()
