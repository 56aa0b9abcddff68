import json
from xml.etree import ElementTree

import pytest

from envgym.cli.probing import PROBES


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Return a folder with twelve recorded episodes of the random policy."""
    from envgym.cli.app import run

    folder = tmp_path_factory.mktemp("played") / "episodes"
    done = ["run", "envgym/Quest-v0", "--agent", "random", "--episodes", "12", "--out", str(folder)]
    assert run([*done, "--json"]) == 0
    return folder


def probe(envgym, *args):
    return envgym("rewards", "probe", *args)


def test_dominance_fails_a_program_of_one_part_with_exit_code_1(envgym, played):
    done = probe(envgym, "dominance", played, "--reward", "dense")
    assert done.code == 1
    assert done.out.startswith("dominance: 1, limit 0.9, failed\n")
    assert "progress" in done.out
    assert probe(envgym, "dominance", played, "--reward", "dense", "--limit", "1").code == 0


def test_json_is_the_whole_report(envgym, played):
    done = probe(envgym, "noise", played, "--reward", "dense", "--json")
    found = done.json
    assert list(found["detail"]) == ["p=0", "p=0.1", "p=0.2", "p=0.4"]
    assert [row[0] for row in found["rows"]] == [0, 0.1, 0.2, 0.4]
    assert done.code == (0 if found["passed"] else 1)
    assert probe(envgym, "noise", played, "--reward", "dense", "--json").out == done.out
    other = probe(envgym, "noise", played, "--reward", "dense", "--json", "--seed", 1)
    assert other.json["detail"] != found["detail"]


def test_divergence_over_the_recording(envgym, played):
    done = probe(
        envgym, "divergence", played, "--reward", "dense", "--gold", "progress", "--window", 4,
        "--json",
    )  # fmt: skip
    assert len(done.json["rows"]) == 12
    assert done.json["detail"]["windows"] == 9.0
    assert all(row[4] is not None for row in done.json["rows"])  # messages are read


def test_goodhart_on_two_keys(envgym, played):
    same = probe(envgym, "goodhart", played, "--proxy", "progress", "--gold", "progress", "--json")
    assert (same.code, same.json["metric"]) == (0, 0.0)
    against = probe(envgym, "goodhart", played, "--proxy", "turn", "--gold", "progress")
    assert against.code in (0, 1)
    assert "gold lost from the best n" in against.out


def test_hacks_of_an_environment_and_of_an_agent(envgym):
    done = probe(envgym, "hacks", "envgym/GuessNumber-v0", "--episodes", 2)
    assert done.code == 0
    assert "claims success" in done.out
    agent = probe(
        envgym, "hacks", "envgym/GuessNumber-v0", "--agent", "oracle", "--hint", "Cheat.", "--json"
    )
    assert agent.json["detail"] == {"plain": 0.0, "hinted": 0.0}


@pytest.mark.parametrize("name", ["one-token", "consistency"])
def test_probes_of_a_judge(envgym, name):
    done = probe(envgym, name, "fake:bias=1", "--json")
    assert done.code == 1
    assert not done.json["passed"]
    assert probe(envgym, name, "fake:bias=1", "--json").out == done.out


def test_questions_of_ones_own(envgym, tmp_path):
    file = tmp_path / "own.jsonl"
    line = {"id": "a", "question": "2 + 3?", "right": "5", "weak": "few", "wrong": "6"}
    file.write_text(json.dumps(line) + "\n")
    done = probe(envgym, "consistency", "fake", "--questions", file, "--json")
    assert (done.code, len(done.json["rows"])) == (0, 1)
    assert "contrast" not in done.json["detail"]


def test_starc_of_two_programs(envgym, tmp_path):
    shaped = tmp_path / "shaped.json"
    source = {"node": "source", "key": "phi"}
    outcome = {"node": "source", "key": "won", "scope": "episode"}
    for gamma, code in ((0.9, 0), (1.0, 1)):
        potential = {"node": "potential", "of": source, "gamma": gamma}
        shaped.write_text(
            json.dumps({"program": "p", "root": {"node": "sum", "of": [outcome, potential]}})
        )
        done = probe(envgym, "starc", "outcome", "--against", shaped)
        assert done.code == code, done.out + done.err
    assert "STARC distance" in done.out
    assert probe(envgym, "starc", "outcome", "--against", "potential").code == 0
    assert probe(envgym, "starc", "outcome", "--against", "capped_gate").code == 1


@pytest.mark.parametrize("name", ["noise", "dominance"])
def test_a_figure_is_deterministic_and_never_overwritten(envgym, played, tmp_path, name):
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    for file in (first, second):
        done = probe(envgym, name, played, "--reward", "dense", "--figure", file)
        assert f"drawn to {file}" in done.out.replace("\n", "")
    assert first.read_bytes() == second.read_bytes()
    ElementTree.parse(first)
    again = probe(envgym, name, played, "--reward", "dense", "--figure", first)
    assert again.code == 2
    assert "never overwrites" in again.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("dominanse", "x"), "unknown probe 'dominanse'"),
        (("dominance", "nowhere"), "nowhere"),
        (("starc", "outcome"), "give the other one as --against"),
        (("starc", "gated", "--against", "outcome"), "the five-state chain: unknown"),
        (("hacks", "envgym/Quset-v0"), "Did you mean"),
        (("one-token", "fooled"), "unknown judge 'fooled'"),
        (("one-token", "fake", "--questions", "none.jsonl"), "none.jsonl cannot be read"),
        (("one-token", "fake", "--limit", "2"), "limit must be 0 to 1"),
        (("one-token", "fake", "--figure", "a.png"), "must end in .svg"),
    ],
)
def test_usage_errors_exit_with_2_and_one_sentence(envgym, args, message):
    done = probe(envgym, *args)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


def test_recorded_evidence_that_is_missing(envgym, played):
    done = probe(envgym, "goodhart", played, "--gold", "beauty")
    assert done.code == 2
    assert "lacks evidence 'beauty'; it holds" in done.err


def test_every_probe_is_in_the_help(envgym):
    text = " ".join(probe(envgym, "--help").out.split())
    for name in PROBES:
        assert name in text
