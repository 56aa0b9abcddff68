import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.cheapness import PriceWindow, cheapness, router_r1
from envgym.rewards.source import Source
from envgym.types import ConfigError

COST = Source("cost", "episode", lo=0)
FORM, RIGHT, SCORE = (Source(key, "episode", 0, 1) for key in ("form", "right", "score"))
price = st.floats(0, 1e6)
unit = st.floats(0, 1)


def cheap(cost, lo=1.0, hi=9.0):
    return cheapness(COST, lo, hi).settle([{}, {"cost": cost}])[0]


def routed(alpha, paying=None, **last):
    program = router_r1(FORM, RIGHT, cheapness(COST, 1, 9), alpha, score=paying)
    return program.settle([{}, last])[0]


def test_cookbook_a13():
    # The window of square roots is [1, 3].
    assert cheap(4.0) == pytest.approx(0.5)
    assert PriceWindow().updated([1.0] * 10 + [9.0] * 10).bounds() == (1.0, 9.0)
    assert routed(0.5, form=1, right=1, cost=4.0) == pytest.approx(0.75)
    assert routed(0.5, form=0, right=1, cost=4.0) == -1
    assert routed(0.5, form=1, right=0, cost=0.0) == 0


@given(price, price, price, price)
def test_cheapness_falls_and_stays_in_range(a, b, lo, hi):
    (a, b), (lo, hi) = sorted((a, b)), sorted((lo, hi))
    assert 1 >= cheap(a, lo, hi) >= cheap(b, lo, hi) >= 0
    if hi - lo > 1e-3:
        assert cheap(lo, lo, hi) == pytest.approx(1)
        assert cheap(hi, lo, hi) == pytest.approx(0, abs=1e-9)


@given(unit, unit, price, price)
def test_cost_never_pays_on_a_wrong_answer_or_bad_format(alpha, form, one, other):
    assert routed(alpha, form=form, right=0, cost=one) == routed(
        alpha, form=form, right=0, cost=other
    )
    assert routed(alpha, form=0, right=1, cost=one) == -1


@given(unit, price)
def test_alpha_zero_ignores_the_cost_and_a_score_may_differ(score, cost):
    assert routed(0.0, SCORE, form=1, right=1, score=score, cost=cost) == pytest.approx(score)
    assert routed(1.0, SCORE, form=1, right=1, score=score, cost=cost) == pytest.approx(cheap(cost))


def test_flat_and_empty_windows_say_half():
    assert cheap(3.0, 2.0, 2.0) == 0.5
    assert PriceWindow().bounds() == (0.0, 0.0)
    assert PriceWindow((1.0, 4.0)).bounds(0, 100) == (1.0, 4.0)
    assert PriceWindow().cheapness(COST).settle([{}, {"cost": 7.0}])[0] == 0.5
    assert PriceWindow((4.0,)).cheapness(COST).settle([{}, {"cost": 7.0}])[0] == 0.5


@given(st.lists(price, max_size=12), st.lists(price, max_size=12))
def test_the_window_is_a_value_that_keeps_the_last(first, second):
    window = PriceWindow(size=5)
    later = window.updated(first).updated(second)
    assert window.prices == ()
    assert later == window.updated(first + second)
    assert later.prices == tuple((first + second)[-5:])
    if later.prices:
        roots = np.sqrt(later.prices)
        expected = np.percentile(roots, [5, 95]) ** 2
        assert later.bounds() == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cheapness(COST, 2, 1), "0 <= lo <= hi, got 2 and 1"),
        (lambda: cheapness(COST, -1, 1), "0 <= lo <= hi"),
        (lambda: cheapness(COST, 0, float("inf")), "0 <= lo <= hi"),
        (lambda: PriceWindow((float("nan"),)), "finite and 0 or more, got nan"),
        (lambda: PriceWindow((1.0, 2.0), size=1), "1 at most, got 2"),
        (lambda: PriceWindow(size=0), "size must be 1 or more"),
        (lambda: PriceWindow((1.0,)).bounds(95, 5), "0 <= low <= high <= 100"),
        (lambda: router_r1(FORM, RIGHT, cheapness(COST, 1, 9), 2), "alpha must be in"),
        (lambda: router_r1(FORM, RIGHT, COST, 0.5), r"router_r1.cheap must lie in \[0, 1\]"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_the_program_survives_json():
    program = Program("router", router_r1(FORM, RIGHT, PriceWindow((1, 9)).cheapness(COST), 0.3))
    assert Program.from_spec(program.spec()) == program
