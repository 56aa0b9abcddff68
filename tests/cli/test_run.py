"""``envgym run``: real episodes, real files."""

import io
import json
import signal
import sys
import time
from collections import Counter

import pytest

GUESS = "envgym/GuessNumber-v0"


def lines(folder):
    return [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]


def test_the_oracle_wins_and_is_recorded(envgym, tmp_path):
    out = tmp_path / "out"
    done = envgym("run", GUESS, "--episodes", 3, "--seed", 5, "--out", out, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["summary"]["success_rate"] == 1.0
    assert [row["seed"] for row in found["episodes"]] == [5, 6, 7]
    assert all(
        sum(row["step_rewards"]) == pytest.approx(row["return"]) for row in found["episodes"]
    )
    heads = [line for line in lines(out) if "spaces" in line]
    assert len(heads) == 3


def test_same_seed_same_result_whatever_the_batch(envgym):
    one = envgym("run", GUESS, "--agent", "random", "--episodes", 6, "--batch", 1, "--json").json
    all_ = envgym("run", GUESS, "--agent", "random", "--episodes", 6, "--batch", 6, "--json").json
    assert one == all_


def test_one_episode_shows_its_transcript(envgym):
    done = envgym("run", GUESS)
    assert done.code == 0, done.err
    assert "\n> " in done.out
    assert "success rate 1.000" in done.out


def test_a_person_plays_from_the_keyboard(envgym, monkeypatch, tmp_path):
    one = envgym("run", GUESS, "--seed", 3, "--json").json["episodes"][0]
    solution = [f"guess({number})" for number in range(1, 101)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(solution[-3:]) + "\n"))
    out = tmp_path / "out"
    done = envgym("run", GUESS, "--seed", 3, "--agent", "human", "--out", out)
    assert done.code == 130, done.err
    assert "Lower than 98." in done.out
    assert [line["cause"] for line in lines(out) if "ledger" in line] == ["external"]
    assert lines(out)[0]["task"]["id"] == one["task"]


def test_a_used_folder_is_refused_unless_appending(envgym, tmp_path):
    out = tmp_path / "out"
    assert envgym("run", GUESS, "--out", out).code == 0
    before = (out / "episodes.jsonl").read_bytes()
    refused = envgym("run", GUESS, "--out", out)
    assert refused.code == 2
    assert "append" in refused.err
    assert (out / "episodes.jsonl").read_bytes() == before
    assert envgym("run", GUESS, "--seed", 9, "--out", out, "--append").code == 0
    assert (out / "episodes.jsonl").read_bytes().startswith(before)


@pytest.mark.parametrize(
    ("args", "near"),
    [
        (["envgym/GuesNumber-v0"], "envgym/GuessNumber-v0"),
        ([GUESS, "--agent", "oracel"], "oracle"),
        ([GUESS, "--reward", "outcom"], "outcome"),
        ([GUESS, "--split", "trian"], "train"),
    ],
)
def test_a_wrong_name_costs_one_sentence(envgym, tmp_path, args, near):
    out = tmp_path / "out"
    done = envgym("run", *args, "--out", out)
    assert done.code == 2
    assert done.out == ""
    assert f"Did you mean '{near}'?" in done.err
    assert done.err.count("\n") == 1
    assert not out.exists()


def test_a_missing_file_is_named(envgym, tmp_path):
    for option in ("--tasks", "--reward"):
        file = tmp_path / ("no.jsonl" if option == "--tasks" else "no.json")
        done = envgym("run", GUESS, option, file)
        assert done.code == 2
        assert str(file) in done.err


@pytest.mark.parametrize("args", [["--episodes", "0"], ["--seed", "-1"], ["--turns"]])
def test_usage_errors(envgym, args):
    done = envgym("run", GUESS, *args)
    assert done.code == 2
    assert args[0] in done.err


def task_lines(envgym, count):
    from envgym.runtime import registry

    env = registry.make(GUESS)
    tasks = [env.unwrapped.tasks[k].to_json() for k in range(count)]
    env.close()
    return [{**task, "id": f"mine-{k}", "split": "mine"} for k, task in enumerate(tasks)]


def test_a_task_file_is_played_in_order(envgym, tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps(task) + "\n" for task in task_lines(envgym, 2)))
    done = envgym("run", GUESS, "--tasks", file, "--episodes", 3, "--json")
    assert done.code == 0, done.err
    assert [row["task"] for row in done.json["episodes"]] == ["mine-0", "mine-1", "mine-0"]


def test_a_bad_line_is_named_and_lenient_keeps_the_rest(envgym, tmp_path):
    good, bad = task_lines(envgym, 2)
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps(good) + "\n" + json.dumps({**bad, "difficulty": "hrad"}) + "\n")
    refused = envgym("run", GUESS, "--tasks", file)
    assert refused.code == 2
    assert f"{file}:2: field 'difficulty'" in refused.err
    assert "Did you mean 'hard'?" in refused.err
    kept = envgym("run", GUESS, "--tasks", file, "--lenient", "--json")
    assert kept.code == 0
    assert f"{file}:2" in kept.err
    assert kept.json["episodes"][0]["task"] == "mine-0"


def test_arguments_of_the_environment_are_set(envgym):
    args = ("--arg", "level=medium", "--arg", "max_steps=9", "--arg", "hint=false", "--json")
    done = envgym("run", "envgym/Quest-v0", "--seed", 2, *args)
    assert done.code == 0, done.err
    assert done.json["episodes"][0]["turns"] <= 9


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("levl=small", "unknown argument 'levl'"),
        ("level", "expected NAME=VALUE"),
        ("level=tiny", "'tiny'"),
    ],
)
def test_a_wrong_argument_costs_one_sentence(envgym, given, sentence):
    done = envgym("run", "envgym/Quest-v0", "--arg", given)
    assert done.code == 2
    assert sentence in done.err and len(done.err.strip().splitlines()) == 1


def test_interrupting_leaves_a_readable_file(envgym, start, tmp_path):
    out = tmp_path / "out"
    process = start("run", GUESS, "--agent", "random", "--episodes", 100000, "--out", out)
    deadline = time.monotonic() + 60
    file = out / "episodes.jsonl"
    while time.monotonic() < deadline and not (file.exists() and file.stat().st_size > 20_000):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted" in err
    found = lines(out)
    heads = {line["ep"] for line in found if "spaces" in line}
    ends = {line["ep"] for line in found if "ledger" in line}
    # The signal may fall between an episode's first line and the environment's note of it; a
    # reader takes such an episode for cut from outside.
    assert ends <= heads
    assert len(heads - ends) <= 1
    assert "external" in {line["cause"] for line in found if "ledger" in line}
    scored = envgym("rescore", out, "--reward", "dense", "--json")
    assert scored.code == 0, scored.err


def test_an_interrupted_group_has_no_return(start, tmp_path):
    file = tmp_path / "out" / "episodes.jsonl"
    process = start(
        "run", GUESS, "--agent", "random", "--episodes", 100000, "--group", 3, "--batch", 4,
        "--reward", "rloo", "--out", file.parent, "--json",
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (file.exists() and file.stat().st_size > 20_000):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    rows = json.loads(out)["episodes"]
    assert rows
    assert set(Counter(row["episode"] // 3 for row in rows).values()) == {3}


@pytest.mark.parametrize("given", ["record=1", "reward=dense", "record_evidence=needed"])
def test_an_argument_with_an_option_of_its_own_is_not_taken_twice(envgym, given):
    done = envgym("run", GUESS, "--arg", given)
    assert done.code == 2
    assert done.err.startswith(f"envgym: --arg {given}: ")
    assert done.err.count("\n") == 1
