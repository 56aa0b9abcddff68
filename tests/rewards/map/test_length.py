import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.map.length import crf, laser, length_cap
from envgym.rewards.state.schedule import Linear
from envgym.types import ConfigError

Y, L = Source("y", "episode", lo=0, hi=1), Source("n", "episode", lo=0)
FORM = Source("form", "episode", lo=0, hi=1)
FORMS = pytest.mark.parametrize("form", ["reward", "penalty", "hybrid"])
lengths = st.integers(0, 20_000)


def value(node, **last):
    return node.settle([{}, last])[0]


@pytest.mark.parametrize(
    ("form", "short", "long"),
    [("reward", 1.5, 1.0), ("penalty", 1.0, 0.5), ("hybrid", 1.5, 0.5)],
)
def test_cookbook_b10_laser(form, short, long):
    node = laser(Y, L, 1000, form)
    assert value(node, y=1, n=900) == short
    assert value(node, y=1, n=1000) == short
    assert value(node, y=1, n=1100) == long
    assert value(node, y=0, n=900) == -0.5


def test_malformed_answers_are_worst_and_their_other_signals_are_not_read():
    node = laser(Y, L, 1000, well_formed=FORM)
    assert value(node, form=0, y=None, n=None) == -1
    assert value(node, form=1, y=0, n=None) == -0.5
    assert value(node, form=1, y=1, n=10) == 1.5


@FORMS
@given(n=lengths, other=lengths)
def test_brevity_alone_pays_nothing_and_right_beats_wrong(form, n, other):
    node = laser(Y, L, 1000, form)
    assert value(node, y=0, n=n) == value(node, y=0, n=other)
    assert value(node, y=1, n=n) > value(node, y=0, n=other)
    assert value(node, y=1, n=min(n, other)) >= value(node, y=1, n=max(n, other))
    assert value(node, y=1, n=n) in node.bounds


@FORMS
@given(n=lengths)
def test_l8_no_bonus_is_the_plain_outcome(form, n):
    assert value(laser(Y, L, 1000, form, bonus=0.0), y=1, n=n) == 1


def test_laser_names_bad_arguments():
    with pytest.raises(ConfigError, match=r"unknown laser form 'reword'.*'reward'"):
        laser(Y, L, 1, "reword")
    with pytest.raises(ConfigError, match="bonus must be from 0 to below"):
        laser(Y, L, 1, "penalty", bonus=1.5)
    with pytest.raises(ConfigError, match="malformed must not exceed wrong"):
        laser(Y, L, 1, malformed=0.0)


def test_a_length_per_step_is_refused():
    for make in (lambda n: laser(Y, n, 10), lambda n: length_cap(n, 5, 10)):
        with pytest.raises(ConfigError, match="'tokens' is a step value"):
            make(Source("tokens", lo=0))


@given(lengths, lengths)
def test_cookbook_b10_cap_is_flat_then_falls_to_minus_one(n, other):
    node = length_cap(L, 12_000, 16_000)
    assert value(node, n=13_000) == pytest.approx(-0.25)
    assert value(node, n=min(n, other)) >= value(node, n=max(n, other))
    assert value(node, n=min(n, 12_000)) == 0
    assert value(node, n=16_000 + n) == -1
    assert node.directions() == ("up",)
    with pytest.raises(ConfigError, match="soft must be below hard"):
        length_cap(L, 5, 5)


def test_cookbook_b10_crf():
    c, d = Source("c", "episode", lo=0.1, hi=1), Source("d", "episode", lo=0, hi=1)
    strength = Linear(over=100, start=1.0, end=0.2)(50)
    node = crf(Y, c, d, strength)
    assert strength == pytest.approx(0.6)
    assert value(node, y=1, c=0.8, d=0.25) == pytest.approx(1.34)
    assert value(node, y=0, c=1.0, d=1.0) == 0
    assert value(crf(Y, c, d, 0.6, alpha=0.0), y=1, c=0.8, d=0.25) == 1
    with pytest.raises(ConfigError, match="strength and alpha must be 0 or more"):
        crf(Y, c, d, -1)
    with pytest.raises(ConfigError, match="'free' has"):
        crf(Y, Source("free", "episode"), d, 0.5)


def test_limits_that_are_allowed():
    assert value(laser(Y, L, 10, malformed=-0.5, well_formed=FORM), form=0, y=1, n=1) == -0.5
    unit = Source("c", "episode", lo=0, hi=1)
    assert value(crf(Y, unit, unit, 0.0), y=1, c=1.0) == 1.5
