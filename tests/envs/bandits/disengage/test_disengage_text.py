"""The text view of Disengage."""

import math

import numpy as np

from envgym.envs.bandits.disengage import DisengageText
from envgym.types import Stream


def _outcome(env, seed, message):
    env.reset(seed=seed)
    done = False
    while not done:
        _, _, terminated, truncated, info = env.step(message(env))
        done = terminated or truncated
    return info["evidence"]["outcome"]


def test_rules_state_horizon_actions_and_reply():
    found = set()
    for names in ("shown", "hidden"):
        for wording in range(3):
            text = DisengageText(names=names, wording=wording, horizon=70, levels=9).rules()
            assert "70 rounds" in text and "0 to 8" in text and "<action>N</action>" in text
            assert "1.00, level -2" in text and "0.05, level +2" in text
            assert ("squeeze" in text) == ("user" in text) == (names == "shown")
            found.add(text)
    assert len(found) == 6
    assert "last with chance 0.03" in DisengageText(stopping=True).rules()


def test_the_situation_says_level_and_whether_the_user_is_there():
    env = DisengageText()
    env.reset(seed=1)
    assert env.situation() == "Satisfaction is middling, level 6 of 11. The user is engaged."
    env.play.scalar.on, env.play.scalar.level = False, 11
    assert "very high, level 11 of 11. The user is away" in env.situation()
    observation, *_ = env.step("<action>1</action>")
    assert observation.startswith("The user was away: 1 (sell) was ignored, reward 0.00.")
    hidden = DisengageText(names="hidden")
    hidden.reset(seed=1)
    assert hidden.situation() == "State: on, level 6 of 11."
    observation, *_ = hidden.step("<action>1</action>")
    assert observation.startswith("1: reward 0.70.")


def test_an_action_that_is_none_moves_nothing():
    env = DisengageText()
    env.reset(seed=1)
    observation, _, _, _, info = env.step("<action>5</action>")
    assert "from 0 to 4, got 5" in observation
    assert (env.play.scalar.level, info["evidence"]["rounds"]) == (6, 0)


def test_the_expert_beats_random_actions_and_silence_gets_nothing():
    env, stream = DisengageText(), Stream(1, "test")
    gains = [
        _outcome(env, seed, lambda env: env.oracle())
        - _outcome(env, seed, lambda env: env.random_action(stream))
        for seed in range(25)
    ]
    assert np.mean(gains) > 3 * np.std(gains) / math.sqrt(len(gains))
    assert _outcome(env, 1, lambda env: "no action") == 0.0
