import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import LookaheadDelta, OnInvalid, Potential, ProgressDelta, ReduceSum, Source
from envgym.types import ConfigError

X = Source("x", lo=0, hi=1)
series = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def rows(*xs, reset=0.0):
    return [{"x": reset}, *({"x": x} for x in xs)]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((0.9, 0.8, 0.95), (0.1, -0.15, 0.95)), ((0.9, 0.9, 0.9), (0, 0, 0.9))],
)
def test_cookbook_b3(scores, expected):
    total, each = LookaheadDelta(X).settle(rows(*scores))
    assert each == pytest.approx(expected)
    assert total == pytest.approx(0.9)


@given(series)
def test_lookahead_sums_to_the_first_score(scores):
    assert LookaheadDelta(X).settle(rows(*scores))[0] == pytest.approx(scores[0], abs=1e-9)


@given(series, st.floats(0, 1))
def test_progress_sums_to_last_minus_first(progress, reset):
    total, _ = ProgressDelta(X).settle(rows(*progress, reset=reset))
    assert total == pytest.approx(progress[-1] - reset, abs=1e-9)


def test_a_looping_agent_gains_with_raw_sums_and_not_with_deltas():
    once, loop = rows(0.5), rows(0.5, 0.5, 0.5, 0.5)
    assert ReduceSum(X).settle(loop)[0] > ReduceSum(X).settle(once)[0]
    for delta in (LookaheadDelta(X), ProgressDelta(X)):
        assert delta.settle(loop)[0] == delta.settle(once)[0]


def test_phases_differ():
    assert (ProgressDelta(X).phase, LookaheadDelta(X).phase) == ("online", "terminal")


def test_after_a_gap_the_difference_is_taken_to_the_last_valid_value():
    node = ProgressDelta(X)
    state, value = node.step(node.init(), {"x": 0.25})
    assert value == 0
    state, value = node.step(state, {"x": None})
    assert value is None
    state, value = node.step(state, {"x": 0.75})
    assert value == 0.5


def test_a_difference_to_an_invalid_reset_is_invalid_not_zero():
    assert ProgressDelta(X).settle(rows(0.5, reset=None)) == (None, ())
    node = ProgressDelta(X)
    assert node.step(node.init(), {"x": None})[1] is None


def test_an_episode_value_has_no_delta():
    with pytest.raises(ConfigError, match="LookaheadDelta.of must be a step value"):
        LookaheadDelta(Source("x", "episode"))


@pytest.mark.parametrize("kind", [ProgressDelta, Potential])
def test_what_stands_in_below_a_difference_is_noted(kind):
    node = kind(OnInvalid(X, "neutral"))
    records = [{**row, "end": None} for row in rows(None, 1.0)]
    settled = node.explain(records)
    assert settled.attribution == (0.5, 0.5)
    assert settled.notes() == ((0, "x", "neutral"),)
    assert ProgressDelta(node).explain(records).notes() == settled.notes()


def test_without_an_event_there_is_nothing_to_pay():
    for node in (LookaheadDelta(X), ProgressDelta(X)):
        assert node.settle(rows()) == (0.0, ())
