import pytest

from envgym.rewards import GroupNormalised, Program, ProgressDelta, Source, score
from envgym.types import Entry

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
