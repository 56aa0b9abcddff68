import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import (
    ReduceDiscounted,
    ReduceLast,
    ReduceMean,
    ReduceMin,
    ReduceSum,
    Source,
)
from envgym.types import ConfigError

X = Source("x", lo=-1, hi=1)


def rows(*xs):
    return [{"x": 0}, *({"x": x} for x in xs)]


@pytest.mark.parametrize(
    ("node", "value", "terms"),
    [
        (ReduceSum(X), 0.75, (0.5, -0.25, 0.5)),
        (ReduceDiscounted(X, 0.5), 0.5, (0.5, -0.125, 0.125)),
        (ReduceLast(X), 0.5, (0, 0, 0.5)),
        (ReduceMean(X), 0.25, (0.5 / 3, -0.25 / 3, 0.5 / 3)),
        (ReduceMin(X), -0.25, (0, -0.25, 0)),
    ],
)
def test_every_event_earns_its_term(node, value, terms):
    got, attribution = node.settle(rows(0.5, -0.25, 0.5))
    assert got == pytest.approx(value)
    assert attribution == pytest.approx(terms)
    assert (node.phase, node.scope) == ("terminal", "episode")


@pytest.mark.parametrize("kind", [ReduceSum, ReduceDiscounted, ReduceLast, ReduceMean, ReduceMin])
@given(x=st.floats(-1, 1))
def test_l8_one_event_is_the_identity(kind, x):
    assert kind(X).settle(rows(x)) == (x, (x,))


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6))
def test_l8_discount_one_is_the_sum(xs):
    assert ReduceDiscounted(X, 1.0).settle(rows(*xs)) == ReduceSum(X).settle(rows(*xs))


def test_bounds():
    assert str(ReduceSum(X).bounds) == "[-inf, inf]"
    assert str(ReduceDiscounted(X, 0.5).bounds) == "[-2, 2]"
    assert str(ReduceMean(X).bounds) == "[-1, 1]"


def test_bad_arguments_are_named():
    with pytest.raises(
        ConfigError,
        match=r"^ReduceSum.of must be a step value; 'x' is one number per episode already\.$",
    ):
        ReduceSum(ReduceSum(X))
    with pytest.raises(ConfigError, match="gamma must be 0 to 1, got 2.0"):
        ReduceDiscounted(X, 2)
