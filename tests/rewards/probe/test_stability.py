import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.stability import RankStability, kendall_tau
from envgym.types import Candidate, ConfigError

FOUR = tuple(Candidate(id=str(i), records=({},), text=str(i)) for i in range(4))


def judge(name, *scores, version=""):
    held = dict(zip("0123", scores, strict=True))
    return Examinee(name=name, version=version, score=lambda asked: [held[c.text] for c in asked])


def test_cookbook_h6():
    """One swapped neighbour of four answers: (5 - 1) / 6."""
    assert kendall_tau([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(2 / 3)


numbers = st.lists(st.integers(-5, 5), min_size=2, max_size=8)


@given(numbers, st.data())
def test_tau_laws(a, data):
    b = data.draw(st.lists(st.integers(-5, 5), min_size=len(a), max_size=len(a)))
    tau = kendall_tau(a, b)
    assert -1 <= tau <= 1
    assert kendall_tau(b, a) == pytest.approx(tau)
    assert kendall_tau(np.exp(a), b) == pytest.approx(tau)
    assert kendall_tau(a, a) == pytest.approx(1.0)
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert kendall_tau(np.negative(a), b) == pytest.approx(-tau)


@given(numbers, st.data())
def test_tau_is_scipys(a, data):
    from scipy import stats

    b = data.draw(st.lists(st.integers(-5, 5), min_size=len(a), max_size=len(a)))
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert kendall_tau(a, b) == pytest.approx(stats.kendalltau(a, b).statistic)


def test_versions_and_the_range_over_judges():
    old = judge("m", 0.1, 0.4, 0.6, 0.9, version="1")
    new = judge("m", 0.1, 0.4, 0.9, 0.6, version="2")
    report = RankStability(FOUR).run([old, new])
    assert report.metric == pytest.approx(2 / 3)
    assert report.passed
    assert report.detail == {"accepted.m@1": 0.5, "accepted.m@2": 0.5, "range": 0.0}
    kind = judge("kind", 0.5, 0.6, 0.7, 0.8)
    assert RankStability(FOUR).run([old, kind]).detail["range"] == 0.5
    assert (
        RankStability(FOUR).run([kind, old]).metric == RankStability(FOUR).run([old, kind]).metric
    )


def test_answers_without_a_score_are_left_out():
    partly = judge("p", 0.1, None, 0.5, 0.9)
    report = RankStability(FOUR).run([partly, judge("q", 1, 2, 3, 4)])
    assert report.metric == 1.0
    assert report.notes == ("left out, as some judge gave no score: 1 of 4 answers",)
    mute = judge("p", None, None, None, 0.9)
    assert not RankStability(FOUR).run([mute, judge("q", 1, 2, 3, 4)]).passed


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RankStability(FOUR[:1]), "two answers or more"),
        (lambda: RankStability(FOUR, least=-2), "least must be -1 to 1"),
        (lambda: RankStability(FOUR).run([judge("a", 1, 2, 3, 4)]), "two judges or more"),
        (lambda: kendall_tau([1], [1]), "at least 2 numbers"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
