"""The tree with live values."""

import pytest

from envgym.rewards import Gate, Program, ProgressDelta, ReduceSum, Source
from envgym.rewards.tracing import trace
from envgym.types import ConfigError

OUTCOME = Source("outcome", "episode", 0, 1)
STEPS = ReduceSum(ProgressDelta(Source("progress", lo=0, hi=1)))
PROGRAM = Program("p", OUTCOME + Gate(OUTCOME > 0.5, STEPS, Source("bonus", "episode"), name="g"))


def records(outcome, end="task"):
    last = {"progress": 1.0, "outcome": outcome, "bonus": None, "end": end}
    return [{"progress": 0.0, "end": None}, {"progress": 0.25, "end": None}, last]


def by_formula(found):
    return {each.formula: each for each in found}


def test_values_at_a_step_and_gates():
    found = by_formula(trace(PROGRAM, records(1.0), 1))
    gate = next(each for each in found.values() if each.gate is not None)
    assert gate.gate is True
    assert (gate.here, gate.whole) == (0.75, 1.0)
    assert found["delta(progress)"].here == 0.75
    assert found["outcome"].here == 1.0
    assert found["bonus"].why == "not read"
    first = by_formula(trace(PROGRAM, records(1.0), 0))
    assert (first["outcome"].here, first["outcome"].whole) == (0.0, 1.0)
    assert first["delta(progress)"].here == 0.25


def test_depth_follows_the_tree():
    found = trace(PROGRAM, records(1.0), 0)
    assert [each.depth for each in found] == [0, 1, 1, 2, 3, 2, 3, 4, 2]


def test_before_the_end_only_online_nodes_speak():
    found = by_formula(trace(PROGRAM, records(1.0, end=None), 1))
    assert found["delta(progress)"].here == 0.75
    assert (found["outcome"].here, found["outcome"].why) == (None, "not yet")


def test_an_invalid_branch_is_named():
    found = trace(PROGRAM, records(0.0), 1)
    assert found[0].why == "invalid: bonus"
    assert next(each for each in found if each.formula == "bonus").here is None
    closed = next(each for each in found if each.gate is not None)
    assert closed.gate is False


def test_an_event_that_is_not_there():
    with pytest.raises(ConfigError, match="event must be from 0 to 1, got 2"):
        trace(PROGRAM, records(1.0), 2)


def test_an_online_node_is_read_up_to_the_event():
    program = Program("p", ProgressDelta(Source("progress")))
    later = [{"progress": x, "end": None} for x in (0.0, 0.25, None)]
    first, below = trace(program, later, 0)
    assert (first.here, first.whole, first.why) == (0.25, None, "invalid: progress")
    assert below.here == 0.25
    assert trace(program, later, 1)[0].here is None
