"""Votes of several samples, filtered by a second judge."""

from statistics import fmean, pstdev

import pytest

from envgym.agents.judges import FakeJudge, VotingJudge, load_template
from envgym.agents.judges.verdict import Verdict
from envgym.types import ConfigError


class Listed:
    """Answers with the n-th of a list to the n-th sample."""

    name = "listed"

    def __init__(self, *answers):
        self.answers = answers

    def judge(self, questions):
        found = []
        for question in questions:
            answer = self.answers[question.sample]
            if not isinstance(answer, Verdict):
                answer = Verdict(values=(float(answer),), text=f"I say {answer}", calls=1)
            found.append(answer)
        return found


class Grading:
    """Grades a judgement by the number in it."""

    name = "grading"

    def __init__(self, grades):
        self.grades = grades

    def judge(self, questions):
        return [
            Verdict(reason="timeout")
            if (grade := self.grades[question["judgement"]]) is None
            else Verdict(values=(float(grade),), calls=1)
            for question in questions
        ]


def test_the_mean_and_its_spread(ask):
    judge = VotingJudge(Listed(7, 8, 6, 9), 4)
    verdict = judge.judge([ask("a"), ask("b")])[1]
    assert (verdict.value, verdict.calls) == (7.5, 4)
    assert verdict.spread == pytest.approx(pstdev([7, 8, 6, 9]))
    assert judge.name == "listed+votes=4"
    assert "[2] I say 6" in verdict.text


def test_samples_without_an_answer_do_not_vote(ask):
    lost = Verdict(reason="timeout", calls=1)
    assert VotingJudge(Listed(lost, 8, lost, 6), 4).judge([ask("a")])[0].value == 7.0
    nothing = VotingJudge(Listed(lost, lost), 2).judge([ask("a")])[0]
    assert (nothing.values, nothing.reason, nothing.calls) == (None, "timeout", 2)


def test_the_meta_judge_keeps_the_better_half(ask):
    grades = {"I say 7": 5, "I say 8": 9, "I say 2": None, "I say 9": 7}
    judge = VotingJudge(Listed(7, 8, 2, 9), 4, meta=Grading(grades))
    assert judge.judge([ask("a")])[0].value == 8.5
    assert judge.name.startswith("listed+votes=4+meta(grading/meta-v1-")


def test_samples_of_a_noisy_judge_differ_and_average_out(ask):
    judge = FakeJudge(quality=lambda text: 0.5, noise=0.2)
    single = [judge.judge([ask(str(n))])[0].value for n in range(60)]
    voted = [VotingJudge(judge, 9).judge([ask(str(n))])[0].value for n in range(60)]
    assert pstdev(voted) < pstdev(single) / 2
    assert fmean(voted) == pytest.approx(5.0, abs=0.3)


def test_a_rubric_votes_by_criterion(scripted):
    rubric = load_template("rubric").ask(instruction="i", transcript="t", criteria=["a", "b"])
    answers = [
        Verdict(values=(1.0, None)),
        Verdict(values=(0.0, None)),
        Verdict(values=(1.0, None)),
    ]
    verdict = VotingJudge(Listed(*answers), 3).judge([rubric])[0]
    assert verdict.values == (pytest.approx(2 / 3), None)


def test_stand_ins_stay_marked(pair):
    tie = Verdict(values=(5.0,) * 4, reason="parse")
    real = Verdict(values=(7.0, 5.0, 7.0, 5.0))
    assert VotingJudge(Listed(real, tie), 2).judge([pair("a", "b")])[0].reason == "parse"


def test_errors(ask, pair):
    with pytest.raises(ConfigError, match="samples must be at least 1, got 0"):
        VotingJudge(Listed(), 0)
    judge = VotingJudge(FakeJudge(), 2, meta=FakeJudge())
    with pytest.raises(ConfigError, match="'pairwise' cannot be filtered"):
        judge.judge([pair("a", "b")])
