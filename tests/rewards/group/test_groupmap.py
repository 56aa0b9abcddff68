"""What a group node is shown, what becomes of its shares, and who drops out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest

from envgym.rewards import (
    FakeComparator,
    Gate,
    GroupNormalised,
    Program,
    ProgressDelta,
    Scale,
    Source,
    SpreadUniform,
    score,
)
from envgym.rewards.group.groupmap import Group, GroupMap, GroupUnary
from envgym.rewards.kinds import Map
from envgym.rewards.node import Node
from envgym.rewards.phases import Phase
from envgym.rewards.signal import Bounds, Scope
from envgym.types import Candidate, ConfigError, Entry

OUTCOME = Source("outcome", "episode", -1, 1)
JUDGE = Source("judge", "episode", 0, 1)
STEP = Source("x", lo=0, hi=1)


@dataclass(frozen=True)
class Shown(GroupMap):
    """Shares out the children's own values and reports all that it was shown."""

    kind: ClassVar[str] = "test.shown"

    of: tuple[Node, ...]
    scope: Scope = "episode"

    def compare(self, group: Group):
        group.report[self.key] = {
            "members": [(m.id, m.values, m.series, m.length, m.last["end"]) for m in group.members],
            "texts": [m.candidate.text for m in group.members],
            "comparators": dict(group.comparators),
            "seed": group.seed,
        }
        shares = [m.series[0] if self.scope == "step" else m.values[0] for m in group.members]
        return [None if share == -1.0 else share for share in shares]


@dataclass(frozen=True)
class Never(GroupUnary):
    """Must not be asked about an empty group."""

    kind: ClassVar[str] = "test.never"

    def over(self, values: Sequence[float]):
        raise AssertionError(values)


@dataclass(frozen=True)
class LogProbability(Map):
    """Needs the trainer."""

    kind: ClassVar[str] = "test.log_probability"
    own_phase: ClassVar[Phase] = "trainer"

    @property
    def bounds(self):
        return Bounds()


def rollout(name="a", outcome=1.0, judge=1.0, xs=(0.0, 0.25, 0.5), end="task"):
    records = [{"x": x, "end": None} for x in xs]
    records[-1] |= {"outcome": outcome, "judge": judge, "end": end}
    return Candidate(id=name, records=records, text=f"text of {name}")


def test_a_group_node_is_shown_values_series_candidates_comparators_and_the_seed():
    node = Shown((OUTCOME, STEP))
    group = [rollout("b", 0.5), rollout("a", 1.0, xs=(0, 1))]
    judges = {"judge": FakeComparator(quality={})}
    found = score(group, Program("p", node), comparators=judges, seed=7)
    assert found.report == {
        node.key: {
            "members": [
                ("a", (1.0, 1.0), ((1.0,), (1.0,)), 1, "task"),
                ("b", (0.5, 0.75), ((0.0, 0.5), (0.25, 0.5)), 2, "task"),
            ],
            "texts": ["text of a", "text of b"],
            "comparators": judges,
            "seed": 7,
        }
    }
    plain = score(group, Program("p", node)).report[node.key]
    assert (plain["seed"], plain["comparators"]) == (0, {})


def test_a_share_is_late_evidence_of_the_last_record_alone():
    node = Shown((OUTCOME,))
    (found,) = score([rollout()], Program("p", node + ProgressDelta(STEP)))
    assert found.late == {node.key: 1.0}
    assert found.settled == (0.25, 1.25)
    assert found.ledger[-1] == Entry("agent", "shown", 1, None, 1.0)


def test_a_share_per_event_is_earned_where_it_arose():
    node = Shown((STEP,), "step")
    (found,) = score([rollout(xs=(1, 0.25, 0.0, 0.5))], Program("p", 2 * node))
    assert found.late == {node.key: (0.25, 0.0, 0.5)}
    assert found.settled == (0.5, 0.0, 1.0)
    # An event that earned nothing has no entry.
    assert [(e.component, e.earned, e.value) for e in found.ledger] == [
        ("shown", 0, 0.5),
        ("shown", 2, 1.0),
    ]


def test_a_member_the_comparison_cannot_answer_for_is_dropped_by_name():
    node = Shown((OUTCOME,))
    found = score([rollout("a", -1.0), rollout("b", 0.5)], Program("p", node + JUDGE))
    assert [each.total for each in found] == [None, 1.5]
    assert found.dropped == {"a": "reward:shown"}
    assert (found[0].late, found[0].gates) == ({node.key: None}, {})
    late = [{}, {}, {node.key: None}]
    assert node.settle(late) == (None, ())
    assert node.signal(late).reason == "reward:shown"


def test_an_invalid_part_beside_the_comparison_drops_the_rollout_and_says_which():
    # Neither member is known to the comparison as invalid: one part is read before, one after.
    before = score([rollout(judge=None)], Program("p", JUDGE + Shown((OUTCOME,))))
    after = score([rollout(judge=None)], Program("p", Shown((OUTCOME,)) * JUDGE))
    assert before.dropped == after.dropped == {"a": "reward:judge"}
    assert before[0].reason == after[0].reason == "reward:judge"
    assert before.report["group:shown(outcome)"]["members"] == []


def test_a_summand_that_overflows_after_the_comparison_is_invalid_by_its_label():
    large = Source("outcome", "episode")
    found = score([rollout(outcome=1e10)], Program("p", 1e300 * Shown((large,))))
    assert (found[0].total, found[0].reason, found[0].ledger) == (None, "reward:shown", ())


def test_shares_whose_sum_no_float_holds_are_invalid_by_the_last_label():
    nodes = [Shown((OUTCOME,), name="a"), Shown((JUDGE,), name="b"), Shown((OUTCOME, JUDGE))]
    root = 1e308 * nodes[0] + 1e308 * nodes[1] + 1e308 * nodes[2]
    (found,) = score([rollout()], Program("p", root))
    assert (found.total, found.reason, found.ledger) == (None, "reward:shown", ())


def test_entries_are_booked_under_the_outermost_name_else_under_their_own():
    share = Shown((OUTCOME,))
    (named,) = score([rollout()], Program("p", Scale(share, 0.5, name="relative")))
    assert [(e.component, e.value) for e in named.ledger] == [("relative", 0.5)]
    (gated,) = score([rollout()], Program("p", Gate(JUDGE > 0.5, share, name="won")))
    assert [(e.component, e.gate) for e in gated.ledger] == [("shown", "won")]
    assert gated.gates == {"won": True}


def test_gates_beside_the_comparison_are_told():
    program = Program("p", Gate(JUDGE > 0.5, OUTCOME, name="won") + Shown((OUTCOME,)))
    (found,) = score([rollout()], program)
    assert found.gates == {"won": True}


def test_a_rollout_with_reset_alone_takes_no_part_and_is_not_read():
    empty = Candidate(id="b", records=[{"end": None}])
    found = score([rollout(), empty], Program("p", Shown((OUTCOME,)) + ProgressDelta(STEP)))
    assert found.dropped == {"b": "cut"}
    last = found[1]
    assert (last.total, last.reason, last.settled, last.ledger) == (None, None, (), ())
    assert (last.late, last.gates, last.id) == ({}, {}, "b")


def test_spread_shares_of_a_group_stay_late():
    node = SpreadUniform(GroupNormalised(OUTCOME, "dr_grpo"))
    won, lost = score([rollout("a", 1), rollout("b", 0)], Program("p", node))
    assert (won.settled, lost.settled) == ((0.25, 0.25), (-0.25, -0.25))
    assert {entry.paid for entry in won.ledger} == {None}


def test_an_empty_group_asks_nobody():
    found = score([rollout(end=None)], Program("p", Never(OUTCOME)))
    assert found.dropped == {"a": "cut"}


def test_trainer_programs_are_refused_and_equal_ids_named():
    with pytest.raises(ConfigError, match=r'^reward="p" needs log-probabilities; the trainer'):
        score([rollout()], Program("p", LogProbability(OUTCOME)))
    with pytest.raises(ConfigError, match="have the id 'b'; ids must differ"):
        score([rollout("a"), rollout("b"), rollout("b")], Program("p", OUTCOME))
