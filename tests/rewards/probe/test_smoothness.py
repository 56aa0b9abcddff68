from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.smoothness import Smoothness, bag_distance, lipschitz_ratios
from envgym.types import Candidate, ConfigError


def pair(first, second):
    return tuple(Candidate(id=t, records=({},), text=t) for t in (first, second))


def judge(scores):
    return Examinee(name="j", score=lambda asked: [scores.get(c.text) for c in asked])


def test_cookbook_h11():
    """Scores 1 and .5 of texts a quarter apart: a slope of 2."""
    assert lipschitz_ratios([1.0, 0.5], [0.5, 0.5], [0.25, 0.5]).tolist() == [2.0, 0.0]


words = st.lists(st.sampled_from("abcd"), max_size=6).map(" ".join)


@given(words, words, words)
def test_the_distance_is_a_metric_on_bags(a, b, c):
    assert bag_distance(a, a) == 0.0
    assert 0.0 <= bag_distance(a, b) <= 1.0
    assert bag_distance(a, b) == bag_distance(b, a)
    assert bag_distance(a, c) <= bag_distance(a, b) + bag_distance(b, c) + 1e-12


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1)), min_size=1))
def test_ratios_bound_every_change(rows):
    r, q, d = zip(*rows, strict=True)
    for ratio, a, b, far in zip(lipschitz_ratios(r, q, d), r, q, d, strict=True):
        assert ratio == inf or abs(a - b) <= ratio * far + 1e-9
        assert ratio == 0.0 if a == b else ratio > 0.0


def test_a_jump_fails_and_a_constant_passes():
    pairs = (pair("the red door", "the blue door"), pair("go", "go"))
    jump = Smoothness(pairs, limit=1.0).run(
        judge({"the red door": 1.0, "go": 0.2, "the blue door": 0})
    )
    assert (jump.metric, jump.passed) == (2.0, False)
    assert (
        Smoothness(pairs)
        .run(judge(dict.fromkeys(("the red door", "the blue door", "go"), 0.4)))
        .passed
    )


def test_two_scores_of_one_text_are_infinitely_steep():
    answers = iter([0.0, 1.0])
    report = Smoothness((pair("a", "a"),)).run(
        Examinee(name="j", score=lambda asked: [next(answers) for _ in asked])
    )
    assert report.metric == inf


def test_pairs_without_an_answer():
    report = Smoothness((pair("a", "b"), pair("c", "d"))).run(judge({"a": 1.0, "b": 1.0}))
    assert report.passed
    assert report.notes == ("left out, as the judge gave no answer: 1 of the pairs",)
    assert not Smoothness((pair("c", "d"),)).run(judge({})).passed


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lipschitz_ratios([1.0], [1.0], [-1.0]), "distances must be 0 or more"),
        (lambda: lipschitz_ratios([1.0], [1.0, 2.0], [1.0]), "rewards 1, others 2"),
        (lambda: Smoothness(()).run(judge({})), "at least one pair"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
