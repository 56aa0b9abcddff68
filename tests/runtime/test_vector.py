"""TextVectorEnv against single environments, in every autoreset mode."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode

import envgym
from envgym import ConfigError, TextVectorEnv

ID = "envgym/GuessNumber-v0"
make = partial(gymnasium.make, ID)


def halves(n):
    return [f"guess({50 + i})" for i in range(n)]


@pytest.mark.parametrize("threads", [0, 3])
def test_a_vector_is_its_environments_side_by_side(threads):
    vector = gymnasium.make_vec(ID, 4, reward="dense", threads=threads)
    assert isinstance(vector, TextVectorEnv) and vector.num_envs == 4
    singles = [make(reward="dense") for _ in range(4)]
    observations, infos = vector.reset(seed=7)
    expected = [env.reset(seed=7 + i) for i, env in enumerate(singles)]
    assert list(observations) == [o for o, _ in expected]
    assert list(infos["per_env"]) == [i for _, i in expected]
    assert vector.observation_space.contains(observations)
    for _ in range(3):
        observations, rewards, terminated, truncated, infos = vector.step(halves(4))
        expected = [env.step(a) for env, a in zip(singles, halves(4), strict=True)]
        assert list(observations) == [e[0] for e in expected]
        assert rewards.tolist() == [e[1] for e in expected] and rewards.dtype == np.float64
        assert terminated.tolist() == [e[2] for e in expected]
        assert truncated.tolist() == [e[3] for e in expected]
        assert list(infos["per_env"]) == [e[4] for e in expected]
        assert list(infos["evidence"]) == [e[4]["evidence"] for e in expected]
    vector.close()


def test_next_step_resets_on_the_step_after_the_end():
    vector = gymnasium.make_vec(ID, 2, max_turns=1)
    vector.reset(seed=0)
    *_, truncated, infos = vector.step(["", ""])
    assert truncated.all() and list(infos["end"]) == ["budget", "budget"]
    observations, rewards, terminated, truncated, infos = vector.step(["", ""])
    assert not terminated.any() and not truncated.any() and not rewards.any()
    assert all("I think of a number" in o for o in observations)
    assert "task_id" in infos["per_env"][0]


def test_same_step_keeps_the_final_observation_and_info():
    vector = gymnasium.make_vec(ID, 2, max_turns=1, autoreset_mode="SAME_STEP")
    vector.reset(seed=0)
    observations, _, _, truncated, infos = vector.step(["", ""])
    assert truncated.all() and all("I think of" in o for o in observations)
    assert all("message is empty" in o for o in infos["final_obs"])
    assert [i["end"] for i in infos["final_info"]["per_env"]] == ["budget", "budget"]
    assert infos["_final_info"].all()


def test_disabled_needs_a_masked_reset():
    vector = gymnasium.make_vec(ID, 2, max_turns=1, autoreset_mode=AutoresetMode.DISABLED)
    vector.reset(seed=0)
    vector.step(["", ""])
    with pytest.raises(ResetNeeded):
        vector.step(["", ""])
    vector.reset(options={"reset_mask": np.array([True, True])})
    vector.step(["", ""])
    before = vector.reset(seed=[5, None], options={"reset_mask": np.array([True, False])})
    assert before[1]["_per_env"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (lambda: TextVectorEnv([]), "at least one environment"),
        (lambda: TextVectorEnv([make], threads=-1), "threads must be 0 or more"),
        (lambda: TextVectorEnv([make], autoreset_mode="SAME"), "unknown autoreset_mode 'SAME'"),
        (lambda: TextVectorEnv([make]).reset(seed=[1, 2]), "seed must hold 1 entries, got 2"),
        (lambda: TextVectorEnv([make]).step([]), "needs 1 actions, got 0"),
        (
            lambda: TextVectorEnv([make]).reset(options={"reset_mask": [True, True]}),
            "reset_mask must have shape",
        ),
    ],
)
def test_bad_arguments_are_named(work, sentence):
    with pytest.raises(ConfigError, match=sentence):
        work()


def test_every_text_id_has_its_vector_form_and_a_json_spec():
    for env_id in envgym.ids():
        spec = gymnasium.spec(env_id)
        assert spec.vector_entry_point == f"envgym.runtime.vector:{env_id}"
        assert gymnasium.envs.registration.EnvSpec.from_json(spec.to_json()) == spec
