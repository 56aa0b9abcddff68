"""Vectors of numeric environments: shapes, types, seeds, ends, partial resets, bad input."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, VectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.types import ConfigError
from tests.runtime.numeric.toy_family import LampsCore, LampsEnv


def vector(count=3, **arguments):
    return NumericVectorEnv(LampsEnv, count, **arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"num_envs": 0}, "num_envs must be 1 or more, got 0."),
        ({"num_envs": True}, "num_envs must be 1 or more, got True."),
        ({"num_envs": 2.0}, "num_envs must be 1 or more, got 2.0."),
        ({"backend": "jax"}, "unknown backend 'jax'; allowed: numpy, torch."),
        (
            {"dtype": "float16"},
            "unknown dtype 'float16'; allowed: float32, float64. Did you mean 'float64'?",
        ),
        ({"device": "cuda"}, "device is for backend='torch', got 'cuda'."),
        ({"streams": "row"}, "unknown streams 'row'; allowed: batch, rows. Did you mean 'rows'?"),
        ({"backend": "torch", "streams": "rows"}, "streams='rows' is for backend='numpy'."),
        ({"render_mode": "ansi"}, "unknown render_mode 'ansi'; allowed: None."),
        (
            {"backend": "torch", "reward": "count"},
            "visits, progress and novelty are measured with backend='numpy' only; reward 'count'"
            " reads one of them.",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_told_in_a_sentence(arguments, sentence):
    with pytest.raises(ConfigError) as caught:
        NumericVectorEnv(LampsEnv, **arguments)
    assert str(caught.value) == f"LampsEnv vector: {sentence}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"autoreset_mode": "never"}, "unknown autoreset_mode 'never'.*NEXT_STEP"),
        ({"backend": "torch", "device": "blub"}, "device 'blub' is not there: "),
        ({"lams": 3}, "unknown argument 'lams'.*Did you mean 'lamps'"),
        ({"reward": "grpo"}, "compares the rollouts of a group or needs the trainer"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_more_bad_arguments(arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        vector(**arguments)


def test_a_family_without_tensors_is_told():
    class PlainCore(LampsCore):
        torch_ok = False

    class PlainEnv(LampsEnv):
        core_class = PlainCore

    with pytest.raises(ConfigError, match="PlainEnv vector: this family has no torch form"):
        NumericVectorEnv(PlainEnv, 2, backend="torch")


def test_shapes_and_types():
    envs = vector(4)
    assert isinstance(envs, VectorEnv)
    obs, infos = envs.reset(seed=0)
    assert envs.observation_space.contains(obs)
    assert obs.shape == (4, 2)
    assert infos["turn"].tolist() == [0] * 4
    obs, rewards, terminated, truncated, infos = envs.step(np.array([0, 1, 2, 3]))
    assert (rewards.dtype, terminated.dtype, truncated.dtype) == (float, bool, bool)
    assert all(value.shape == (4,) for value in infos["evidence"].values())
    assert infos["evidence"]["rounds"].dtype == np.int64
    (outcome,) = infos["revealed"]
    assert outcome.round.tolist() == [0] * 4
    assert outcome.action.tolist() == [0, 1, 2, 3]
    assert (outcome.reward == infos["evidence"]["utility"]).all()
    assert not {"error", "mask", "outcome", "oracle"} & set(infos)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_float32_reaches_observations_rewards_and_evidence(backend):
    envs = vector(backend=backend, dtype="float32")
    envs.reset(seed=0)
    obs, rewards, _, _, infos = envs.step(np.array([0, 1, 2]))
    kinds = {str(obs.dtype), str(rewards.dtype)}
    kinds |= {str(infos["evidence"][key].dtype) for key in ("utility", "expected", "shortfall")}
    assert {kind.rpartition(".")[2] for kind in kinds} == {"float32"}


@pytest.mark.parametrize(
    ("actions", "sentence"),
    [
        ([0, 1], r"actions must have shape \(3,\), got \(2,\)\."),
        ([[0, 1, 2]], r"actions must have shape \(3,\), got \(1, 3\)\."),
        ([0.0, 1.0, 2.0], r"actions must be integers, got floats\."),
        ([True, False, True], r"actions must be numbers of shape \(3,\), got \[True"),
        ("abc", r"actions must be numbers of shape \(3,\), got 'abc'\."),
        (None, r"actions must be numbers of shape \(3,\), got None\."),
        ([[0], [1, 2], []], r"actions must be numbers of shape \(3,\), got \[\[0\]"),
    ],
    ids=["short", "deep", "floats", "bools", "text", "none", "ragged"],
)
def test_actions_that_fit_no_batch_are_told(actions, sentence):
    envs = vector()
    envs.reset(seed=0)
    with pytest.raises(ConfigError, match=f"^LampsEnv vector: {sentence}"):
        envs.step(actions)


def test_an_invalid_row_loses_its_turn_alone():
    envs, plain = vector(streams="rows"), vector(streams="rows")
    for each in (envs, plain):
        each.reset(seed=0)
    _, rewards, _, _, infos = envs.step(np.array([1, 99, -1]))
    expected = plain.step(np.array([1, 1, 1]))[1]
    assert rewards[0] == expected[0]
    assert rewards[1:].tolist() == [0.0, 0.0]
    assert infos["error"].tolist() == [False, True, True]
    seen = infos["evidence"]
    assert seen["errors"].tolist() == [0, 1, 1]
    assert seen["turn"].tolist() == [1, 1, 1]
    assert seen["rounds"].tolist() == [1, 0, 0]
    assert seen["shortfall"][1:].tolist() == [1.0, 1.0]
    assert infos["revealed"][0].round.tolist() == [0, -1, -1]
    # Their worlds did not move: the next rounds are those of environments that begin now.
    _, rewards, _, _, infos = envs.step(np.array([1, 1, 1]))
    assert rewards[1:].tolist() == expected[1:].tolist()
    assert infos["revealed"][0].round.tolist() == [1, 0, 0]


def test_when_nobody_plays_nothing_is_revealed():
    envs = vector()
    envs.reset(seed=0)
    _, rewards, _, _, infos = envs.step(np.array([7, 8, 9]))
    assert rewards.tolist() == [0.0] * 3
    assert infos["revealed"] == ()


@pytest.mark.parametrize("seed", [[1, 2], "abc", -1, 1 << 63, 1.5, [1, 2, -3], True], ids=repr)
def test_bad_seeds_are_told(seed):
    with pytest.raises(ConfigError, match="^LampsEnv vector: seed must be "):
        vector().reset(seed=seed)


def test_seeds():
    envs = vector(streams="rows")
    one = envs.reset(seed=5)[0], envs.seeds
    assert one[1] == [5, 6, 7]
    envs.reset(seed=[7, 5, 6])
    paid = envs.step(np.array([1, 1, 1]))[1]
    envs.reset(seed=5)
    assert envs.step(np.array([1, 1, 1]))[1].tolist() == [paid[1], paid[2], paid[0]]


def test_without_a_seed_np_random_decides():
    first, second = vector(), vector()
    for envs in (first, second):
        envs.reset(seed=1)
        envs.reset()
    assert first.seeds == second.seeds
    assert len(set(first.seeds)) == 3
    assert first.np_random.random() == second.np_random.random()


def test_step_before_reset_is_told():
    with pytest.raises(ResetNeeded, match="the episode is over or has not begun"):
        vector().step(np.array([0, 0, 0]))


@pytest.mark.parametrize("streams", ["batch", "rows"])
def test_some_rows_begin_anew(streams):
    envs = vector(streams=streams, autoreset_mode="Disabled", horizon=3)
    envs.reset(seed=0)
    before = envs.step(np.array([1, 1, 1]))[0]
    mask = np.array([False, True, False])
    obs, infos = envs.reset(seed=40, options={"reset_mask": mask})
    assert (obs[~mask] == before[~mask]).all()
    assert obs[1].tolist() == [0.0, 0.0]
    assert infos["turn"].tolist() == [1, 0, 1]
    assert envs.seeds == [0, 41, 2]
    envs.step(np.array([1, 1, 1]))
    _, _, done, _, _ = envs.step(np.array([1, 1, 1]))
    assert done.tolist() == [True, False, True]
    with pytest.raises(ResetNeeded):
        envs.step(np.array([1, 1, 1]))
    envs.reset(seed=50, options={"reset_mask": done})
    _, _, done, _, infos = envs.step(np.array([1, 1, 1]))
    assert done.tolist() == [False, True, False]
    assert infos["turn"].tolist() == [1, 3, 1]


def test_a_row_begun_anew_is_the_single_environment_of_its_seed():
    envs = vector(streams="rows", autoreset_mode="Disabled", reward="distillation")
    envs.reset(seed=0)
    envs.step(np.array([1, 1, 1]))
    envs.reset(seed=40, options={"reset_mask": np.array([False, True, False])})
    alone = LampsEnv(reward="distillation")
    alone.reset(seed=41)
    for action in (2, 2, 0):
        rewards = envs.step(np.full(3, action))[1]
        assert rewards[1] == pytest.approx(alone.step(action)[1], rel=1e-12)


def test_nobody_begins_anew():
    envs = vector(autoreset_mode="Disabled")
    envs.reset(seed=0)
    before = envs.step(np.array([1, 1, 1]))[0]
    after, _ = envs.reset(options={"reset_mask": np.zeros(3, dtype=bool)})
    assert (after == before).all()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_infos_stay_as_they_were_when_rows_begin_anew(mode):
    envs = vector(fuse=True, lamps=3, autoreset_mode=mode)
    envs.reset(seed=0)
    _, _, done, _, infos = envs.step(np.array([0, 2, 1]))
    assert done.tolist() == [False, True, False]
    envs.step(np.array([0, 0, 1]))
    assert infos["turn"].tolist() == infos["evidence"]["turn"].tolist() == [1, 1, 1]


def test_next_step_spends_a_step_on_the_reset():
    envs = vector(fuse=True, lamps=3, streams="rows")
    envs.reset(seed=0)
    _, _, done, _, infos = envs.step(np.array([0, 2, 1]))
    assert infos["_outcome"].tolist() == done.tolist() == [False, True, False]
    obs, rewards, done, _, infos = envs.step(np.array([0, -5, 1]))  # nobody reads the -5
    assert rewards[1] == 0.0
    assert obs[1].tolist() == [0.0, 0.0]
    assert not done.any()
    assert not np.any(infos.get("error", False))
    seen = infos["evidence"]
    assert [seen[key][1] for key in ("turn", "rounds", "errors", "shortfall")] == [0, 0, 0, 0]
    assert infos["revealed"][0].round.tolist() == [1, -1, 1]
    alone = LampsEnv(fuse=True, lamps=3)
    alone.reset(seed=envs.seeds[1])
    assert envs.step(np.array([0, 1, 1]))[1][1] == pytest.approx(alone.step(1)[1], rel=1e-12)


def test_same_step_keeps_the_last_observation():
    envs = vector(fuse=True, lamps=3, autoreset_mode=AutoresetMode.SAME_STEP)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    envs.reset(seed=0)
    obs, _, _, _, infos = envs.step(np.array([0, 2, 1]))
    assert infos["_final_obs"].tolist() == [False, True, False]
    assert obs[1].tolist() == [0.0, 0.0]
    assert infos["final_obs"][1][0] == infos["evidence"]["utility"][1]


@given(
    horizon=st.integers(1, 5),
    seed=st.integers(0, 1 << 30),
    actions=st.lists(st.lists(st.integers(-1, 4), min_size=3, max_size=3), min_size=8, max_size=8),
)
@settings(max_examples=25)
def test_episode_after_episode_a_row_is_a_single_environment(horizon, seed, actions):
    envs = vector(streams="rows", horizon=horizon, fuse=True, reward="count")
    singles = [LampsEnv(horizon=horizon, fuse=True, reward="count") for _ in range(3)]
    envs.reset(seed=seed)
    for i, env in enumerate(singles):
        env.reset(seed=seed + i)
    over = [False] * 3
    for row in actions:
        _, rewards, done, _, infos = envs.step(np.array(row))
        for i, env in enumerate(singles):
            if over[i]:
                env.reset(seed=envs.seeds[i])
                over[i] = False
                assert rewards[i] == 0.0
                continue
            _, reward, over[i], _, info = env.step(row[i])
            assert rewards[i] == pytest.approx(reward, rel=1e-12)
            assert bool(done[i]) == over[i]
            if over[i]:
                assert infos["outcome"][i] == pytest.approx(info["evidence"]["outcome"])


def test_privileged_answers():
    envs = vector(rest=True, expose_oracle=True)
    _, infos = envs.reset(seed=0)
    assert infos["oracle"] == {"coolest": 0}
    assert infos["mask"].shape == envs.action_masks().shape == (3, 5)
    assert envs.expert_actions().shape == (3,)
    with pytest.raises(ConfigError, match="LampsEnv names no myopic action"):
        envs.myopic_actions()


def test_gymnasium_makes_it(lamps):
    envs = gym.make_vec(lamps, num_envs=4, lamps=7, streams="rows")
    assert isinstance(envs, NumericVectorEnv)
    assert envs.core.lamps == 7
    assert envs.spec.id == lamps
    sync = gym.make_vec(lamps, num_envs=2, vectorization_mode="sync", lamps=7)
    sync.reset(seed=0)
    envs.reset(seed=0)
    ours = envs.step(np.array([1, 1, 1, 1]))[1]
    assert sync.step(np.array([1, 1]))[1].tolist() == pytest.approx(ours[:2].tolist(), rel=1e-12)
    sync.close()


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_async_vectors_work():
    envs = AsyncVectorEnv([LampsEnv] * 2, shared_memory=False)
    alone = LampsEnv()
    envs.reset(seed=[3, 4])
    alone.reset(seed=4)
    _, rewards, _, _, infos = envs.step(np.array([1, 2]))
    assert rewards[1] == alone.step(2)[1]
    assert infos["evidence"][1]["rounds"] == 1
    envs.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reset_mask": np.ones(2, dtype=bool)}, "reset_mask must be 3 bools"),
        ({"reset_mask": [1, 0, 1]}, "reset_mask must be 3 bools"),
        ({"mask": None}, "unknown reset option 'mask'"),
    ],
)
def test_reset_options_are_checked(options, words):
    envs = gym.make_vec("envgym/Coverage-v0", num_envs=3)
    envs.reset(seed=0)
    with pytest.raises(ConfigError, match=words):
        envs.reset(seed=0, options=options)
