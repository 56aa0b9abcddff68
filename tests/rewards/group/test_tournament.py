import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.reference import Reference
from envgym.rewards.group.tournament import Tournament
from envgym.rewards.group.win_rate import WinRate
from envgym.rewards.spec import from_spec, to_spec
from envgym.rewards.tournament.exact import ExactComparator
from envgym.rewards.tournament.fake import FakeComparator
from envgym.types import Candidate, ConfigError, Match

OUTCOME = Source("outcome", "episode", 0, 1)
FORMATS = ["anchor", "round_robin", "swiss", "single", "seeded", "double", "sparse_bt"]
EVERY = pytest.mark.parametrize("kind", FORMATS)
values = st.lists(st.integers(0, 4).map(lambda k: k / 4), max_size=9)


def rollout(id, outcome, end="task"):
    records = ({"end": None}, {"outcome": outcome, "end": end})
    return Candidate(id=id, records=records)


def group(outcomes):
    return [rollout(f"r{i}", x) for i, x in enumerate(outcomes)]


def totals(outcomes, node, **options):
    return [each.total for each in score(group(outcomes), Program("p", node), **options)]


def test_cookbook_d3_shares_in_a_program():
    node = OUTCOME + 0.5 * Tournament(OUTCOME)
    assert totals([0.25, 1.0, 0.5, 0.0], node) == pytest.approx([0.25 + 1 / 6, 1.5, 5 / 6, 0.0])
    advantages = totals([0.25, 1.0, 0.5, 0.0], Tournament(OUTCOME, advantage=True))
    assert advantages == pytest.approx([-0.387, 1.162, 0.387, -1.162], abs=1e-3)


@EVERY
@given(values, st.integers(0, 999), st.data())
def test_l4_permuting_the_rollouts_permutes_the_shares(kind, outcomes, seed, data):
    program = Program("p", Tournament(OUTCOME, kind))
    rollouts = group(outcomes)
    order = data.draw(st.permutations(rollouts))
    one = {s.id: s.total for s in score(rollouts, program, seed=seed)}
    assert {s.id: s.total for s in score(order, program, seed=seed)} == one


@EVERY
@given(values, st.integers(0, 999))
def test_l1_bounds_and_zero_sum(kind, outcomes, seed):
    q = totals(outcomes, Tournament(OUTCOME, kind), seed=seed)
    assert all(0.0 <= x <= 1.0 for x in q)
    assert sum(q) == pytest.approx(len(q) / 2)
    advantages = totals(outcomes, Tournament(OUTCOME, kind, advantage=True), seed=seed)
    assert sum(advantages) == pytest.approx(0.0, abs=1e-6)
    if len(set(outcomes)) <= 1:
        assert advantages == [0.0] * len(outcomes) and q == [0.5] * len(outcomes)


def test_invalid_and_cut_rollouts_take_no_part():
    rollouts = [*group([1.0, 0.0]), rollout("r2", None), rollout("r3", 1.0, end=None)]
    found = score(rollouts, Program("p", Tournament(OUTCOME, advantage=True)))
    assert [each.total for each in found][:2] == pytest.approx([0.7071, -0.7071], abs=1e-3)
    assert [each.total for each in found][2:] == [None, None]
    assert found.dropped == {"r2": "reward:outcome", "r3": "cut"}


def test_a_named_comparator_is_asked_and_reported():
    judge = FakeComparator(quality=OUTCOME, noise=0.0, bias=0.3)
    node = Tournament(OUTCOME, "swiss", comparator="judge")
    found = score(group([0.25, 1.0, 0.5, 0.0]), Program("p", node), comparators={"judge": judge})
    assert found[1].total == 1.0
    report = found.report[node.key]
    assert json.loads(json.dumps(report)) == report
    assert (report["node"], report["format"], report["calls"]) == ("group.tournament", "swiss", 8)
    assert report["order"][0] == "r1" and len(report["matches"]) == 4
    assert report["disagreement"] is not None and 0 <= report["confidence"] <= 1


def test_the_exact_comparator_by_name_ranks_like_no_comparator():
    outcomes = [0.3, 0.9, 0.1, 0.5, 0.7]
    plain = totals(outcomes, Tournament(OUTCOME))
    named = Tournament(OUTCOME, comparator="exact")
    assert totals(outcomes, named, comparators={"exact": ExactComparator(OUTCOME)}) == plain


def test_a_judge_that_cannot_answer_makes_a_rollout_invalid_and_not_worse():
    class Half:
        name = "half-1"

        def compare(self, pairs):
            return [
                Match(p=None, calls=2)
                if "r1" in (a.id, b.id)
                else Match(p=float(a.id < b.id), calls=2)
                for a, b in pairs
            ]

    program = Program("p", Tournament(OUTCOME, comparator="half"))
    found = score(group([0, 0, 0]), program, comparators={"half": Half()})
    assert [each.total for each in found] == [1.0, None, 0.0]
    assert found.dropped == {"r1": "reward:tournament"}


@pytest.mark.parametrize("node", [Tournament, WinRate, Reference])
def test_a_comparator_has_to_answer_every_pair_with_a_number(node):
    class Broken:
        name = "broken-1"

        def __init__(self, *matches):
            self.matches = matches

        def compare(self, pairs):
            return list(self.matches)

    program = Program("p", node(OUTCOME, comparator="j"))
    with pytest.raises(ConfigError, match="'j' must answer every pair: it was asked 1 and gave 0"):
        score(group([0, 1]), program, comparators={"j": Broken()})
    for match in (Match(p=float("nan")), Match(p=2.0), Match(p=1.0, scores=(float("inf"), 0.0))):
        found = score(group([0, 1]), program, comparators={"j": Broken(match)})
        assert [each.total for each in found] == [None, None]


def test_a_budget_of_judge_calls():
    node = Tournament(OUTCOME, "round_robin", comparator="judge", budget=8)
    judge = FakeComparator(quality=OUTCOME)
    found = score(group([0, 0.2, 0.4, 0.6]), Program("p", node), comparators={"judge": judge})
    assert found.report[node.key]["calls"] == 8
    assert found.report[node.key]["exhausted"]
    free = Tournament(OUTCOME, "round_robin", budget=1)
    assert not score(group([0, 1]), Program("p", free)).report[free.key]["exhausted"]


def test_two_tournaments_in_one_program_do_not_share_their_evidence():
    one, other = Tournament(OUTCOME), Tournament(OUTCOME, margin=0.5)
    assert one.key != other.key
    both = totals([0.0, 0.25, 1.0], one - other)
    assert both == pytest.approx([0.0 - 0.25, 0.5 - 0.25, 0.0])


def test_seeds_decide_the_draws():
    found = {
        tuple(totals([0.1, 0.2, 0.3, 0.4, 0.5], Tournament(OUTCOME, "single"), seed=seed))
        for seed in range(20)
    }
    assert len(found) > 1


def test_it_round_trips_through_json():
    node = Tournament(OUTCOME, "double", margin=0.1, comparator="judge", advantage=True)
    assert from_spec(json.loads(json.dumps(to_spec(node)))) == node
    assert node.formula == (
        "tournament(outcome, format=double, margin=0.1, comparator=judge, advantage=True)"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Tournament(OUTCOME, "knockout"), "Tournament.format: unknown value 'knockout'"),
        (lambda: Tournament(OUTCOME, margin=-0.1), "margin must be 0 or more"),
        (lambda: Tournament(OUTCOME, degree=1), "degree must be at least 2"),
        (
            lambda: totals(
                [1],
                Tournament(OUTCOME, comparator="jugde"),
                comparators={"judge": FakeComparator(quality={})},
            ),
            "'tournament' needs a comparator: unknown comparator 'jugde'; allowed: judge.*"
            "comparators={name: comparator}",
        ),
        (
            lambda: Program("p", Tournament(OUTCOME)).replay([{}, {"outcome": 1.0, "end": "x"}]),
            "Use GroupVectorEnv, or envgym.rewards.score",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=9), st.integers(0, 99))
@pytest.mark.parametrize("form", ["seeded", "single", "swiss", "double", "sparse_bt", "anchor"])
def test_equal_values_share_their_rank_whatever_the_draw(form, values, seed):
    """A bracket never lets most equals meet; luck in the draw must not pay one of them more."""
    found = totals(values, Tournament(OUTCOME, format=form), seed=seed)
    for value in set(values):
        same = {total for total, each in zip(found, values, strict=True) if each == value}
        assert max(same) - min(same) < 1e-12


def test_one_comparator_goes_by_any_name():
    judge = FakeComparator(quality={"r0": 0.0, "r1": 1.0}, noise=0.0, bias=0.0)
    program = Program("p", Tournament(OUTCOME, comparator="whoever"))
    found = score(group([0, 0]), program, comparators=judge)
    assert [each.total for each in found] == [0.0, 1.0]
    with pytest.raises(ConfigError, match="must be an instance, got the class FakeComparator"):
        score(group([0, 0]), program, comparators=FakeComparator)
    with pytest.raises(ConfigError, match="lacks 'name'"):
        score(group([0, 0]), program, comparators={"whoever": 3})
