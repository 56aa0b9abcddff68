"""The kernel of text views, by a toy: turns, memory, wording, ends, what agents may and may not see."""

import math

import gymnasium as gym
import numpy as np
import pytest

import envgym
from envgym.runtime.numeric.noise import generator
from envgym.types import ConfigError, Stream
from tests.runtime.numeric.toy_family import LampsEnv, LampsScalar, LampsText


def play(env, *messages, **reset):
    """Return the observation of reset and what each message gave."""
    obs, _ = env.reset(seed=0, **reset)
    return [obs, *(env.step(message) for message in messages)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"memory": "all"},
            "unknown memory 'all'; allowed: none, raw, table. Did you mean 'table'?",
        ),
        ({"names": "some"}, "unknown names 'some'; allowed: hidden, shown."),
        ({"wording": 3}, "unknown wording '3'; allowed: 0, 1, 2."),
        ({"calls": "all"}, "unknown calls 'all'; allowed: last."),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_told_in_a_sentence(arguments, sentence):
    with pytest.raises(ConfigError) as caught:
        LampsText(**arguments)
    assert str(caught.value) == f"LampsText: {sentence}"


def test_unknown_arguments_are_told_with_the_nearest():
    with pytest.raises(ConfigError, match="LampsText: unknown argument 'lams'.*Did you mean 'la"):
        LampsText(lams=3)


def test_defaults_of_the_view_and_arguments_of_the_core():
    assert (LampsText().core.horizon, LampsText().core.lamps) == (6, 3)
    assert LampsText(lamps=7).core.lamps == 7
    found = LampsText.own_parameters()
    assert found["lamps"].default == 3
    assert found["spread"].default == 0.1
    assert found["memory"].default == "table"


def test_a_round():
    env = LampsText(spread=0.0)
    first, (obs, reward, terminated, truncated, info) = play(env, "<action>1</action>")
    assert first == "Round 1 of 6."
    light = env.play.scalar.light[1]
    assert obs.startswith(f"Lamp 1 gave {light:.3f}.\n\nRound 2 of 6.\nTried so far:\naction | ")
    assert (reward, terminated, truncated) == (0.0, False, False)
    seen = info["evidence"]
    assert (seen["turn"], seen["rounds"], seen["visits"]) == (1, 1, 1)
    assert seen["utility"] == light
    assert info["calls"][0]["args"] == {"action": "1"}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "lamp 1",
        "<action>3</action>",
        "<action>-1</action>",
        "<action>1.5</action>",
        "<action>x</action>",
    ],
    ids=["empty", "prose", "outside", "negative", "float", "word"],
)
def test_a_message_without_a_valid_action_costs_a_turn(message):
    env = LampsText(reward="utility")
    _, _, lost, after = play(env, "<action>1</action>", message, "<action>2</action>")
    twin = LampsText(reward="utility")
    plain = play(twin, "<action>1</action>", "<action>2</action>")
    obs, reward, _, _, info = lost
    assert reward == 0.0
    assert info["error"] is not None
    assert "Round 3 of 6." in obs
    seen = info["evidence"]
    assert (seen["turn"], seen["rounds"], seen["errors"]) == (2, 1, 1)
    assert seen["utility"] == seen["expected"] == seen["violation"] == 0.0
    assert seen["heat_residual"] == 0.0
    assert seen["shortfall"] == 1.0
    assert after[1] == plain[2][1]  # the world did not move


def test_an_action_that_is_not_available_is_told():
    env = LampsText(rest=True)
    _, _, (obs, _, _, _, info) = play(env, "<action>1</action>", "<action>1</action>")
    assert "Action 1 is not available now. The world did not move; the turn is spent." in obs
    assert info["evidence"]["errors"] == 1
    assert "Rested: [0, 2]." in obs


def test_what_is_only_thought_is_not_played():
    _, (_, _, _, _, info) = play(LampsText(), "<think><action>1</action></think>")
    assert info["evidence"]["rounds"] == 0


def test_the_horizon_ends_it_and_lost_turns_count_as_nothing():
    env = LampsText(horizon=4, spread=0.0)
    _, *steps = play(env, "<action>1</action>", "what?", "<action>2</action>", "<action>1</action>")
    assert [step[2] for step in steps] == [False, False, False, True]
    obs, reward, _, _, info = steps[-1]
    assert obs.endswith("\n\nThat was the last round.")
    light = env.play.scalar.light
    mean = (2 * light[1] + light[2]) / 4
    assert info["evidence"]["outcome"] == pytest.approx(mean)
    assert reward == pytest.approx(mean)
    assert info["end"] == "task"
    assert info["success"] is None


def test_a_lost_last_turn_ends_it_too():
    *_, (obs, _, terminated, _, _) = play(LampsText(horizon=1), "no")
    assert terminated
    assert obs.endswith("That was the last round.")


def test_the_world_may_end_it():
    _, (obs, _, terminated, _, _) = play(LampsText(fuse=True), "<action>2</action>")
    assert terminated
    assert obs.endswith("That was the last round.")


@pytest.mark.parametrize(
    ("memory", "shown", "hidden"),
    [
        ("none", "Round 3 of 6.", ("Tried so far", "Rounds so far")),
        ("table", "Tried so far:\naction | tries | mean light | mean heat\n", ("Rounds so far",)),
        ("raw", "Rounds so far:\nround 1: 1 gave light ", ("Tried so far",)),
    ],
    ids=["none", "table", "raw"],
)
def test_memory(memory, shown, hidden):
    env = LampsText(memory=memory)
    *_, (obs, _, _, _, _) = play(env, "<action>1</action>", "<action>0</action>")
    assert shown in obs
    assert not any(words in obs for words in hidden)


def test_wordings_and_names():
    told = {
        (names, wording): LampsText(names=names, wording=wording).reset(seed=0)[1]["system"]
        for names in ("shown", "hidden")
        for wording in (0, 1, 2)
    }
    assert len(set(told.values())) == 6
    for (names, wording), system in told.items():
        what = "lamps" if names == "shown" else "arms"
        assert system.startswith(f"[{wording}] There are 3 {what}.")
        assert "choose" in system
    hidden = play(LampsText(names="hidden"), "<action>1</action>")
    assert hidden[1][0].startswith("Arm 1 gave ")


def test_nothing_that_is_not_revealed_is_shown():
    env = LampsText(record_evidence="all", names="hidden", memory="table", spread=0.0)
    texts = play(env, "<action>1</action>", "<action>2</action>")
    shown = " ".join(each if isinstance(each, str) else each[0] for each in texts)
    best = env.play.scalar.light[0]
    assert f"{best:.3f}" not in shown
    assert "expected" not in shown


def test_the_task_is_the_world_and_the_seed_the_rounds():
    env = LampsText(reward="utility")
    worlds, rewards = {}, {}
    for task in ("train/3", "train/4", "test/0"):
        for seed in (0, 1):
            env.reset(seed=seed, options={"task": task})
            worlds[task, seed] = tuple(env.play.scalar.light)
            rewards[task, seed] = env.step("<action>1</action>")[1]
    assert worlds["train/3", 0] == worlds["train/3", 1]
    assert len({*worlds.values()}) == 3
    assert len({*rewards.values()}) == 6
    scalar = LampsScalar(env.core)
    scalar.start(generator(3, "lamps", "world"))
    assert tuple(scalar.light) == worlds["train/3", 0]


def test_policies_see_what_learners_see():
    env = LampsText(rest=True)
    env.reset(seed=0)
    problem, obs, mask, fresh = env.learner_view()
    assert problem == env.core.problem
    assert obs.shape == (2,)
    assert mask.tolist() == [True] * 3
    assert fresh == ()
    env.step("<action>2</action>")
    env.step("nothing")
    _, _, mask, fresh = env.learner_view()
    assert mask.tolist() == [True, True, False]
    assert [(outcome.round, outcome.action) for outcome in fresh] == [(0, 2)]
    assert env.learner_view()[3] == ()
    assert env.expert_actions() == env.play.scalar.expert()
    with pytest.raises(ConfigError, match="names no myopic action"):
        env.myopic_actions()


def test_messages_of_the_expert_and_of_chance_are_valid():
    env = LampsText(rest=True)
    env.reset(seed=0)
    stream = Stream(0, "test")
    for number in range(6):
        message = env.oracle() if number % 2 else env.random_action(stream)
        assert env.step(message)[4]["error"] is None
    assert env.oracle() is None
    assert env.random_action(stream) == ""


def test_progress_and_novelty_are_paid():
    for reward in ("process", "distillation"):
        env = LampsText(reward=reward, horizon=3, spread=0.0)
        _, *steps = play(env, "<action>0</action>", "x", "<action>1</action>")
        seen = [step[4]["evidence"] for step in steps]
        key = "progress" if reward == "process" else "novelty"
        assert all(key in record for record in seen)
        assert math.fsum(step[1] for step in steps) == pytest.approx(
            math.fsum(steps[-1][4]["step_rewards"])
        )


def test_a_snapshot_of_the_view_goes_on():
    env, other = LampsText(reward="utility"), LampsText(reward="utility")
    play(env, "<action>1</action>")
    kept = env.snapshot()
    ahead = env.step("<action>2</action>")[:2]
    other.restore(kept)
    assert other.step("<action>2</action>")[:2] == ahead


def test_as_text_keeps_what_was_changed(lamps):
    numeric = gym.make(lamps, lamps=7, limit=0.5)
    view = envgym.as_text(numeric, memory="raw").unwrapped
    assert isinstance(view, LampsText)
    assert (view.core.lamps, view.core.limit, view.memory) == (7, 0.5, "raw")
    assert view.core.horizon == 6  # what was not changed is as the view says
    plain = envgym.as_text(LampsEnv()).unwrapped
    assert (plain.core.lamps, plain.core.horizon) == (3, 6)


def test_without_a_text_view_there_is_none():
    class SilentEnv(LampsEnv):
        metadata = {**LampsEnv.metadata, "text": ""}

    with pytest.raises(ConfigError, match="as_text: SilentEnv has no text view"):
        envgym.as_text(SilentEnv())


def test_the_views_numbers_are_the_numeric_ones():
    """One world, one generator: what is told is what the numeric environment pays."""
    env = LampsText(reward="utility")
    env.reset(seed=0, options={"task": "train/9"})
    scalar = LampsScalar(env.core)
    scalar.start(generator(9, "lamps", "world"))
    assert np.allclose(scalar.light, env.play.scalar.light)
    expected = scalar.light[1]
    assert env.step("<action>1</action>")[4]["evidence"]["expected"] == expected
