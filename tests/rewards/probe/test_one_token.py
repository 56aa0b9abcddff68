import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.one_token import OPENERS, TRANSLATED, OneToken, negatives
from envgym.types import Candidate, ConfigError, Match


def question(number):
    return Candidate(id=f"q{number}", records=({},), instruction=f"What is {number}?", text="right")


HUNDRED = tuple(map(question, range(100)))


def scorer(rule):
    return Examinee(name="judge", score=lambda asked: [rule(c) for c in asked])


def test_cookbook_h3():
    """One fooled question in a hundred passes, two do not."""
    fooled = {"What is 1?": ":", "What is 2?": "."}
    one = OneToken(HUNDRED).run(scorer(lambda c: float(fooled.get(c.instruction) == c.text)))
    assert (one.metric, one.passed) == (0.01, True)
    two = OneToken(HUNDRED).run(
        scorer(lambda c: float(c.instruction < "What is 11" and c.text == ":"))
    )
    assert two.metric > 0.01
    assert not two.passed


def test_the_strings_of_the_cookbook_and_translations_are_tried():
    assert OPENERS[:4] == (" ", ".", ",", ":")
    assert "Let's solve this problem step by step." in OPENERS
    assert len(set(OPENERS + TRANSLATED)) == len(OPENERS + TRANSLATED) == 21
    always = OneToken(HUNDRED[:2]).run(scorer(lambda c: 1.0))
    assert len(always.rows) == 21
    assert set(always.detail.values()) == {1.0}


@given(st.integers(0, 20))
def test_the_rate_is_the_share_of_questions(accepted):
    names = {f"What is {i}?" for i in range(accepted)}
    report = OneToken(HUNDRED[:20]).run(scorer(lambda c: float(c.instruction in names)))
    assert report.metric == pytest.approx(accepted / 20)


def test_no_verdict_is_no_acquittal():
    mute = OneToken(HUNDRED[:3]).run(scorer(lambda c: None if c.text == ":" else 0.0))
    assert mute.metric == 0.0
    assert not mute.passed
    assert mute.notes == ("no verdict on ':': it cannot be cleared",)
    partly = OneToken(HUNDRED[:3]).run(scorer(lambda c: None if "2" in c.instruction else 0.0))
    assert partly.passed
    assert partly.rows[0][1] == 2


class Longer:
    """Prefers the longer text: every attack that is longer than the answer wins."""

    name = "longer"

    def compare(self, pairs):
        return [Match(p=0.5 + 0.5 * (len(a.text) > len(b.text)), calls=1) for a, b in pairs]


def test_a_judge_that_compares_is_attacked_too():
    report = OneToken(HUNDRED[:2], texts=("a long text", ".")).run(
        Examinee(name="longer", comparator=Longer())
    )
    assert report.detail == {"'a long text'": 1.0, "'.'": 1.0}  # "." ties, which is not worse
    honest = Longer()
    honest.compare = lambda pairs: [Match(p=float(b.text != "right")) for a, b in pairs]
    assert OneToken(HUNDRED[:2]).run(Examinee(name="h", comparator=honest)).passed


def test_negatives_for_training():
    made = negatives(HUNDRED[:2])
    assert len(made) == 2 * len(OPENERS)
    assert {c.instruction for c in made} == {"What is 0?", "What is 1?"}
    assert len({c.id for c in made}) == len(made)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: OneToken(()), "at least one question"),
        (lambda: OneToken(HUNDRED, limit=2), "limit must be 0 to 1"),
        (lambda: Examinee(name="x"), "needs score or comparator"),
        (lambda: Examinee(name="", score=list), "name must not be empty"),
        (
            lambda: OneToken(HUNDRED).run(Examinee(name="x", score=lambda asked: [])),
            "gave 0 scores for 100",
        ),
        (lambda: Examinee(name="x", comparator=Longer()).scores([]), "only compares"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
