"""``envgym train``: a run small enough to be real here, interrupted and resumed."""

import json
import signal
import time

import pytest

STEPS = 600
"""Enough to be interrupted in the middle, few enough to be finished afterwards."""

SMALL = f"""
[env]
id = "envgym/GuessNumber-v0"
kwargs = {{ high = 8 }}
[model]
hidden = 32
layers = 1
[sft]
episodes = 40
steps = {STEPS}
batch = 4
[rl]
steps = 0
[eval]
worlds = 6
[run]
out = "unused"
"""


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[rl]\nstep = 3\n", "Did you mean 'steps'?"),
        ("[rll]\nsteps = 3\n", "Did you mean 'rl'?"),
        ("[rl\n", "not a TOML file"),
    ],
)
def test_a_bad_config_costs_one_sentence(envgym, tmp_path, text, sentence):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    done = envgym("train", file)
    assert done.code == 2
    assert str(file) in done.err
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_a_missing_config_is_named(envgym, tmp_path):
    done = envgym("train", tmp_path / "no.toml")
    assert done.code == 2
    assert "no.toml" in done.err


def test_resuming_nothing_is_refused(envgym, config, tmp_path):
    done = envgym("train", config, "--out", tmp_path / "run", "--resume")
    assert done.code == 2
    assert "resume" in done.err


@pytest.mark.slow
def test_interrupted_and_resumed(envgym, start, config, tmp_path):
    out = tmp_path / "run"
    process = start("train", config, "--out", out)
    deadline = time.monotonic() + 120
    metrics = out / "metrics.jsonl"
    while time.monotonic() < deadline and not metrics.exists():
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    shown, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "--resume" in shown
    used = envgym("train", config, "--out", out)
    assert used.code == 2
    assert "--resume" in used.err
    state = json.loads(next(out.glob("checkpoints/*/state.json")).read_text())
    assert 0 < state["progress"]["step"] < STEPS
    done = envgym("train", config, "--out", out, "--resume", "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["before"] is None
    assert found["after"]["trials"] == 6
    events = [json.loads(line) for line in metrics.read_text().splitlines()]
    assert events[-1]["phase"] == "exam"
    assert [e["step"] for e in events[:-1]] == [STEPS * k // 10 for k in range(1, 11)]
    played = envgym("run", found["env"], "--agent", f"hf:{found['checkpoint']}", "--json")
    assert played.code == 0, played.err


def test_a_run_without_a_checkpoint_is_not_sent_in_a_circle(envgym, config, tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    (out / "metrics.jsonl").write_text("")
    done = envgym("train", config, "--out", out)
    assert done.code == 2
    assert "no checkpoint to resume from: delete it" in done.err
