"""Agents on one seed and task, ranked by mean shortfall: a tournament without a judge."""

import json
from functools import partial

import pytest

from envgym.agents import resolve_agent
from envgym.cli.app import run
from envgym.rewards import Program, ReduceMean, Scale, Source, Tournament, score
from envgym.runtime import registry
from envgym.runtime.episodes import read_episodes
from envgym.runtime.rollout import Job, rollout

REGRET = Program("regret", Scale(ReduceMean(Source("shortfall")), -1.0))
AGENTS = ("oracle", "random", "learner:fixed:10")
"""The last one accepts hardly anybody."""
ENV = "envgym/FairThresholdText-v0"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Record the agents on the same two worlds and seeds, one after the other."""
    folder = tmp_path_factory.mktemp("regret")
    jobs = [Job(seed=seed, task=f"train/{seed}") for seed in (3, 4)]
    for place, agent in enumerate(AGENTS):
        make = partial(registry.make, ENV, record=folder, append=place > 0, horizon=20)
        assert len(list(rollout(make, resolve_agent(agent), jobs, batch=1))) == len(jobs)
    return folder


def test_ranked_by_the_command(recorded, tmp_path, capsys):
    path = tmp_path / "regret.json"
    path.write_text(json.dumps(REGRET.spec()))
    assert run(["rewards", "tournament", str(recorded), "--by", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [f"{ENV} train/3", f"{ENV} train/4"]
    names = read_episodes(recorded).names
    for start, cup in enumerate(found.values()):
        assert cup["order"] == names[start::2]  # oracle, random, the bad threshold
        assert list(cup["q"].values()) == [1.0, 0.5, 0.0]
        assert all(match["calls"] == 0 for match in cup["matches"])


def test_ranked_in_python(recorded):
    """The oracle first; a threshold that accepts hardly anybody behind random ones."""
    episodes = list(read_episodes(recorded))
    for start in (0, 1):
        records = [episode.records for episode in episodes[start::2]]
        regrets = [each.total for each in score(records, REGRET)]
        assert regrets[0] > regrets[1] > regrets[2]
        cup = Program("cup", Tournament(REGRET.root))
        assert [each.total for each in score(records, cup)] == [1.0, 0.5, 0.0]


def test_the_oracles_regret_is_what_the_population_costs(recorded):
    """It plays the best steady threshold, so only the way to the steady state costs."""
    oracle = read_episodes(recorded)[0]
    assert abs(score([oracle.records], REGRET)[0].total) < 0.02
