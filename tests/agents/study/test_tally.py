"""Tally: sums, tails and marks against plain loops; early ends; invalid actions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.study.tally import Tally, marks_of

NONE = np.zeros(2, bool)


def facts(expected, violation=0.0, share=0.5):
    return {
        "expected": np.asarray(expected),
        "violation": violation,
        "utility": np.asarray(expected) + 1,
        "shortfall": 1.0 - np.asarray(expected),
        "share": np.full(len(expected), share),
        "turn": np.ones(len(expected)),
        "word": np.array(["a"] * len(expected)),
    }


def test_sums_tails_marks_and_pulls():
    tally = Tally(2, 10, 3)
    for t in range(10):
        done = np.full(2, t == 9)
        left = tally.add(t, facts([t, 2.0 * t], 0.5), np.array([t % 3, 2]), done, None)
        assert left is (t < 9)
    found = tally.totals((7, 8), 1.5)
    assert set(found.sums) == {
        "expected", "violation", "utility", "shortfall", "share", "infeasible"
    }  # fmt: skip
    assert found.sums["expected"].tolist() == [45.0, 90.0]
    assert found.sums["violation"].tolist() == [5.0, 5.0]
    assert found.sums["infeasible"].tolist() == [10.0, 10.0]
    assert found.tails["expected"].tolist() == [8 + 9, 2 * 17]  # the last fifth: two rounds
    assert found.tail_rounds.tolist() == [2, 2] and found.rounds.tolist() == [10, 10]
    assert found.pulls.tolist() == [[4, 3, 3], [0, 0, 10]]
    assert found.marks.tolist() == list(range(1, 11))
    assert found.curves["expected"][:, 0].tolist() == np.arange(10).cumsum().tolist()
    assert found.paths["share"].tolist() == [[0.5, 0.5]] * 10
    assert found.seeds == (7, 8) and found.seconds == 1.5


def test_what_comes_after_an_early_end_does_not_count():
    tally = Tally(2, 5, 2)
    for t in range(5):
        done = np.array([t == 1, t == 4])
        tally.add(t, facts([1.0, 1.0], 1.0), np.array([0, 1]), done, None)
    found = tally.totals((0, 1), 0.0)
    assert found.rounds.tolist() == [2, 5] and found.tail_rounds.tolist() == [0, 1]
    assert found.sums["expected"].tolist() == [2.0, 5.0]
    assert found.tails["expected"].tolist() == [0.0, 1.0]
    assert found.pulls.tolist() == [[2, 0], [0, 5]]
    assert found.curves["violation"][:, 0].tolist() == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_when_all_end_early_the_last_sums_are_repeated():
    tally = Tally(2, 4, 0)
    assert tally.add(0, facts([1.0, 2.0]), np.zeros((2, 3)), NONE, None)
    assert not tally.add(1, facts([1.0, 2.0]), np.zeros((2, 3)), ~NONE, None)
    found = tally.totals((0, 1), 0.0)
    assert found.curves["expected"].tolist() == [[1.0, 2.0], [2.0, 4.0], [2.0, 4.0], [2.0, 4.0]]
    assert found.pulls.shape == (2, 0)


def test_invalid_actions_are_counted_and_pull_nothing():
    tally = Tally(2, 2, 2)
    tally.add(0, facts([0.0, 0.0]), np.array([9, 1]), NONE, np.array([True, False]))
    found = tally.totals((0, 1), 0.0)
    assert found.errors.tolist() == [1, 0] and found.pulls.tolist() == [[0, 0], [0, 1]]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 100_000), st.integers(0, 5_000))
def test_marks_rise_from_1_to_the_horizon_and_hold_every_generation(horizon, period):
    marks = marks_of(horizon, period)
    assert marks[0] == 1 and marks[-1] == horizon and (np.diff(marks) > 0).all()
    if period:
        assert set(range(period, horizon + 1, period)) <= set(marks.tolist())
        assert len(marks) <= 200 + horizon // period
    else:
        assert len(marks) <= 200


@pytest.mark.parametrize(("horizon", "rounds"), [(1, 1), (2, 1), (5, 1), (10, 2), (1000, 200)])
def test_the_tail_is_a_fifth_and_never_empty(horizon, rounds):
    tally = Tally(2, horizon, 0)
    for t in range(horizon):
        tally.add(t, facts([1.0, 1.0]), NONE, NONE, None)
    assert tally.totals((0, 1), 0.0).tail_rounds.tolist() == [rounds, rounds]
