"""``envgym tasks check``: good tasks pass, and a family that could be cheated is caught."""

import json

import gymnasium
import pytest

import envgym as package
from envgym.cli.tasks import spread
from envgym.envs.guess.env import GuessNumberEnv
from envgym.types import Task

GUESS = "envgym/GuessNumber-v0"


class Clumsy(GuessNumberEnv):
    """An oracle that gives up at once."""

    def oracle(self):
        return None


class Generous(GuessNumberEnv):
    """Any valid guess wins: a near miss is as good as the answer."""

    def facts(self):
        return {**super().facts(), "solved": True}

    def final_facts(self):
        return {**super().final_facts(), "outcome": 1.0}


@pytest.fixture
def register():
    made = []

    def add(name, family):
        package.register(f"test/{name}-v0", f"{family.__module__}:{family.__name__}")
        gymnasium.registry[f"test/{name}-v0"].entry_point = family
        made.append(f"test/{name}-v0")
        return made[-1]

    yield add
    for env_id in made:
        del gymnasium.registry[env_id]


@pytest.mark.parametrize("env_id", package.ids())
def test_two_tasks_of_every_id_are_proved(envgym, env_id):
    done = envgym("tasks", "check", env_id, "--limit", 2, "--json")
    assert done.code == 0, done.out + done.err
    assert len(done.json) == 2
    assert all(proof["problems"] == [] for proof in done.json)


@pytest.mark.parametrize("family", [Clumsy, Generous])
def test_a_family_that_breaks_a_rule_fails(envgym, register, family):
    env_id = register(family.__name__, family)
    done = envgym("tasks", "check", env_id, "--limit", 2)
    assert done.code == 1
    assert "0 of 2 tasks are proved" in done.out
    proofs = envgym("tasks", "check", env_id, "--limit", 2, "--json").json
    assert all(proof["problems"] for proof in proofs)


def test_a_file_is_checked_whole(envgym, tmp_path):
    env = package.make(GUESS)
    tasks = [env.unwrapped.tasks[k].to_json() for k in range(3)]
    env.close()
    file = tmp_path / "mine.jsonl"
    rows = [{**task, "id": f"mine-{k}"} for k, task in enumerate(tasks)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = envgym("tasks", "check", GUESS, "--tasks", file, "--json")
    assert done.code == 0, done.err
    assert [proof["task_id"] for proof in done.json] == ["mine-0", "mine-1", "mine-2"]


def test_a_bad_line_is_named(envgym, tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "parms": {}}\n')
    done = envgym("tasks", "check", GUESS, "--tasks", file)
    assert done.code == 2
    assert f"{file}:1" in done.err
    assert "Did you mean 'params'?" in done.err


def test_unknown_id_names_the_nearest(envgym):
    done = envgym("tasks", "check", "envgym/Qest-v0")
    assert done.code == 2
    assert "Did you mean 'envgym/Quest-v0'?" in done.err


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, ["train/0"]),
        (2, ["train/0", "test/0"]),
        (5, ["train/0", "train/4", "train/9", "test/0", "test/1"]),
        (99, [*(f"train/{k}" for k in range(10)), "test/0", "test/1"]),
    ],
)
def test_a_limit_is_spread_over_the_splits(limit, expected):
    made = package.ProceduralTasks(
        {"train": 10, "test": 2}, lambda split, index: Task(id=f"{split}/{index}", split=split)
    )
    assert [task.id for task in spread(made, limit)] == expected


@pytest.mark.parametrize("name", ["kuhn", "relay"])
def test_games_and_teams_are_checked_by_laws(envgym, name):
    done = envgym("tasks", "check", name, "--json")
    assert done.code == 0, done.err
    assert all(row["problem"] is None for row in done.json)
    assert "nothing_leaks" in {row["law"] for row in done.json} or name == "relay"
    assert envgym("tasks", "check", name, "--limit", 3).code == 2


def test_a_broken_law_is_told(envgym, monkeypatch):
    from envgym.testing import LawError
    from envgym.testing.games import kit

    def proved(subject):
        """The reference is good."""
        raise LawError(f"{subject.name}: it is not")

    monkeypatch.setitem(kit.GAME_LAWS, "proved", proved)
    done = envgym("tasks", "check", "matrix")
    assert done.code == 1
    assert "proved: matrix: it is not" in done.out
