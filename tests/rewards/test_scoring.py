from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import (
    Clip,
    Gate,
    GroupNormalised,
    OnInvalid,
    Program,
    ProgressDelta,
    Source,
    score,
)
from envgym.types import Candidate, ConfigError, Entry

OUTCOME = Source("outcome", "episode", 0, 1)


def rollout(outcome, end="task"):
    return [{"progress": 0, "end": None}, {"progress": 0.5, "outcome": outcome, "end": end}]


def test_a_group_is_compared_and_its_entries_were_paid_by_no_float():
    program = Program("p", ProgressDelta(Source("progress")) + 2 * GroupNormalised(OUTCOME))
    first, *others = score([rollout(1), rollout(0), rollout(0), rollout(0)], program)
    assert first.total == pytest.approx(2.5)
    assert [s.total for s in others] == pytest.approx([0.5 - 2 / 3] * 3)
    assert first.ledger[-1] == Entry("agent", "outcome", 0, None, 2.0)
    assert first.settled == (2.5,)


def test_cut_and_invalid_rollouts_neither_count_nor_score():
    program = Program("p", GroupNormalised(OUTCOME))
    scores = score([rollout(1), rollout(0), rollout(None), rollout(0, end=None)], program)
    assert [s.total for s in scores] == [1.0, -1.0, None, None]
    assert [s.reason for s in scores] == [None, None, "reward:outcome", None]


def test_a_program_without_group_parts_scores_as_its_replay():
    program = Program("p", OUTCOME + ProgressDelta(Source("progress")))
    (scored,) = score([rollout(1)], program)
    books = program.replay(rollout(1))
    assert (scored.total, scored.settled) == (books.total, books.settled)
    assert scored.ledger == books.ledger


def test_group_nodes_nest_under_maps_gates_and_each_other():
    shifted = Clip(GroupNormalised(OUTCOME, "dr_grpo"), 0.0, 1.0)
    gated = Gate(OUTCOME > 0.5, 2 * GroupNormalised(shifted, "dr_grpo"), name="won")
    first, second, third = score([rollout(1), rollout(0), rollout(0.7)], Program("p", gated))
    # Shares 13/30, -17/30, 4/30; clipped 13/30, 0, 4/30; centred 22/90, -17/90, -5/90.
    assert first.total == pytest.approx(2 * 22 / 90)
    assert second.total == 0.0
    assert third.total == pytest.approx(2 * -5 / 90)
    assert [entry.gate for entry in first.ledger] == ["won"]
    assert (first.gates, second.gates) == ({"won": True}, {"won": False})


@pytest.mark.parametrize("size", [0, 1])
def test_empty_groups_and_groups_of_one_are_defined(size):
    found = score([rollout(1)] * size, Program("p", GroupNormalised(OUTCOME)))
    assert [each.total for each in found] == [0.0] * size
    assert not found.partial


def test_a_group_of_invalid_rollouts_has_no_totals_and_says_why():
    found = score([rollout(None), rollout(1, end=None)], Program("p", GroupNormalised(OUTCOME)))
    assert [each.total for each in found] == [None, None]
    assert found.dropped == {"0": "reward:outcome", "1": "cut"}
    assert found.partial


@given(st.permutations(range(5)), st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_the_order_of_rollouts_changes_nothing(order, outcomes):
    program = Program("p", GroupNormalised(OUTCOME, "grpo"))
    group = [Candidate(id=f"r{i}", records=rollout(x)) for i, x in enumerate(outcomes)]
    straight = {each.id: each.total for each in score(group, program)}
    mixed = {each.id: each.total for each in score([group[i] for i in order], program)}
    assert mixed == straight


def test_equal_ids_and_unlike_nodes_that_read_alike_are_refused():
    twice = [Candidate(id="a", records=rollout(1))] * 2
    with pytest.raises(ConfigError, match="two rollouts of a group have the id 'a'"):
        score(twice, Program("p", OUTCOME))
    other = Source("outcome", "episode", -1, 1)
    with pytest.raises(ConfigError, match="read alike, 'rloo\\(outcome\\)', but differ"):
        Program("p", GroupNormalised(OUTCOME) + GroupNormalised(other))


def test_infinite_values_are_invalid_before_they_are_compared():
    program = Program("p", GroupNormalised(1e308 * Source("outcome", "episode")))
    found = score([rollout(1e10), rollout(1)], program)
    assert [each.reason for each in found] == ["reward:outcome", None]


def test_outside_a_group_a_share_is_refused_by_name():
    node = GroupNormalised(OUTCOME)
    with pytest.raises(ConfigError, match="use GroupVectorEnv, or envgym.rewards.score"):
        node.settle(rollout(1))
    share = {**rollout(1)[-1], node.key: 0.25}
    assert node.settle([rollout(1)[0], share]) == (0.25, (0.25,))


def test_a_group_sum_that_overflows_is_invalid():
    share = GroupNormalised(Source("outcome", "episode"))
    won, lost = score([rollout(1.0), rollout(0.0)], Program("p", 1e308 * share + 1e308 * share))
    assert (won.total, lost.total) == (None, None)
    assert won.reason == lost.reason == "reward:outcome"
    assert won.settled == (0.0,)


def test_a_signal_replaced_below_a_comparison_is_logged():
    program = Program("p", GroupNormalised(OnInvalid(OUTCOME, "floor")))
    won, lost = score([rollout(1.0), rollout(None)], program)
    assert lost.ledger == (
        Entry("agent", "outcome", 0, None, -1.0, None, {"invalid": {"outcome": "floor"}}),
    )
    assert won.ledger[0].note is None
    assert fsum(entry.value for entry in lost.ledger) == lost.total
