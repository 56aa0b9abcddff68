"""Visits, progress and novelty, for one episode and for a batch."""

import numpy as np
import pytest

from envgym.runtime.numeric.measures import Measures
from envgym.runtime.numeric.noise import generator
from envgym.types.bandit import Outcome, Problem

PROBLEM = Problem(actions=3, horizon=10, scale=0.0)


def test_visits_count_each_action_and_vectors_as_one():
    found = Measures("toy", PROBLEM, 1, (), [0])
    assert [found.visit_one(a) for a in (1, 1, 0, 1)] == [1, 2, 1, 3]
    assert [found.visit_one(np.array([0.1])), found.visit_one(np.array([0.2]))] == [1, 2]


def test_one_episode_measures_what_a_row_measures():
    wanted = ("progress", "novelty")
    batch = Measures("toy", PROBLEM, 2, wanted, [3, 4])
    alone = Measures("toy", PROBLEM, 1, wanted, [4])
    rows = np.array([0, 1])
    for number, actions in enumerate(((0, 2), (1, 2), (2, 0))):
        rewards = [0.1 * action for action in actions]
        shown = Outcome(np.array([number] * 2), np.array(actions), np.array(rewards))
        both = batch.measure(rows, np.array(actions), [shown])
        own = alone.measure_one(actions[1], [Outcome(number, actions[1], rewards[1])])
        assert own == {key: value[1] for key, value in both.items()}
    assert both["progress"].tolist() == [1.0, 0.5]


def test_rows_that_did_not_play_are_not_novel():
    found = Measures("toy", PROBLEM, 3, ("novelty",), [0, 1, 2])
    y = found.measure(np.array([1]), np.array([2]), [])["novelty"]
    assert y[1] != 0
    assert y[[0, 2]].tolist() == [0.0, 0.0]
    assert found.measure(np.array([], dtype=int), None, [])["novelty"].tolist() == [0.0] * 3


def test_a_row_that_begins_anew_draws_from_its_new_seed():
    found = Measures("toy", PROBLEM, 2, ("novelty",), [0, 1])
    rows = np.array([0, 1])
    found.measure(rows, np.array([0, 0]), [])
    found.reset(np.array([1]), [77])
    y = found.measure(rows, np.array([0, 0]), [])["novelty"]
    fresh = Measures("toy", PROBLEM, 1, ("novelty",), [77]).measure_one(0, [])
    assert y[1] == fresh["novelty"]
    assert generator(77, "toy", "novelty").random() != generator(1, "toy", "novelty").random()


@pytest.mark.parametrize(
    "problem",
    [Problem(actions=0, horizon=10), Problem(actions=4, horizon=10, more={"slots": 2})],
    ids=["vector", "slate"],
)
def test_where_actions_are_no_number_nothing_is_measured(problem):
    found = Measures("toy", problem, 1, ("progress", "novelty"), [0])
    assert found.opening() == {"progress": 0.0, "novelty": 0.0}
    assert found.measure_one(np.array([0.5]), []) == {"progress": 0.0, "novelty": 0.0}
