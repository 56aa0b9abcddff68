"""What text views repeat of past rounds."""

import numpy as np
import pytest

from envgym.runtime.numeric.memory import Column, Memory
from envgym.types.bandit import Outcome, Problem

PROBLEM = Problem(
    actions=3, horizon=50, scale=0.5, residuals=("gap_residual",), residual_scales=(0.25,)
)
COLUMNS = (Column("reward"), Column("gap", "gap_residual", digits=2, sign=-1.0, shift=0.05))


def seen(number, action, reward, gap):
    return Outcome(number, action, reward, (gap,))


@pytest.fixture
def memory():
    found = Memory(PROBLEM, COLUMNS)
    found.add([seen(0, 2, 0.25, 0.01), seen(1, 0, 0.5, -0.1)])
    found.add([seen(-1, 1, 9.0, 9.0), seen(2, 2, 0.75, 0.03)])
    return found


def test_the_table(memory):
    """rad = 0.25 s sqrt(2 L / N), L = log(2 * 3 * 50 / 0.05) = 8.699515: 0.521, 0.369; gap half."""
    assert memory.table(str) == (
        "action | tries | mean reward | mean gap\n"
        "0 | 1 | 0.500 ± 0.521 | 0.15 ± 0.26\n"
        "2 | 2 | 0.500 ± 0.369 | 0.03 ± 0.18"
    )


def test_every_round(memory):
    assert memory.raw(lambda action: f"#{action}") == (
        "round 1: #2 gave reward 0.250, gap 0.04\n"
        "round 2: #0 gave reward 0.500, gap 0.15\n"
        "round 3: #2 gave reward 0.750, gap 0.02"
    )


def test_nothing_was_played():
    empty = Memory(PROBLEM, COLUMNS)
    assert empty.table(str) == empty.raw(str) == ""


def test_slates_and_vectors_are_actions_too():
    found = Memory(Problem(actions=0, horizon=10), (Column("reward"),))
    found.add([Outcome(0, (2, 1), 1.0), Outcome(1, np.array([2, 1]), 0.0)])
    found.add([Outcome(2, [1, 2], 0.5)])
    assert found.counts == {(2, 1): 2, (1, 2): 1}
    lines = found.table(str).splitlines()
    assert [line.split(" | ")[:2] for line in lines[1:]] == [["(1, 2)", "1"], ["(2, 1)", "2"]]


def test_full_feedback_shows_the_played_action():
    found = Memory(PROBLEM, COLUMNS)
    rewards, gaps = np.array([0.1, 0.2, 0.3]), np.array([0.0, -0.05, 0.1])
    found.add([Outcome(0, 1, rewards, (gaps,))])
    assert found.raw(str) == "round 1: 1 gave reward 0.200, gap 0.10"


def test_long_tables_leave_out_what_was_tried_least():
    found = Memory(Problem(actions=100, horizon=10), (Column("reward"),))
    for action in range(50):
        found.add([Outcome(0, action, 0.0)] * (1 if action < 25 else 2))
    lines = found.table(str).splitlines()
    assert len(lines) == 42
    assert lines[-1] == "(10 more actions, tried less often or longer ago)"
    # All that were tried twice, and of the rest the latest.
    assert {int(line.split(" | ")[0]) for line in lines[1:-1]} == set(range(10, 50))
