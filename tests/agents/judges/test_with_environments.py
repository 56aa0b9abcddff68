"""Judges over episodes that were really played: late evidence, tournaments, verification."""

import gymnasium
import pytest

import envgym.envs  # noqa: F401 - registers the ids
from envgym.agents import OraclePolicy, RandomPolicy
from envgym.agents.judges import (
    CachedJudge,
    CassetteJudge,
    FakeJudge,
    JudgeComparator,
    RecordingJudge,
    grade,
)
from envgym.rewards import Program, Source, score
from envgym.rewards.group.tournament import Tournament
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.groups import episode_candidate
from envgym.runtime.rollout import Job, rollout


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("played") / "run"
    for place, policy in enumerate(
        (OraclePolicy(), RandomPolicy(), RandomPolicy(), OraclePolicy())
    ):
        env = gymnasium.make("envgym/Quest-v0", record=folder, append=place > 0, max_turns=6)
        jobs = [Job(seed=3, task="train/1", group="g", index=place)]
        assert len(list(rollout(lambda: env, policy, jobs, envs=[env]))) == 1  # noqa: B023
        env.close()
    return folder


@pytest.fixture
def folder(played, tmp_path):
    copy = tmp_path / "run"
    copy.mkdir()
    for file in played.glob("episodes*.jsonl"):
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def test_graded_episodes_rescore_and_still_verify(folder):
    before = rescore(folder, "outcome")
    report = grade(folder, FakeJudge(seed=2), name="style")
    assert (report.answered, report.problems) == (4, ())
    program = Program(
        "styled", Source("outcome", "episode") + 0.1 * Source("judge.style", "episode", 0, 10)
    )
    for episode, old, new in zip(
        read_episodes(folder), before, rescore(folder, program), strict=True
    ):
        style = episode.records[-1]["judge.style"]
        assert new.total == pytest.approx(old.total + 0.1 * style)
    assert verify(folder).ok


def test_a_judged_tournament_reproduces_from_cache_and_cassette(folder, tmp_path):
    members = [episode_candidate(episode, episode.records) for episode in read_episodes(folder)]
    program = Program("cup", Tournament(Source("outcome", "episode"), comparator="judge"))

    def ranked(judge):
        found = score(members, program, comparators={"judge": JudgeComparator(judge)}, seed=1)
        return [each.total for each in found], found.report

    judge = FakeJudge(noise=0.3, bias=0.2, seed=5)
    first = ranked(RecordingJudge(judge, tmp_path / "tape.jsonl"))
    assert len(set(first[0])) > 1
    assert ranked(CassetteJudge(tmp_path / "tape.jsonl")) == first
    assert ranked(CachedJudge(judge, tmp_path / "cache.db")) == first
    cached = CachedJudge(FakeJudge(noise=0.3, bias=0.2, seed=5), tmp_path / "cache.db")
    assert ranked(cached) == first
    assert cached.stats.misses == 0


def test_a_judge_that_is_down_ranks_nobody(folder):
    members = [episode_candidate(episode, episode.records) for episode in read_episodes(folder)]
    program = Program("cup", Tournament(Source("outcome", "episode"), comparator="judge"))
    down = JudgeComparator(FakeJudge(failures=1.0))
    found = score(members, program, comparators={"judge": down}, seed=1)
    assert [each.total for each in found] == [None] * 4
