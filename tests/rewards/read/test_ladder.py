import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.ladder import SWE_RUNGS, Ladder
from envgym.types import ConfigError, EvidenceError


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("no_submit", -1), ("empty_patch", -0.5), ("tests_fail", 0), ("tests_pass", 1)],
)
def test_cookbook_a1(outcome, expected):
    assert Ladder("end_state").settle([{}, {"end_state": outcome}]) == (expected, (expected,))


@given(st.lists(st.floats(-5, 5), unique=True, min_size=1, max_size=6))
def test_strictly_increasing_and_in_range(values):
    rungs = tuple((f"r{i}", v) for i, v in enumerate(sorted(values)))
    node = Ladder("at", rungs)
    climbed = [node.read({"at": name}) for name, _ in rungs]
    assert all(a < b for a, b in itertools.pairwise(climbed))
    assert all(value in node.bounds for value in climbed)
    assert (node.bounds.lo, node.bounds.hi) == (climbed[0], climbed[-1])


def test_an_unknown_rung_is_named_and_none_is_invalid():
    with pytest.raises(EvidenceError, match="Did you mean 'tests_pass'"):
        Ladder("end_state").read({"end_state": "test_pass"})
    assert Ladder("end_state").settle([{}, {"end_state": None}]) == (None, ())


@pytest.mark.parametrize(
    ("rungs", "message"),
    [
        ((), "at least one pair"),
        ((("a", 0), ("b", 0)), "'b' .* not above 'a'"),
        ((("a", 1), ("b", 0)), "must rise"),
        ((("a", 0), ("a", 1)), "different names"),
    ],
)
def test_rungs_that_do_not_climb_are_refused(rungs, message):
    with pytest.raises(ConfigError, match=message):
        Ladder("x", rungs)


def test_json_and_default():
    program = Program("ladder", Ladder("end_state"))
    assert program.spec()["root"] == {"node": "read.ladder", "of": "end_state"}
    assert Program.from_spec(program.spec()) == program
    assert dict(SWE_RUNGS)["tests_fail"] == 0
    assert program.phase == "terminal"
