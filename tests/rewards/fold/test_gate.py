import pytest

from envgym.rewards import Constant, Gate, Source
from envgym.types import ConfigError

FINAL = Source("final", "episode", 0, 1)
JUDGE = Source("judge", "episode", 0, 1)


def test_the_branch_not_taken_is_never_read():
    gate = Gate(FINAL > 0.5, JUDGE, Constant(-1.0))
    assert gate.settle([{}, {"final": 0.0, "judge": None}]) == (-1.0, (-1.0,))
    assert gate.settle([{}, {"final": 1.0, "judge": None}]) == (None, ())


def test_the_condition_is_up_only_if_opening_never_costs():
    assert Gate(FINAL, JUDGE).directions() == ("up", "up", "up")
    assert Gate(FINAL, JUDGE, JUDGE).directions() == ("none", "up", "up")


def test_bounds_know_a_condition_that_is_decided():
    assert Gate(Constant(1.0), JUDGE, Constant(-5.0)).bounds == JUDGE.bounds
    assert Gate(Constant(0.0), JUDGE, Constant(-5.0)).bounds == Constant(-5.0).bounds


def test_a_step_condition_is_refused():
    with pytest.raises(
        ConfigError,
        match=r"^Gate.when must be an episode value; 'x' is a step value, so reduce it first, for "
        r"instance with ReduceLast\.$",
    ):
        Gate(Source("x"), JUDGE)
