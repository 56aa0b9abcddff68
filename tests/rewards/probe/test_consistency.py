from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.consistency import JudgeConsistency, swap_agreement, transitivity_rate
from envgym.rewards.probe.examinee import Examinee
from envgym.types import Candidate, ConfigError, Match


def answer(id, text, instruction="Sort."):
    return Candidate(id=id, records=({},), instruction=instruction, text=text)


GROUP = tuple(answer(f"c{i}", str(i)) for i in range(4))


class Comparing:
    def __init__(self, rule, agreed=None):
        self.name, self.rule, self.agreed = "comparing", rule, agreed
        self.pairs = 0

    def compare(self, pairs):
        self.pairs += len(pairs)
        return [Match(p=self.rule(a, b), agreed=self.agreed, calls=1) for a, b in pairs]


def examined(rule, **more):
    return JudgeConsistency((GROUP,), **more).run(Examinee(name="j", comparator=Comparing(rule)))


def by_quality(a, b):
    return 0.5 + 0.5 * ((a.text > b.text) - (a.text < b.text))


def test_cookbook_h6():
    """Four of five pairs with one winner in both orders reach the gate of .8, three do not."""
    first, second = Match(p=1.0), Match(p=0.0)
    assert swap_agreement([first] * 5, [second] * 4 + [first]) == 0.8
    shared = [first] * 5, [second] * 3 + [first] * 2
    assert swap_agreement(*shared) == pytest.approx(0.6)
    assert JudgeConsistency((GROUP,)).least == 0.8


def test_a_fixed_quality_is_consistent():
    report = examined(by_quality)
    assert (report.metric, report.passed) == (1.0, True)
    assert (report.detail["transitivity"], report.rows[0][4]) == (1.0, 4)


def test_whoever_is_first_wins():
    report = examined(lambda a, b: 1.0)
    assert (report.metric, report.passed) == (0.0, False)
    assert report.detail["first_place_bias"] == 1.0


def test_a_tie_in_one_order_is_a_disagreement():
    assert swap_agreement([Match(p=0.5)], [Match(p=0.0)]) == 0.0
    assert swap_agreement([Match(p=0.5)], [Match(p=0.5)]) == 1.0
    assert swap_agreement([Match(p=None)], [Match(p=0.5)]) is None


def test_rock_paper_scissors():
    beats = {("0", "1"), ("1", "2"), ("2", "0")}
    report = JudgeConsistency((GROUP[:3],), least_transitivity=0.5).run(
        Examinee(name="j", comparator=Comparing(lambda a, b: float((a.text, b.text) in beats)))
    )
    assert report.metric == 1.0
    assert report.detail["transitivity"] == 0.0
    assert not report.passed


@given(
    st.dictionaries(st.sampled_from(list(combinations(range(4), 2))), st.sampled_from([-1, 0, 1]))
)
def test_transitivity_counts_cycles(beats):
    rate, triples = transitivity_rate(4, beats)

    def wins(i, j):
        return beats.get((i, j), 0) == 1 if i < j else beats.get((j, i), 0) == -1

    decided = [
        t
        for t in combinations(range(4), 3)
        if all(beats.get(pair, 0) for pair in combinations(t, 2))
    ]
    cycles = sum(
        any(wins(a, b) and wins(b, c) and wins(c, a) for a, b, c in (t, (t[0], t[2], t[1])))
        for t in decided
    )
    assert triples == len(decided)
    assert rate == (1 - cycles / triples if triples else 1.0)


def test_a_comparator_that_asks_both_orders_is_asked_once():
    both = Comparing(by_quality, agreed=True)
    report = JudgeConsistency((GROUP,)).run(Examinee(name="j", comparator=both))
    assert (report.metric, both.pairs) == (1.0, 6)
    shaky = Comparing(lambda a, b: 0.5, agreed=False)
    assert JudgeConsistency((GROUP,)).run(Examinee(name="j", comparator=shaky)).metric == 0.0


def test_contrast_instructions():
    right = {"Sort up.": "1 2", "Sort down.": "2 1"}
    contrasts = ((answer("u", "1 2", "Sort up."), answer("d", "2 1", "Sort down.")),)
    reads = JudgeConsistency((GROUP,), contrasts, least_contrast=1.0)

    def judge(a, b):
        known = right.get(a.instruction)
        return by_quality(a, b) if known is None else float(a.text == known)

    found = reads.run(Examinee(name="j", comparator=Comparing(judge)))
    assert (found.detail["contrast"], found.passed) == (1.0, True)
    blind = reads.run(Examinee(name="j", comparator=Comparing(by_quality)))
    assert (blind.detail["contrast"], blind.passed) == (0.5, False)


def test_a_judge_that_scores_is_compared_by_its_scores():
    judge = Examinee(name="j", score=lambda asked: [float(c.text) for c in asked])
    report = JudgeConsistency((GROUP,)).run(judge)
    assert (report.metric, report.passed) == (1.0, True)


def test_no_answer_is_no_agreement():
    report = examined(lambda a, b: None)
    assert (report.metric, report.passed) == (0.0, False)
    assert report.notes == ("no pair was answered in both orders",)
    assert report.detail["answered"] == 0.0


def test_bias_is_measured_among_disagreements():
    """Three pairs: one agrees, one goes to whoever is first, one to whoever is second."""
    leads = {frozenset("01"): 1.0, frozenset("02"): 0.0}

    def judge(a, b):
        return leads.get(frozenset(a.text + b.text), by_quality(a, b))

    report = JudgeConsistency((GROUP[:3],)).run(Examinee(name="j", comparator=Comparing(judge)))
    assert report.metric == pytest.approx(1 / 3)
    assert report.detail["first_place_bias"] == 0.5


def test_an_order_without_an_answer_leaves_the_pair_out():
    def judge(a, b):
        return None if (a.text, b.text) == ("1", "0") else by_quality(a, b)

    report = JudgeConsistency((GROUP[:2], GROUP[2:]), least_contrast=1.0).run(
        Examinee(name="j", comparator=Comparing(judge))
    )
    assert (report.metric, report.passed) == (1.0, True)
    assert [row[2] for row in report.rows] == [0, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: JudgeConsistency(()), "groups of two candidates"),
        (lambda: JudgeConsistency((GROUP[:1],)), "groups of two candidates"),
        (lambda: JudgeConsistency((GROUP,), least=2), "least must be 0 to 1"),
        (lambda: swap_agreement([Match(p=1.0)], []), "both orders, got 1 and 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
