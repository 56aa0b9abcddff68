import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import GroupNormalised, Program, Source, score
from envgym.rewards.group.win_rate import Opponents, WinRate
from envgym.rewards.spec import from_spec, to_spec
from envgym.rewards.tournament.fake import FakeComparator
from envgym.types import Candidate, ConfigError

OUTCOME = Source("outcome", "episode")
values = st.lists(st.integers(-8, 8).map(lambda k: k / 4), max_size=8)


def group(outcomes):
    return [
        Candidate(id=f"r{i}", records=({}, {"outcome": x, "end": "task"}))
        for i, x in enumerate(outcomes)
    ]


def rates(outcomes, node, **options):
    return [each.total for each in score(group(outcomes), Program("p", node), **options)]


def test_cookbook_d4():
    assert rates([0.9, 0.5, 0.5, 0.1], WinRate(OUTCOME)) == [1.0, 0.5, 0.5, 0.0]


@given(values, st.booleans())
def test_range_and_sum(outcomes, soft):
    found = rates(outcomes, WinRate(OUTCOME, soft=soft))
    assert all(0.0 <= r <= 1.0 for r in found)
    assert sum(found) == pytest.approx(len(outcomes) / 2)


@given(values)
def test_an_increasing_map_changes_nothing(outcomes):
    node = WinRate(OUTCOME)
    assert rates([x**3 + 2 * x - 7 for x in outcomes], node) == rates(outcomes, node)


@given(st.integers(1, 8), st.booleans())
def test_equal_rollouts_and_one_alone_get_a_half(size, soft):
    assert rates([0.3] * size, WinRate(OUTCOME, soft=soft)) == [0.5] * size


@given(values, st.booleans(), st.data())
def test_l4_permuting_the_rollouts_permutes_the_rates(outcomes, soft, data):
    program = Program("p", WinRate(OUTCOME, soft=soft))
    order = data.draw(st.permutations(group(outcomes)))
    one = {s.id: s.total for s in score(group(outcomes), program)}
    assert {s.id: s.total for s in score(order, program)} == pytest.approx(one)


def test_soft_is_the_sigmoid_of_the_gap():
    found = rates([1.0, 0.0], WinRate(OUTCOME, soft=True, scale=0.5))
    assert found == pytest.approx([0.8808, 0.1192], abs=1e-4)
    assert rates([1e4, -1e4], WinRate(OUTCOME, soft=True)) == pytest.approx([1.0, 0.0])
    assert rates([1e4, 0.0], WinRate(OUTCOME, soft=True, scale=1e12)) == pytest.approx([0.5, 0.5])


def test_a_cycle_of_a_judge_ends_even():
    judge = FakeComparator(
        quality=dict.fromkeys(["r0", "r1", "r2"], 0.0), noise=0, cycle=("r0", "r1", "r2")
    )
    node = WinRate(OUTCOME, comparator="judge")
    found = score(group([0, 0, 0]), Program("p", node), comparators={"judge": judge})
    assert [each.total for each in found] == [0.5, 0.5, 0.5]
    assert found.report[node.key]["calls"] == 6
    assert json.loads(json.dumps(found.report)) == found.report


def test_unanswered_pairs_do_not_count_and_nobody_answered_is_invalid():
    judge = FakeComparator(quality=OUTCOME, failures=1.0)
    node = WinRate(OUTCOME, comparator="judge")
    found = score(group([0, 1]), Program("p", node), comparators={"judge": judge})
    assert [each.total for each in found] == [None, None]
    assert set(found.dropped.values()) == {"reward:win_rate"}


def test_ties_within_the_margin():
    assert rates([0.9, 0.85, 0.1], WinRate(OUTCOME, margin=0.1)) == [0.75, 0.75, 0.0]


def test_past_opponents_are_an_explicit_queue():
    queue = Opponents(size=3).updated([0.1, 0.2]).updated([0.8, 0.6])
    assert queue.values == (0.2, 0.8, 0.6)
    node = queue.win_rate(OUTCOME)
    # 0.5 loses to 0.7, beats 0.2: 1 of 4; 0.7 beats 0.5, 0.2 and 0.6: 3 of 4.
    assert rates([0.5, 0.7], node) == [0.25, 0.75]
    assert rates([0.6], node) == [0.5]  # 0.2 beaten, 0.8 not, 0.6 equal
    assert Opponents(2).updated([]).values == ()
    assert from_spec(json.loads(json.dumps(to_spec(node)))) == node


def test_it_is_normalised_like_a_reward():
    node = GroupNormalised(WinRate(OUTCOME), "dr_grpo")
    assert rates([0.9, 0.5, 0.5, 0.1], node) == [0.5, 0.0, 0.0, -0.5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: WinRate(OUTCOME, scale=0), "WinRate.scale must be more than 0, got 0"),
        (lambda: WinRate(OUTCOME, margin=-1), "WinRate.margin must be 0 or more"),
        (lambda: WinRate(OUTCOME, comparator="j", past=(1.0,)), "cannot judge; leave one"),
        (lambda: Opponents(0), "size must be at least 1, got 0"),
        (lambda: Opponents(1, (1.0, 2.0)), "holds 2 values, more than size=1"),
        (lambda: rates([1, 0], WinRate(OUTCOME, comparator="j")), "'win_rate' needs a comparator"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
