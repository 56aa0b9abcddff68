"""Tasks: the same ones always, solvable or shown not to be, structures held out."""

import json
import os
import subprocess
import sys

import pytest

from envgym.envs.travel.conflicts import conflicts
from envgym.envs.travel.generate import SPLITS, travel_task
from envgym.envs.travel.regions import COMMON, HELD_OUT
from envgym.envs.travel.request import LOCAL, from_params
from envgym.envs.travel.solver import needed_facts, solve
from envgym.envs.travel.structures import (
    HELD_OUT_PAIRS,
    LEVELS,
    combinations_for,
    held_out,
)


def local(task):
    return frozenset(tag for tag in task.tags if tag in LOCAL)


@pytest.mark.parametrize("split", list(SPLITS))
def test_every_task_has_an_answer(split):
    for index in range(24):
        task = travel_task(split, index)
        request = from_params(task.params)
        assert (solve(request) is None) == bool(conflicts(request))
        assert ("infeasible" in task.tags) == bool(conflicts(request))
        assert held_out(local(task)) is (split == "structure")
        assert task.params["region"] in (HELD_OUT if split == "region" else COMMON)
        assert json.loads(json.dumps(task.to_json()))["params"] == task.params


def test_structures_of_train_and_structure_never_meet():
    for level in LEVELS:
        unseen = set(combinations_for("structure", level))
        for split in ("train", "test", "region"):
            assert not unseen & set(combinations_for(split, level))
    # What is held out is the pairs: every single type is trained on.
    trained = {name for types in combinations_for("train", "hard") for name in types}
    assert trained == set(LOCAL)
    assert all(len(pair) == 2 for pair in HELD_OUT_PAIRS)


def test_tasks_in_another_process():
    code = (
        "import json;from envgym.envs.travel.generate import travel_task;"
        "print(json.dumps([travel_task('train', i).to_json() for i in range(4)]))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "99"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == [travel_task("train", i).to_json() for i in range(4)]


@pytest.mark.parametrize("days", [3, 5, 7])
@pytest.mark.parametrize("level", LEVELS)
def test_knobs(days, level):
    for index in range(6):
        task = travel_task("train", index, days, level)
        assert task.params["days"] == days
        assert task.params["cities"] == (days - 1) // 2
        assert task.difficulty == level
        assert len(local(task)) == {"easy": 0, "medium": 1, "hard": 3}[level]


def test_budgets_bind(trip, short_trip):
    """The budget leaves room for a plan, but not for any plan."""
    for one in (trip, short_trip):
        assert one.solution.verdict.cost <= one.request.budget


def test_solutions_are_the_same_twice(trip):
    solve.cache_clear()
    assert solve(trip.request) == trip.solution
    assert needed_facts(trip.request, trip.solution.verdict) == trip.solution.facts
