"""replay, rescore and export: what a person reads and what a script reads."""

import io
import json

import gymnasium
import pytest
from rich.console import Console

from envgym.cli.episode_view import show_episode
from envgym.cli.reward_view import Glyphs, bar, signed
from envgym.runtime.episodes import EpisodeWriter, read_episodes
from envgym.types import Entry, Task


@pytest.fixture
def folder(tmp_path):
    """GuessNumber under 'gated': a win with a mistake, and a loss."""
    env = gymnasium.make(
        "envgym/GuessNumber-v0",
        record=tmp_path / "run",
        record_evidence="all",
        reward="gated",
        max_turns=8,
        disable_env_checker=True,
    )
    for seed in (1, 2):
        env.reset(seed=seed)
        turns, done = 0, False
        while not done:
            lost = seed == 2 and turns > 1
            action = "<think>hm [bold]x[/bold]</think> no idea" if lost or not turns else ""
            *_, terminated, truncated, _ = env.step(action or env.unwrapped.oracle())
            turns, done = turns + 1, terminated or truncated
    env.close()
    return tmp_path / "run"


def drawn(episode, **console):
    page = Console(file=io.StringIO(), markup=False, highlight=False, emoji=False, **console)
    show_episode(page, episode)
    return page.file.getvalue()


def unwrapped(text):
    """The words of a page, wherever its lines broke."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("width", [100, 80, 60])
def test_the_view_says_everything_without_colour(folder, width):
    won, lost = read_episodes(folder)
    text = drawn(won, width=width, no_color=True)
    assert max(map(len, text.splitlines())) <= width
    text = unwrapped(text)
    for word in (
        "envgym/GuessNumber-v0", "success", "turn 1", "thinks hm [bold]x[/bold]", "agent no idea",
        "mistake", "errors 0 → 1", "guess(number=50)", "progress", "outcome", "█", "gates 'gate' open",
        "= earned +1.400", "ended by task",
    ):  # fmt: skip
        assert word in text, word
    other = unwrapped(drawn(lost, width=width, no_color=True))
    for word in ("no success", "ended by budget", "return 0.000", "gates 'gate' closed"):
        assert word in other, word


def test_ascii_terminals_get_ascii(folder):
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    show_episode(Console(file=file, width=90), read_episodes(folder)[0])
    file.flush()
    assert b"errors 0 -> 1" in file.buffer.getvalue()


def test_one_page_is_at_most_a_hundred_columns(folder):
    assert max(map(len, drawn(read_episodes(folder)[0], width=200).splitlines())) <= 100


def test_long_texts_control_characters_late_and_unpaid(tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        ep = writer.head(env="x", version="0", config={}, seed=0, task=Task(id="t"))
        writer.reset(ep, "\n".join(f"line {i}" for i in range(40)), {"turn": 0, "a": 1})
        writer.event(ep, 0, "", (), None, "\x1b[31mred", {"turn": 1, "a": 1}, -0.5, "truncated")
        writer.late(ep, 0, "agent", {"style": 0.25}, "judge:fake")
        note = {"why": "slow"}
        ledger = [
            Entry("agent", "cost", 0, 0, -0.5),
            Entry("agent", "win", 0, None, 1.0, None, note),
        ]
        writer.end(ep, "budget", returns=0.5, success=False, ledger=ledger)
    episode = read_episodes(tmp_path / "run")[0]
    text = drawn(episode, width=100)
    for word in (
        "... 26 more lines (--full shows them)", "\ufffd[31mred", "(an empty message)",
        "style 0.25 (late, from judge:fake)", "-0.500", "never paid", '{"why": "slow"}',
        "paid -0.500 + unpaid +1.000 = earned +0.500",
    ):  # fmt: skip
        assert word in text, word
    assert "\x1b" not in text


def test_replay_lists_several_and_shows_one(envgym, folder):
    done = envgym("replay", folder)
    assert done.code == 0
    assert "success rate 0.500" in done.out
    assert "--episode 0" in done.out
    shown = envgym("replay", folder, "--episode", 1)
    assert "ended by budget" in shown.out
    listed = envgym("replay", folder, "--json").json
    assert [row["success"] for row in listed["episodes"]] == [True, False]
    one = envgym("replay", folder / "episodes.jsonl", "--episode", 0, "--json").json
    assert one["events"][0]["error"]
    assert one["return"] == pytest.approx(sum(one["step_rewards"]))
    assert len(one["events"]) == one["turns"]


def test_replay_of_a_single_episode_shows_it_at_once(envgym, tmp_path):
    with EpisodeWriter(tmp_path / "run") as writer:
        ep = writer.head(env="x", version="0", config={}, seed=0, task=Task(id="t"))
        writer.reset(ep, "Hello.", {"turn": 0})
    done = envgym("replay", tmp_path / "run")
    assert "unfinished" in done.out
    assert "Hello." in done.out


def test_replay_verify(envgym, folder):
    done = envgym("replay", folder, "--verify")
    assert (done.code, done.out) == (0, "verified: 2 episodes, 14 events, no difference\n")
    path = folder / "episodes.jsonl"
    path.write_text(path.read_text().replace("Lower than 50.", "Lower than 51."))
    done = envgym("replay", folder, "--verify")
    assert done.code == 1
    assert '/obs/agent: recorded "Lower than 51.", now "Lower than 50."' in done.out
    verdict = envgym("replay", folder, "--verify", "--json").json
    assert verdict["ok"] is False
    assert verdict["difference"]["field"] == "/obs/agent"


def test_replay_of_damaged_and_foreign_files(envgym, folder, tmp_path):
    path = folder / "episodes.jsonl"
    path.write_bytes(b"foreign\n" + path.read_bytes()[:-50])
    done = envgym("replay", folder)
    assert done.code == 0
    assert "episodes.jsonl:1: not JSON" in done.err
    assert "the last line is cut off" in done.err
    (tmp_path / "notes.txt").write_text("nothing of ours\n" * 3)
    done = envgym("replay", tmp_path / "notes.txt")
    assert done.code == 1
    assert "notes.txt:3: not JSON" in done.err
    done = envgym("replay", tmp_path / "gone")
    assert done.code == 2
    assert "there is no such file or folder" in done.err
    assert envgym("replay", folder, "--episode", 9).code == 2


def test_rescore(envgym, folder, tmp_path):
    rows = envgym("rescore", folder, "--reward", "dense", "--json").json
    assert [set(row) for row in rows] == [{"episode", "return", "step_rewards", "valid"}] * 2
    assert rows[0]["return"] == pytest.approx(2.0)
    assert sum(rows[0]["step_rewards"]) == pytest.approx(2.0)
    done = envgym("rescore", folder, "--reward", "process", "--out", tmp_path / "scores.json")
    assert "2 episodes under 'process', 2 with a return, mean return" in done.out
    assert len(json.loads((tmp_path / "scores.json").read_text())) == 2
    done = envgym("rescore", folder, "--out", tmp_path / "scores.json")
    assert done.code == 2
    assert "never overwrites" in done.err
    done = envgym("rescore", folder, "--reward", "proces")
    assert done.code == 2
    assert "Did you mean 'process'?" in done.err


def test_export(envgym, folder, tmp_path):
    out = tmp_path / "chats.jsonl"
    done = envgym("export", folder, "--out", out, "--success")
    assert (done.code, done.out) == (0, f"1 episode written to {out}; left out: 1 no success\n")
    (line,) = out.read_text().splitlines()
    assert [m["role"] for m in json.loads(line)["messages"]][:3] == ["system", "user", "assistant"]
    assert envgym("export", folder, "--out", out).code == 2
    none = envgym("export", folder, "--out", tmp_path / "none.jsonl", "--min-return", 9, "--json")
    assert none.code == 1
    assert none.json["left_out"] == {"return below 9": 2}


def test_signs():
    glyphs = Glyphs.of(Console(file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8")))
    assert [signed(v) for v in (0.5, -1.25, 0.0, 0.0004)] == [
        "+0.500",
        "-1.250",
        "0.000",
        "+0.0004",
    ]
    assert bar(1.0, 1.0, 4, glyphs) == "████"
    assert bar(-0.5, 1.0, 4, glyphs) == "██"
    assert bar(0.001, 1.0, 4, glyphs) == "▏"
    assert bar(0.0, 1.0, 4, glyphs) == ""
