import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.map.calibration import ppo_c, rlcr
from envgym.rewards.state.ema import Ema
from envgym.types import ConfigError

Y, Q = Source("y", "episode", lo=0, hi=1), Source("q", "episode", lo=0, hi=1)
R = Source("r", "episode")
unit = st.floats(0, 1)


def value(node, **last):
    return node.settle([{}, last])[0]


def brier(y, q):
    return value(rlcr(Y, Q), y=y, q=q)


def expected(p, q):
    return p * brier(1, q) + (1 - p) * brier(0, q)


def test_cookbook_b13():
    assert brier(1, 0.8) == pytest.approx(0.96)
    assert brier(0, 0.8) == pytest.approx(-0.64)
    assert expected(0.7, 0.7) == pytest.approx(0.49)
    assert expected(0.7, 0.9) == pytest.approx(0.45)


@given(unit, unit)
def test_rlcr_is_proper(p, q):
    assert expected(p, p) >= expected(p, q) - 1e-12


@given(unit, unit)
def test_a_right_answer_is_never_below_a_wrong_one(q, other):
    assert brier(1, q) >= brier(0, other)
    assert brier(1, q) in rlcr(Y, Q).bounds
    assert (rlcr(Y, Q).bounds.lo, rlcr(Y, Q).bounds.hi) == (-1, 1)


def test_the_penalty_is_its_own_component():
    parts = rlcr(Y, Q).explain([{}, {"y": 1, "q": 0.5}]).parts
    assert {p.component for p in parts} == {"y", "calibration"}
    assert sum(sum(p.amounts) for p in parts if p.component == "calibration") == -0.25


@pytest.mark.parametrize(("score", "expected"), [(1.2, 1.3), (0.2, 0.1)])
def test_cookbook_b14(score, expected):
    centre = Ema().updated(0.7).value
    assert value(ppo_c(R, Q, centre), r=score, q=0.9) == pytest.approx(expected)


@given(st.floats(-3, 3), unit, st.floats(-3, 3))
def test_the_bonus_has_the_sign_of_both_and_half_sure_is_the_identity(r, s, centre):
    node = ppo_c(R, Q, centre)
    assert value(node, r=r, q=0.5) == r
    bonus = value(node, r=r, q=s) - r
    assert bonus * (r - centre) * (s - 0.5) >= -1e-12


def test_scopes_do_not_mix():
    with pytest.raises(ConfigError, match="'y' is episode and 's' step"):
        rlcr(Y, Source("s", lo=0, hi=1))


def test_values_outside_the_unit_interval_are_refused():
    for make in (lambda: rlcr(Y, R), lambda: rlcr(R, Q), lambda: ppo_c(Y, R, 0.0)):
        with pytest.raises(ConfigError, match=r"must lie in \[0, 1\]; 'r'"):
            make()
