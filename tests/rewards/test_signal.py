from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds

ends = st.floats(-10, 10)
intervals = st.tuples(ends, ends).map(lambda p: Bounds(min(p), max(p)))


@given(intervals, intervals, st.floats(0, 1), st.floats(0, 1))
def test_arithmetic_holds_every_result(a, b, s, t):
    # Interpolating from both ends never leaves the interval by rounding.
    x = min(max(a.lo * (1 - s) + a.hi * s, a.lo), a.hi)
    y = min(max(b.lo * (1 - t) + b.hi * t, b.lo), b.hi)
    assert x + y in a + b
    assert x - y in a - b
    assert x * y in a * b
    assert x in a.hull(b)
    assert -2 * x in a.scaled(-2)


def test_infinite_ends_never_make_nan():
    free, unit = Bounds(), Bounds(0, 1)
    assert free * Bounds(0, 0) == Bounds(0, 0)
    assert free - free == free
    assert unit.over_steps() == Bounds(0, inf)
    assert Bounds(-1, 0).over_steps() == Bounds(-inf, 0)
    assert not free.finite
    assert str(unit) == "[0, 1]"


@pytest.mark.parametrize(("lo", "hi", "expected"), [(0.2, 0.4, (0.2, 0.4)), (2, 3, (2, 2))])
def test_clipped(lo, hi, expected):
    assert Bounds(lo, hi).clipped(0, 2) == Bounds(*expected)
