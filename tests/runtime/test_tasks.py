"""Task sets: procedural, files, Python; every bad line is named."""

import json

import pytest

from envgym import ConfigError, ListTasks, ProceduralTasks, Task, TaskError, load_tasks
from envgym.envs.guess import GuessNumberEnv
from envgym.runtime.tasks import resolve_tasks

check = GuessNumberEnv.check_params
GOOD = {"id": "a", "params": {"number": 3}}


def write(path, *rows):
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n")
    return path


def squares(split, index):
    return Task(id=f"{split}/{index}", split=split, params={"number": index + 1})


def test_a_procedural_set_is_lazy_and_indexable():
    tasks = ProceduralTasks({"train": 10**9, "test": 2}, squares)
    assert len(tasks) == 10**9 + 2
    assert tasks[10**9].id == "test/0" and tasks[-1].id == "test/1"
    assert tasks.by_id("train/999999999") == tasks.split("train")[-1]
    assert [t.id for t in tasks.split("test")] == ["test/0", "test/1"]
    assert [t.id for t in tasks[10**9 - 1 : 10**9 + 1]] == ["train/999999999", "test/0"]


@pytest.mark.parametrize("bad", ["train/2", "train/-1", "dev/0", "train", "", "train/²"])
def test_unknown_procedural_ids_say_what_is_allowed(bad):
    tasks = ProceduralTasks({"train": 2}, squares)
    with pytest.raises(TaskError, match="allowed: train/0 to train/1"):
        tasks.by_id(bad)


def test_out_of_range_indices_raise_like_a_list():
    tasks = ProceduralTasks({"train": 2}, squares)
    for bad in (2, -3):
        with pytest.raises(IndexError):
            tasks[bad]
        with pytest.raises(IndexError):
            tasks.split("train")[bad]
    with pytest.raises(ConfigError, match=r"unknown split 'trian'.*Did you mean 'train'"):
        tasks.split("trian")


def test_jsonl_and_toml_hold_the_same_tasks(tmp_path):
    full = {
        "id": "b",
        "instruction": "Guess.",
        "params": {"number": 4, "high": 9},
        "split": "dev",
        "difficulty": "easy",
        "tags": ["x"],
        "checker": None,
        "solution": ["guess(number=4)"],
    }
    jsonl = load_tasks(write(tmp_path / "t.jsonl", GOOD, "", full), check)
    toml = tmp_path / "t.toml"
    toml.write_text(
        '[[task]]\nid = "a"\nparams = {number = 3}\n[[task]]\nid = "b"\ninstruction = "Guess."\n'
        'params = {number = 4, high = 9}\nsplit = "dev"\ndifficulty = "easy"\ntags = ["x"]\n'
        'solution = ["guess(number=4)"]\n'
    )
    assert list(jsonl) == list(load_tasks(toml, check))
    assert jsonl.by_id("b").to_json() == full
    assert jsonl.splits == {"train": 1, "dev": 1}


BAD_ROWS = [
    ("{", "not valid JSON"),
    ("3", "a task is an object with fields, got int"),
    ({"id": ""}, "field 'id': expected a non-empty string, got ''"),
    ({"params": {}}, "field 'id': expected a non-empty string, got None"),
    ({**GOOD, "difficulty": "hrad"}, "expected easy, medium or hard, got 'hrad'. Did you mean"),
    ({**GOOD, "tag": []}, "unknown task field 'tag'; .*Did you mean 'tags'"),
    ({**GOOD, "tags": "x"}, "field 'tags': expected a list of strings, got 'x'"),
    ({**GOOD, "solution": [1]}, "field 'solution': expected a list of strings"),
    ({**GOOD, "split": 1}, "field 'split': expected a string, got 1"),
    ({**GOOD, "checker": 1}, "field 'checker': expected the name of a checker or null"),
    ({**GOOD, "params": []}, "field 'params': expected an object"),
    ({"id": "c", "params": {}}, "field 'params.number': field required"),
    ({"id": "c", "params": {"number": "x"}}, "field 'params.number': input should be a valid int"),
    ({"id": "c", "params": {"nubmer": 3, "number": 3}}, "unknown field of params 'nubmer'"),
    ({"id": "c", "params": {"number": 101}}, "number must be at most high"),
    (GOOD, "field 'id': 'a' occurs twice"),
]


@pytest.mark.parametrize(("row", "sentence"), BAD_ROWS)
def test_a_bad_line_is_named_and_the_rest_loads_leniently(tmp_path, row, sentence):
    path = write(tmp_path / "t.jsonl", GOOD, row, {"id": "z", "params": {"number": 5}})
    with pytest.raises(TaskError, match=rf"t\.jsonl:2: .*{sentence}") as caught:
        load_tasks(path, check)
    assert "Good tasks, which load with lenient: 2." in str(caught.value)
    tasks = load_tasks(path, check, lenient=True)
    assert [task.id for task in tasks] == ["a", "z"]
    assert len(tasks.problems) == 1 and "t.jsonl:2: " in tasks.problems[0]


def test_files_that_hold_nothing_are_refused(tmp_path):
    for name, text, sentence in [
        ("empty.jsonl", "", "holds no tasks"),
        ("bad.toml", "x = ", "not valid TOML"),
        ("none.toml", "x = 1", "expected \\[\\[task\\]\\] tables"),
        ("tasks.csv", "a", "expected a name ending in .jsonl or .toml"),
    ]:
        (tmp_path / name).write_text(text)
        with pytest.raises(TaskError, match=sentence):
            load_tasks(tmp_path / name, check, lenient=True)
    with pytest.raises(TaskError, match="no such file"):
        load_tasks(tmp_path / "absent.jsonl", check)


def test_tasks_come_from_python_too():
    tasks = ListTasks([Task(id="a", params={"number": 3})])
    assert resolve_tasks(tasks, check) is tasks
    assert resolve_tasks([GOOD, Task(id="b", params={"number": 1})], check).by_id("b").id == "b"
    with pytest.raises(TaskError, match=r"tasks\[0\]: field 'id'"):
        resolve_tasks([{"id": 3}], check)
    with pytest.raises(ConfigError, match="neither a .jsonl or .toml file"):
        resolve_tasks("no-such-thing", check)
    with pytest.raises(ConfigError, match="tasks='json:nothing'"):
        resolve_tasks("json:nothing", check)
    with pytest.raises(ConfigError, match="tasks must be a path"):
        resolve_tasks(3, check)
    with pytest.raises(TaskError, match="two tasks have the id 'a'"):
        ListTasks([Task(id="a"), Task(id="a")])
