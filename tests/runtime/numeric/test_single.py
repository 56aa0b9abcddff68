"""The single numeric environment: arguments, rounds, infos, snapshots, what is privileged."""

import math

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from envgym.rewards import Program, Source, score
from envgym.runtime.episodes import read_episodes
from envgym.types import ConfigError, EvidenceError
from tests.runtime.numeric.toy_family import LampsCore, LampsEnv

KERNEL = "append, expose_oracle, fuse, horizon, lamps, limit, record, record_evidence, render_mode, rest, reward, spread"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"horizon": 0}, "Lamps: horizon must be an integer from 1 to 10,000,000, got 0."),
        ({"horizon": "9"}, "Lamps: horizon must be an integer from 1 to 10,000,000, got '9'."),
        ({"horizon": True}, "Lamps: horizon must be an integer from 1 to 10,000,000, got True."),
        ({"lamps": 101}, "Lamps: lamps must be an integer from 2 to 100, got 101."),
        ({"lamps": 2.0}, "Lamps: lamps must be an integer from 2 to 100, got 2.0."),
        ({"spread": math.nan}, "Lamps: spread must be a number from 0 to 1, got nan."),
        ({"spread": "x"}, "Lamps: spread must be a number from 0 to 1, got 'x'."),
        ({"rest": "no"}, "Lamps: unknown rest 'no'; allowed: False, True."),
        (
            {"lams": 3},
            f"LampsEnv: unknown argument 'lams'; allowed: {KERNEL}. Did you mean 'lamps'?",
        ),
        (
            {"render_mode": "human"},
            "LampsEnv: unknown render_mode 'human'; allowed: None, ansi.",
        ),
        (
            {"record_evidence": "al"},
            "LampsEnv: unknown record_evidence 'al'; allowed: all, needed. Did you mean 'all'?",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_told_in_a_sentence(arguments, sentence):
    with pytest.raises(ConfigError) as caught:
        LampsEnv(**arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("reward", "sentence"),
    [
        ("utilit", "LampsEnv: unknown reward preset 'utilit'; allowed: .*Did you mean 'utility'"),
        (Program("r", Source("warmth")), "needs evidence 'warmth'.*supplies "),
        ("grpo", "compares the rollouts of a group or needs the trainer"),
    ],
    ids=["unknown", "evidence", "group"],
)
def test_bad_rewards_are_told(reward, sentence):
    with pytest.raises((ConfigError, EvidenceError), match=sentence):
        LampsEnv(reward=reward)


def test_a_round_by_hand():
    env = LampsEnv(spread=0.0, horizon=2, limit=0.25)
    obs, info = env.reset(seed=3)
    assert obs.tolist() == [0.0, 0.0]
    assert (info["task_id"], info["seed"], info["system"]) == ("seed/3", 3, "")
    assert info["evidence"]["visits"] == 1
    light = env.scalar.light[4]
    obs, reward, terminated, truncated, info = env.step(4)
    assert (reward, terminated, truncated) == (light, False, False)
    assert obs[0] == light
    seen = info["evidence"]
    assert (seen["turn"], seen["rounds"], seen["visits"], seen["errors"]) == (1, 1, 1, 0)
    assert seen["violation"] == pytest.approx(0.15)
    assert seen["shortfall"] == pytest.approx(1 - light)
    assert info["reward_parts"] == {"utility": light}
    (outcome,) = info["revealed"]
    assert (outcome.round, outcome.action, outcome.reward) == (0, 4, light)
    assert outcome.residuals == (seen["heat_residual"],)
    assert "oracle" not in info
    assert "mask" not in info
    _, _, terminated, _, info = env.step(np.int64(4))
    assert terminated
    assert info["end"] == "task"
    assert info["evidence"]["visits"] == 2
    assert info["evidence"]["outcome"] == pytest.approx(light)
    assert math.fsum(info["step_rewards"]) == pytest.approx(2 * light)


@pytest.mark.parametrize("bad", [-1, 5, "0", None, 1.0, [0, 1], float("nan"), {}], ids=repr)
def test_an_invalid_action_costs_a_turn_and_moves_nothing(bad):
    env, twin = LampsEnv(horizon=3), LampsEnv(horizon=2)
    for each in (env, twin):
        each.reset(seed=1)
    twin_steps = [twin.step(2), twin.step(1)]
    first = env.step(2)
    obs, reward, terminated, _, info = env.step(bad)
    assert (reward, terminated) == (0.0, False)
    assert info["error"].startswith("the action must be an integer from 0 to 4")
    assert (obs == first[0]).all()
    seen = info["evidence"]
    assert (seen["turn"], seen["errors"], seen["rounds"]) == (2, 1, 1)
    assert seen["utility"] == seen["expected"] == seen["violation"] == 0.0
    assert seen["shortfall"] == 1.0
    assert info["revealed"] == ()
    last = env.step(1)
    assert last[1] == twin_steps[1][1]
    total = first[1] + last[1]
    assert last[4]["evidence"]["outcome"] == pytest.approx(max(0.0, total / 3))


def test_masked_actions_are_invalid_and_told():
    env = LampsEnv(rest=True)
    _, info = env.reset(seed=0)
    assert info["mask"] == (True,) * 5
    _, _, _, _, info = env.step(3)
    assert info["mask"] == (True, True, True, False, True)
    assert env.action_mask().tolist() == list(info["mask"])
    assert env.step(3)[4]["error"] == "action 3 is not available now."


def test_the_world_may_end_the_episode():
    env = LampsEnv(fuse=True, horizon=10, spread=0.0)
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(4)
    assert terminated
    assert info["evidence"]["outcome"] == pytest.approx(reward / 10)
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step(0)


def test_step_before_reset_is_told():
    with pytest.raises(ResetNeeded, match="the episode is over or has not begun"):
        LampsEnv().step(0)


def test_tasks_are_refused():
    with pytest.raises(ConfigError, match="LampsEnv: there are no tasks here; give a seed."):
        LampsEnv().reset(options={"task": "train/3"})


def test_a_seed_is_an_episode_and_none_draws_one():
    env = LampsEnv()
    obs = [env.reset(seed=seed)[1]["seed"] for seed in (5, None, None)]
    again = [env.reset(seed=seed)[1]["seed"] for seed in (5, None, None)]
    assert obs == again
    assert len(set(obs)) == 3
    env.reset(seed=obs[1])
    rewards = [env.step(a)[1] for a in range(5)]
    env.reset(seed=obs[1])
    assert rewards == [env.step(a)[1] for a in range(5)]


def test_a_snapshot_goes_on_where_it_was():
    env, other = LampsEnv(reward="count"), LampsEnv(reward="count")
    env.reset(seed=9)
    env.step(1)
    kept = env.snapshot()
    ahead = [env.step(a)[:2] for a in (1, 2, 0)]
    shown = other.restore(kept)
    assert other.turn == 1
    assert (shown == other.scalar.observe()).all()
    for (obs, reward), (seen, paid) in zip(
        ahead, [other.step(a)[:2] for a in (1, 2, 0)], strict=True
    ):
        assert reward == paid
        assert (obs == seen).all()


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x80\x05K\x01."], ids=repr)
def test_no_snapshot_is_told(junk):
    with pytest.raises(ConfigError, match="LampsEnv: these bytes are no snapshot"):
        LampsEnv().restore(junk)


def test_a_snapshot_of_other_arguments_is_refused():
    env = LampsEnv()
    with pytest.raises(ResetNeeded):
        env.snapshot()
    env.reset(seed=0)
    for other in (LampsEnv(lamps=6), LampsEnv(reward="count")):
        with pytest.raises(ConfigError, match="of LampsEnv with other arguments or another rew"):
            other.restore(env.snapshot())


def test_the_oracle_is_shown_only_where_it_was_asked_for():
    env = LampsEnv(expose_oracle=True)
    assert env.reset(seed=0)[1]["oracle"] == {"coolest": 0}
    assert env.step(0)[4]["oracle"] == {"coolest": 0}
    assert env.expert_actions() == env.oracle() == env.scalar.expert()
    with pytest.raises(ConfigError, match="LampsEnv names no myopic action"):
        env.myopic_actions()


def test_rendering():
    env = LampsEnv(render_mode="ansi")
    with pytest.raises(ResetNeeded, match="call reset\\(\\) before render"):
        env.render()
    env.reset(seed=0)
    env.step(2)
    lines = env.render().splitlines()
    assert lines[0] == "turn 1 of 20"
    assert "visits: 1" in lines
    assert LampsEnv().render() is None


def test_costly_evidence_is_measured_on_demand():
    env = LampsEnv(record_evidence="all", spread=0.0)
    assert env.reset(seed=0)[1]["evidence"]["progress"] == 0.0
    seen = [env.step(a)[4]["evidence"] for a in (0, 1)]
    # 0.1 a is below the limit 0.25 for both lamps, but noise of 0.05 needs more rounds to be sure.
    assert all(0.0 <= record["progress"] <= 1.0 for record in seen)
    assert seen[0]["novelty"] != 0.0
    plain = LampsEnv()
    plain.reset(seed=0)
    assert not {"progress", "novelty"} & set(plain.step(0)[4]["evidence"])


def test_every_preset_can_be_paid_again_from_the_evidence():
    for name, program in LampsEnv.presets().items():
        env = LampsEnv(reward=name, record_evidence="all", horizon=6)
        env.reset(seed=2)
        rewards = [env.step(a)[1] for a in (0, 1, 1, 9, 4, 2)]
        found = score([env.evidence_so_far()], program)[0]
        assert found.total == pytest.approx(math.fsum(rewards)), name


def test_a_recorded_episode_is_read_back(tmp_path, lamps):
    env = gym.make(lamps, horizon=3, record=tmp_path / "run")
    env.reset(seed=4)
    for action in (1, 9, 2):
        env.step(action)
    env.close()
    (episode,) = read_episodes(tmp_path / "run")
    assert [turn.action for turn in episode.turns] == [1, 9, 2]
    assert episode.turns[1].err.startswith("the action must be an integer")
    assert episode.cause == "task"


def test_json_of_actions_and_observations():
    convert = LampsEnv.as_recorded
    assert convert({"a": np.array([1.0, 2.0])}) == {"a": [1.0, 2.0]}
    assert convert(np.int64(3)) == 3
    assert convert(math.nan) == "nan"
    assert (
        convert(
            {
                1,
            }
        )
        == "{1}"
    )


def test_closing_twice_is_fine():
    env = LampsEnv()
    env.reset(seed=0)
    env.close()
    env.close()
    with pytest.raises(ResetNeeded):
        env.step(0)


def test_the_cores_parameters_are_its_arguments():
    core = LampsCore(lamps=np.int64(3), spread=1)
    assert core.params["lamps"] == 3
    assert type(core.lamps) is int
    assert type(core.spread) is float
    assert list(LampsEnv.own_parameters()) == list(core.params)
    assert LampsEnv.own_parameters()["lamps"].default == 5
