import json
import math

import gymnasium
import pytest

from envgym.rewards import Program, ProgressDelta, ReduceMean, Source
from envgym.runtime.episodes import EpisodeWriter, read_episodes, rescore
from envgym.types import ConfigError, EvidenceError

PRESETS = ("outcome", "dense", "gated", "process")


@pytest.fixture
def play(tmp_path):
    """Play GuessNumber by fixed rules under a program; return the ends' info."""
    import envgym  # noqa: F401 - registers the ids

    def run(reward, record=None):
        env = gymnasium.make(
            "envgym/GuessNumber-v0",
            reward=reward,
            record=record,
            record_evidence="all",
            max_turns=7,
            disable_env_checker=True,
        )
        ends = []
        for seed in range(4):
            env.reset(seed=seed)
            turns, done = 0, False
            while not done:
                lost = seed % 2 and turns >= 2 * seed
                action = "What now?" if lost else env.unwrapped.oracle()
                *_, terminated, truncated, info = env.step(action)
                turns, done = turns + 1, terminated or truncated
            ends.append(info)
        env.close()
        return ends

    return run


def test_one_file_under_all_presets_equals_runs_under_each(tmp_path, play):
    play("outcome", tmp_path / "run")
    for preset in PRESETS:
        scores = rescore(tmp_path / "run", preset)
        for score, info in zip(scores, play(preset), strict=True):
            assert score.step_rewards == info["step_rewards"]
            assert score.total == math.fsum(entry.value for entry in info["ledger"])
            assert score.ledger == info["ledger"]
            assert score.valid


def test_json_has_four_fields(record):
    (score,) = rescore(record("a stop"), "dense")
    assert score.to_json() == {
        "episode": score.episode,
        "return": pytest.approx(1 + 2 / 3),
        "step_rewards": [pytest.approx(1 / 3), pytest.approx(4 / 3)],
        "valid": True,
    }


def test_a_program_its_json_or_its_file(record, tmp_path):
    folder = record("a stop")
    program = Program("mean", ReduceMean(Source("judge", lo=0.0, hi=1.0)))
    file = tmp_path / "mean.json"
    file.write_text(json.dumps(program.spec()))
    scores = [
        rescore(folder, given)[0].total for given in (program, program.spec(), str(file), file)
    ]
    assert scores == [0.5] * 4


def test_cut_unfinished_and_failed_episodes_have_no_return(record):
    folder = record("a b", "a crash", "a b c")
    path = folder / "episodes.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    cut, failed, unfinished = rescore(folder, "dense")
    third = pytest.approx(1 / 3)
    assert (cut.total, cut.valid, cut.step_rewards) == (None, True, (third, third))
    assert (failed.total, failed.valid, failed.reason) == (None, False, "disk")
    assert failed.step_rewards == (third, 0.0)
    assert (unfinished.total, unfinished.valid) == (None, True)
    assert len(unfinished.step_rewards) == 3


def test_a_lost_end_line_loses_no_score(record):
    folder = record("a stop")
    path = folder / "episodes.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert rescore(folder, "outcome")[0].total == 1.0


def test_a_lost_event_makes_the_score_invalid(record):
    folder = record("a b stop")
    path = folder / "episodes.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    (score,) = rescore(folder, "dense")
    assert (score.total, score.valid) == (None, False)
    assert score.reason == "file: event 1 is missing before event 2"


def test_invalid_under_one_program_valid_under_another(record):
    judged = Program("judged", ReduceMean(Source("judge", lo=0.0, hi=1.0)))
    folder = record("mute stop", reward=judged)
    episode = read_episodes(folder)[0]
    assert (episode.cause, episode.total) == ("invalid", None)
    assert episode.end.reason.startswith("reward:")
    assert rescore(folder, "outcome")[0].total == 1.0
    (again,) = rescore(folder, judged)
    assert (again.total, again.valid, again.reason) == (None, False, episode.end.reason)


def test_late_evidence_counts(record):
    style = Program("style", Source("style", "episode", lo=0.0, hi=1.0))
    folder = record("a stop")
    with pytest.raises(
        EvidenceError, match="lacks evidence 'style', which program 'style' needs; it holds big"
    ):
        rescore(folder, style)
    with EpisodeWriter(folder, append=True) as writer:
        writer.late(read_episodes(folder).names[0], 1, "agent", {"style": 0.25}, "judge:fake")
    assert rescore(folder, style)[0].total == 0.25


def test_costly_evidence_is_there_if_it_was_asked_for(record):
    proof = Program("proof", Source("proof", "episode", lo=0.0, hi=1.0))
    with pytest.raises(EvidenceError, match="'proof'.*record_evidence"):
        rescore(record("stop", folder="cheap"), proof)
    assert rescore(record("stop", folder="all", record_evidence="all"), proof)[0].total == 1.0


def test_big_integers_are_numbers_again(record):
    grown = Program("grown", ProgressDelta(Source("big", lo=0.0)))
    assert rescore(record("a b stop"), grown)[0].valid


def test_a_child_is_scored_with_its_past(tmp_path, tell_tale):
    call = '<tool_call>{{"name": "say", "arguments": {{"word": "{}"}}}}</tool_call>'.format
    env = gymnasium.make(tell_tale, record=tmp_path / "t", reward="dense", disable_env_checker=True)
    env.reset(seed=0)
    env.step(call("a"))
    snapshot = env.unwrapped.snapshot()
    env.step(call("b"))
    env.unwrapped.restore(snapshot)
    *_, info = env.step(call("stop"))
    env.close()
    child = rescore(tmp_path / "t", "dense")[1]
    assert child.total == pytest.approx(sum(info["step_rewards"]))
    assert child.step_rewards == (pytest.approx(4 / 3),)


def test_unknown_presets_name_the_nearest(record):
    folder = record("stop")
    with pytest.raises(ConfigError, match="unknown reward preset 'dens'.*Did you mean 'dense'"):
        rescore(folder, "dens")


def test_an_environment_that_is_not_installed(recorded):
    path = recorded / "episodes.jsonl"
    path.write_text(path.read_text().replace("envgym/GuessNumber-v0", "gone/Away-v0"))
    with pytest.raises(
        ConfigError, match=r"preset 'dense' cannot be looked up: unknown environ.*\.json"
    ):
        rescore(recorded, "dense")
    outcome = Program("outcome", Source("outcome", "episode", lo=0.0, hi=1.0))
    assert [score.total for score in rescore(recorded, outcome)] == [1.0, 1.0]
