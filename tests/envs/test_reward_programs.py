"""Every family takes dense, gated, process and tournament programs by name, object and JSON."""

import json
from math import fsum

import pytest

from envgym import GroupVectorEnv, make
from envgym.rewards import Program, resolve, score
from envgym.runtime.registry import env_class
from envgym.types import ConfigError

FAMILIES = ["envgym/GuessNumber-v0", "envgym/Quest-v0", "envgym/TravelPlan-v0"]
ALONE = ["dense", "gated", "process"]
TOGETHER = ["grpo", "rloo", "tournament", "win_rate"]


@pytest.fixture(params=["name", "object", "json", "file"])
def forms(request, tmp_path):
    """Return a function that gives a program in one of the forms that users write."""

    def form(env_id, name):
        program = resolve(name, env_class(env_id).presets())
        if request.param == "file":
            file = tmp_path / f"{name}.json"
            file.write_text(json.dumps(program.spec()))
            return str(file)
        return {"name": name, "object": program, "json": program.spec()}[request.param]

    return form


@pytest.mark.parametrize("env_id", FAMILIES)
@pytest.mark.parametrize("name", ALONE)
def test_alone(env_id, name, forms):
    env = make(env_id, reward=forms(env_id, name), max_turns=2, disable_env_checker=True)
    try:
        _, info = env.reset(seed=0)
        floats = []
        for _ in range(2):
            _, reward, _, truncated, info = env.step("hm")
            floats.append(reward)
        assert truncated
        assert fsum(floats) == pytest.approx(fsum(info["step_rewards"]))
    finally:
        env.close()


@pytest.mark.parametrize("env_id", FAMILIES)
@pytest.mark.parametrize("name", TOGETHER)
def test_together(env_id, name, forms):
    program = forms(env_id, name)
    with pytest.raises(ConfigError, match=r"GroupVectorEnv.*envgym\.rewards\.score"):
        make(env_id, reward=program, disable_env_checker=True)
    group = GroupVectorEnv(env_id, 3, reward=program, max_turns=2)
    try:
        group.reset(seed=0)
        group.step(["hm"] * 3)
        _, rewards, terminated, _, infos = group.step(["hm"] * 3)
        assert terminated.all()
        records = [env.unwrapped.evidence_so_far() for env in group.envs]
    finally:
        group.close()
    whole = resolve(program, env_class(env_id).presets())
    assert isinstance(whole, Program)
    found = score(records, whole, seed=0)
    sums = [fsum(info["step_rewards"]) for info in infos["per_env"]]
    assert [each.total for each in found] == pytest.approx(sums)
    assert list(rewards) == pytest.approx(sums)
    # Three equal rollouts: nobody is ahead.
    assert len({round(x, 9) for x in sums}) == 1
