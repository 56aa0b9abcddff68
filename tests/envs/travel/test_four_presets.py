"""One recorded file gives all four presets without re-running, equal to runs under each."""

import gymnasium
import pytest

from envgym import Job, rollout
from envgym.agents import NoisyOraclePolicy
from envgym.runtime.episodes import rescore

ID = "envgym/TravelPlan-v0"
JOBS = [Job(seed=seed) for seed in range(4)]


def play(**kwargs):
    env = gymnasium.make(ID, max_turns=25, **kwargs)
    policy = NoisyOraclePolicy(noise=0.4, seed=1)
    results = sorted(rollout(lambda: env, policy, JOBS, batch=1))
    return [result for _, result in results]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trip")
    play(record=str(folder / "run"), record_evidence="all")
    return folder / "run"


@pytest.mark.parametrize("preset", ["outcome", "dense", "gated", "process"])
def test_rescored_equals_run(recorded, preset):
    again = [(r.total, r.step_rewards) for r in rescore(recorded, preset)]
    assert again == [(r.total, r.step_rewards) for r in play(reward=preset)]
    assert len(again) == 4
