"""``envgym demo``: the whole tour with a smaller model, and its parts."""

import json

import pytest

from envgym.agents.train import toml
from envgym.cli import demo
from envgym.types import EpisodeFileError

SMALL = """
[env]
id = "envgym/Quest-v0"
kwargs = { reward = "dense" }
[model]
hidden = 64
layers = 1
[sft]
episodes = 200
steps = 60
batch = 8
lr = 5e-3
[rl]
steps = 1
groups = 2
members = 4
probe_groups = 4
max_degenerate = 1.0
[eval]
worlds = 12
[run]
out = "unused"
max_new_tokens = 8
"""


def test_the_config_is_what_the_issue_asks_for():
    config = toml.load(demo.CONFIG)
    assert config.env.id == "envgym/Quest-v0"
    assert config.env.kwargs["observation"] == "relational"
    assert config.eval.worlds == 256
    assert config.env.train_split != config.env.test_split


@pytest.mark.slow
def test_the_tour(envgym, tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    out = tmp_path / "demo"
    done = envgym("demo", "--config", file, "--out", out)
    assert done.code == 0, done.out + done.err
    for step in range(1, 8):
        if step != 5:  # only where a world was lost before and won after
            assert f"\n{step}. " in "\n" + done.out
    assert done.out.count("95% interval") == 3
    events = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    exams = [event for event in events if event["phase"] == "exam"]
    assert [event["trials"] for event in exams] == [12, 12]
    for folder, episodes in (("exams/before", 12), ("exams/after", 12), ("travel", 2)):
        found = envgym("replay", out / folder, "--json")
        assert found.code == 0, found.err
        assert len(found.json["episodes"]) == episodes
    again = envgym("demo", "--config", file, "--out", out)
    assert again.code == 2
    assert str(out) in again.err


def test_the_trip_scores_higher_than_its_flaw(tmp_path, capsys):
    demo.travel(demo.screen.console(), tmp_path / "travel", 0)
    shown = capsys.readouterr().out
    for preset in demo.PRESETS:
        line = next(line for line in shown.splitlines() if line.startswith(f"{preset} "))
        best, flawed = (float(number) for number in line.split()[1:])
        assert best > flawed


def test_a_world_is_shown_before_and_after(envgym, tmp_path, capsys):
    for folder, agent in (("before", "random"), ("after", "oracle")):
        path = tmp_path / "exams" / folder
        assert envgym("run", "envgym/Quest-v0", "--agent", agent, "--out", path).code == 0
    demo.compare(demo.screen.console(), tmp_path)
    shown = capsys.readouterr().out
    assert "before reinforcement" in shown
    assert "after reinforcement" in shown
    assert shown.count("turn 1 ") == 2


def test_a_new_run_takes_the_next_folder(tmp_path):
    default = tmp_path / "runs" / "demo"
    assert demo.fresh(None, default) == default
    default.mkdir(parents=True)
    assert demo.fresh(None, default) == default.with_name("demo-2")
    with pytest.raises(EpisodeFileError, match="exists already"):
        demo.fresh(default, default)
