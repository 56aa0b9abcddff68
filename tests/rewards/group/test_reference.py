import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.reference import Reference
from envgym.rewards.spec import from_spec, to_spec
from envgym.rewards.tournament.fake import FakeComparator
from envgym.types import Candidate, ConfigError, Match

OUTCOME = Source("outcome", "episode")
values = st.lists(st.integers(0, 4).map(float), max_size=8)
seeds = st.integers(0, 9999)


def group(outcomes):
    return [
        Candidate(id=f"r{i}", records=({}, {"outcome": x, "end": "task"}))
        for i, x in enumerate(outcomes)
    ]


def play(outcomes, node, **options):
    return score(group(outcomes), Program("p", node), **options)


def signs(outcomes, node, **options):
    return [each.total for each in play(outcomes, node, **options)]


@given(values, seeds)
def test_cookbook_d5(outcomes, seed):
    node = Reference(OUTCOME)
    found = play(outcomes, node, seed=seed)
    if len(outcomes) < 2:
        assert [each.total for each in found] == [0.0] * len(outcomes)
        return
    reference = found.report[node.key]["reference"]
    base = outcomes[int(reference[1:])]
    assert [each.total for each in found] == [float((x > base) - (x < base)) for x in outcomes]


@given(values, seeds, st.data())
def test_l4_permuting_the_rollouts_permutes_the_shares(outcomes, seed, data):
    order = data.draw(st.permutations(group(outcomes)))
    program = Program("p", Reference(OUTCOME))
    one = {s.id: s.total for s in score(group(outcomes), program, seed=seed)}
    assert {s.id: s.total for s in score(order, program, seed=seed)} == one


def test_the_reference_is_drawn_uniformly_from_the_seed():
    node = Reference(OUTCOME)
    drawn = [play([0, 1, 2], node, seed=s).report[node.key]["reference"] for s in range(300)]
    assert all(70 <= drawn.count(id) <= 130 for id in ("r0", "r1", "r2"))


class Scripted:
    """Answers by the first rollout's id."""

    name = "scripted-1"

    def __init__(self, **answers):
        self.answers = answers

    def compare(self, pairs):
        return [
            Match(p=p, calls=2, agreed=agreed)
            for p, agreed in (self.answers.get(a.id, (0.5, True)) for a, _ in pairs)
        ]


def test_a_win_in_one_order_only_is_no_win():
    node = Reference(OUTCOME, comparator="judge")
    judge = Scripted(r0=(1.0, True), r1=(1.0, False), r2=(0.5, False), r3=(0.0, True))
    runs = [play([0] * 5, node, seed=seed, comparators={"judge": judge}) for seed in range(40)]
    against_r4 = [run for run in runs if run.report[node.key]["reference"] == "r4"]
    assert [each.total for each in against_r4[0]] == [1.0, -1.0, 0.0, -1.0, 0.0]
    assert against_r4[0].report[node.key]["calls"] == 8


def test_a_one_sided_reference_says_nothing():
    outcomes = [0.0, 1.0, 1.0, 1.0]
    node = Reference(OUTCOME, one_sided=0.5)
    for seed in range(30):
        found = play(outcomes, node, seed=seed)
        report = found.report[node.key]
        if report["reference"] == "r0":
            assert report["dropped"] and [each.total for each in found] == [0.0] * 4
            assert signs(outcomes, Reference(OUTCOME), seed=seed) == [0.0, 1.0, 1.0, 1.0]
        else:
            assert not report["dropped"]
            assert [each.total for each in found] == [-1.0, 0.0, 0.0, 0.0]


def test_unanswered_is_invalid_not_a_loss():
    judge = FakeComparator(quality=OUTCOME, failures=1.0)
    found = play([0, 1], Reference(OUTCOME, comparator="j"), comparators={"j": judge})
    assert [each.total for each in found] == [None, None]
    assert set(found.dropped.values()) == {"reward:reference"}


def test_a_position_biased_judge_on_equal_rollouts_gives_zeros():
    judge = FakeComparator(quality=OUTCOME, noise=0, bias=3.0)
    assert signs([1, 1, 1], Reference(OUTCOME, comparator="j"), comparators={"j": judge}) == [0] * 3


def test_json_and_margin():
    node = Reference(OUTCOME, margin=0.2, one_sided=0.9)
    assert from_spec(json.loads(json.dumps(to_spec(node)))) == node
    assert signs([0.1, 0.2, 0.25], Reference(OUTCOME, margin=0.2)) == [0.0] * 3
    report = play([0, 1], node).report
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Reference(OUTCOME, margin=-1), "Reference.margin must be 0 or more"),
        (lambda: Reference(OUTCOME, one_sided=0), "one_sided must be more than 0 and at most 1"),
        (lambda: signs([0, 1], Reference(OUTCOME, comparator="x")), "'reference' needs a comp"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
