from math import inf, nan

import pytest

from envgym.rewards import Constant, Source
from envgym.types import ConfigError, EvidenceError

STEP = Source("x", lo=0, hi=1)


def test_a_step_source_skips_the_reset_and_an_episode_source_reads_the_last():
    records = [{"x": 0.9}, {"x": True}, {"x": 0.25}]
    assert STEP.settle(records) == (1.25, (1.0, 0.25))
    assert Source("x", "episode").settle(records) == (0.25, (0.0, 0.25))
    assert (STEP.phase, Source("x", "episode").phase) == ("online", "terminal")


@pytest.mark.parametrize("value", [None, nan, inf, -inf])
def test_what_is_no_finite_number_is_invalid_and_never_zero(value):
    assert STEP.settle([{"x": 0}, {"x": value}]) == (None, ())
    signal = STEP.signal([{"x": 0}, {"x": value}])
    assert (signal.valid, signal.value, signal.reason) == (False, None, "reward:x")


def test_a_missing_key_is_named():
    with pytest.raises(EvidenceError, match=r"lacks evidence 'x'; it holds turn, y\."):
        STEP.settle([{"x": 0}, {"y": 1, "turn": 1}])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, r"evidence 'x' is 1.5, outside its declared bounds \[0, 1\]"),
        ("high", "evidence 'x' must be a number or bool, got 'high'"),
        ((1,), "must be a number or bool"),
    ],
)
def test_a_wrong_value_is_an_error_with_its_key(value, message):
    with pytest.raises(EvidenceError, match=message):
        STEP.settle([{"x": 0}, {"x": value}])


def test_rounding_over_a_bound_is_forgiven():
    assert STEP.settle([{"x": 0}, {"x": 1 + 1e-12}]) == (1.0, (1.0,))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Source(""), r"^Source.key must name a piece of evidence, got ''\.$"),
        (lambda: Source("x", lo=1, hi=0), "must not exceed hi"),
        (lambda: Source("x", "final"), "Did you mean|allowed: episode, step"),
        (lambda: Source("x", lo="0"), r"Source.lo must be a number, got '0'"),
        (lambda: Source("x", lo=nan), r"Source.lo must be a number, got nan"),
        (lambda: Constant(inf), r"Constant.amount must be finite, got inf"),
        (lambda: Constant(True), "must be a number"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_an_episode_source_has_no_value_inside_step():
    with pytest.raises(ConfigError, match="'x' .source. is terminal"):
        Source("x", "episode").step(None, {"x": 1})


def test_rounding_is_forgiven_on_both_sides_as_far_as_the_slack_and_no_further():
    zero = Source("x", "episode", 0, 0)
    assert [zero.read({"x": x}) for x in (-1e-9, -1e-12, 1e-12, 1e-9)] == [0.0] * 4
    for beyond in (-2e-9, 2e-9):
        with pytest.raises(EvidenceError, match=r"outside its declared bounds \[0, 0\]"):
            zero.read({"x": beyond})


def test_a_number_in_words_is_no_number():
    with pytest.raises(EvidenceError, match="must be a number or bool, got '0.5'"):
        STEP.read({"x": "0.5"})


@pytest.mark.parametrize(("lo", "hi"), [(inf, inf), (-inf, -inf)])
def test_bounds_that_no_number_meets_are_refused(lo, hi):
    with pytest.raises(
        ConfigError, match=f"Source.lo of 'x' must not exceed hi, got {lo} and {hi}"
    ):
        Source("x", lo=lo, hi=hi)
