"""Games through the command line: run, replay, verify, rescore, info."""

import json

import pytest


@pytest.fixture
def leduc(envgym, tmp_path):
    """Four recorded episodes of Leduc: the reference profile against random play."""
    done = envgym(
        "run", "leduc", "--agent", "oracle", "--agent", "random", "--episodes", 4, "--seed", 3,
        "--reward", "regret", "--out", tmp_path / "leduc", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    return tmp_path / "leduc", done.json


def test_a_run_tells_what_every_seat_earned(leduc):
    _, said = leduc
    assert said["agents"] == {"player_0": "oracle", "player_1": "random"}
    assert len(said["episodes"]) == 4
    for row in said["episodes"]:
        assert sum(row["final"]) == 0
        assert row["valid"]
        assert set(row["returns"]) == {"player_0", "player_1"}
        for agent, steps in row["step_rewards"].items():
            assert sum(steps) == pytest.approx(row["returns"][agent])
    seats = said["summary"]["seats"]
    # Regret is charged against the outcome: the reference profile gives almost nothing away.
    lost = {
        agent: sum(row["final"][seat] / 13 - row["returns"][agent] for row in said["episodes"])
        for seat, agent in enumerate(seats)
    }
    assert 0 <= lost["player_0"] < 0.05 < lost["player_1"]


def test_a_recorded_game_is_verified_and_rescored_per_agent(envgym, leduc):
    folder, said = leduc
    verified = envgym("replay", folder, "--verify", "--json")
    assert verified.code == 0, verified.err
    assert verified.json["ok"]
    assert verified.json["episodes"] == 4
    again = envgym("rescore", folder, "--reward", "regret", "--json").json
    returns = {row["episode"]: row["return"] for row in again}
    for row in said["episodes"]:
        for agent, value in row["returns"].items():
            assert returns[f"leduc-s{row['seed']}-g0-a0@{agent}"] == pytest.approx(value)
    outcome = envgym("rescore", folder, "--reward", "outcome", "--json").json
    assert sum(row["return"] for row in outcome) == pytest.approx(0)


def test_a_changed_recording_is_found(envgym, leduc):
    folder, _ = leduc
    file = folder / "episodes.jsonl"
    lines = file.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if json.loads(line)["kind"] == "e")
    event = json.loads(lines[at])
    agent = next(iter(event["obs"]))
    event["obs"][agent] += "!"
    lines[at] = json.dumps(event)
    file.write_text("\n".join(lines) + "\n")
    done = envgym("replay", folder, "--verify")
    assert done.code == 1
    assert f"/obs/{agent}" in done.out


def test_replay_shows_all_agents_or_one(envgym, leduc):
    folder, said = leduc
    listed = envgym("replay", folder)
    assert "4 episodes of leduc, a row for each agent" in listed.out
    name = f"leduc-s{said['episodes'][0]['seed']}-g0-a0"
    whole = envgym("replay", folder, "--episode", name)
    assert whole.code == 0
    assert "turn 1: player_0" in whole.out
    assert "player_1: " in whole.out
    assert "to player_1:" in whole.out
    one = envgym("replay", folder, "--episode", f"{name}@player_1")
    assert "to player_0" not in one.out
    both = envgym("replay", folder, "--episode", name, "--json").json["agents"]
    assert [view["episode"] for view in both] == [f"{name}@player_0", f"{name}@player_1"]


def test_one_episode_shows_its_transcript(envgym):
    done = envgym("run", "kuhn", "--agent", "oracle")
    assert done.code == 0, done.err
    assert "== player_0 (oracle)" in done.out
    assert "Legal actions: pass; bet" in done.out


def test_a_game_takes_its_own_arguments(envgym):
    done = envgym("run", "kuhn", "--arg", "players=3", "--agent", "random", "--json")
    assert len(done.json["agents"]) == 3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["kuhn", "--agent", "oracle"] + ["--agent", "random"] * 2, "2 seats (player_0, player_1)"),
        (["kuhn", "--agent", "orakle"], "Did you mean 'oracle'?"),
        (["kunh"], "Did you mean 'kuhn'?"),
        (["kuhn", "--arg", "player=3"], "Did you mean 'players'?"),
        (["kuhn", "--arg", "players=7"], "players must be a whole number 2 to 4, got 7"),
        (["kuhn", "--arg", "illegal=retry"], "illegal"),
        (["kuhn", "--reward", "tournament"], "envgym rescore"),
        (["kuhn", "--split", "train"], "--split: kuhn has no tasks"),
        (["envgym/Quest-v0", "--agent", "oracle", "--agent", "random"], "has one agent"),
    ],
)
def test_bad_input_is_one_sentence(envgym, args, words):
    done = envgym("run", *args)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


def test_info_shows_rules_arguments_and_evidence(envgym):
    said = envgym("info", "leduc", "--json").json
    assert said["arguments"] == {"players": 2}
    assert {"payoff", "value", "outcome", "regret"} <= {e["key"] for e in said["evidence"]}
    assert set(said["presets"]) == {"outcome", "dense", "gated", "process", "delta", "regret"}
    assert "Leduc" in envgym("info", "leduc").out


@pytest.mark.parametrize("reward", ["win_rate", "tournament"])
def test_groups_are_compared_seat_by_seat(envgym, tmp_path, reward):
    out = tmp_path / "kuhn"
    done = envgym("run", "kuhn", "--agent", "random", "--group", 4, "--out", out, "--json")
    assert done.code == 0, done.err
    rows = envgym("rescore", out, "--reward", reward, "--json").json
    assert len(rows) == 8
    for agent in ("player_0", "player_1"):
        shares = [r["return"] for r in rows if r["episode"].endswith(f"@{agent}")]
        # Of four rollouts of one seat half of all comparisons are won, whatever the other seat did.
        assert sum(shares) == pytest.approx(2.0)


def test_replay_verifies_an_episode_by_the_name_that_it_shows(envgym, tmp_path):
    out = tmp_path / "kuhn"
    assert envgym("run", "kuhn", "--agent", "random", "--episodes", 2, "--out", out).code == 0
    for name in ("kuhn-s1-g0-a0", "kuhn-s1-g0-a0@player_1", "2"):
        done = envgym("replay", out, "--episode", name, "--verify", "--json")
        assert done.code == 0, done.err
        assert done.json["episodes"] == 1
