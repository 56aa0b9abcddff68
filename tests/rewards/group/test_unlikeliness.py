import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds, Program, Source, score
from envgym.rewards.group.unlikeliness import Unlikeliness, unlikeliness
from envgym.types import ConfigError

RIGHT = Source("right", "episode", 0, 1)
LIKELY = Source("mean_logprob", "episode", hi=0)
rows = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([-0.1, -0.5, -0.9, -2.0])), min_size=1, max_size=8
)


def test_cookbook_b12():
    out = unlikeliness([1, 1, 0, 1], [-0.2, -0.9, -0.5, -0.4])
    assert out == pytest.approx([0.8125, 1, 0, 0.875])


@given(rows, st.floats(0, 1))
def test_the_range_and_that_a_return_of_zero_stays_zero(rows, beta):
    returns, likely = zip(*rows, strict=True)
    for r, x in zip(returns, unlikeliness(returns, likely, beta), strict=True):
        assert (1 - beta) * r <= x <= r


@given(rows)
def test_among_equal_returns_the_less_likely_earns_more(rows):
    likely = [lp for _, lp in rows]
    out = unlikeliness([1.0] * len(rows), likely)
    for a, x in zip(likely, out, strict=True):
        for b, y in zip(likely, out, strict=True):
            assert (x > y) if a < b else (x == y) if a == b else (x < y)


@given(rows)
def test_l8_beta_zero_is_the_identity(rows):
    returns, likely = zip(*rows, strict=True)
    assert unlikeliness(returns, likely, 0.0).tolist() == list(returns)


@given(rows)
def test_the_node_shares_the_kernel(rows):
    program = Program("p", Unlikeliness(RIGHT, LIKELY, 0.5))
    ends = [{"right": r, "mean_logprob": lp, "end": "task"} for r, lp in rows]
    result = score([[{"end": None}, end] for end in ends], program)
    expected = unlikeliness(*zip(*rows, strict=True), 0.5)
    assert [each.total for each in result] == expected.tolist()


def test_l2_degenerate_groups():
    assert unlikeliness([], []).tolist() == []
    assert unlikeliness([1], [-0.5]).tolist() == [1]
    assert unlikeliness([1, 1], [-0.5, -0.5]).tolist() == [1, 1]


def test_bounds_and_limits():
    of = Source("right", "episode", 0.5, 2)
    assert Unlikeliness(of, LIKELY).bounds == Bounds(0.375, 2)
    assert Unlikeliness(of, LIKELY, 1.0).bounds == Bounds(0, 2)
    assert unlikeliness([1, 1], [-0.5, -0.1], 1.0).tolist() == [1.0, 0.5]
    assert str(Unlikeliness(of, LIKELY)) == "unlikeliness(right, mean_logprob, 0.25)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unlikeliness([-1], [0]), "returns of at least 0"),
        (lambda: unlikeliness([1], [0, 1]), "must have one length"),
        (lambda: unlikeliness([1], [float("nan")]), "logprobs must be finite"),
        (lambda: unlikeliness([1], [0], 1.5), r"beta must be in \[0, 1\]"),
        (lambda: Unlikeliness(Source("x", "episode"), LIKELY), "reward of at least 0; 'x'"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
