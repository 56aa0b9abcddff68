"""The text view of LiveInsert."""

import math

import numpy as np

from envgym.envs.bandits.live import LiveInsertText
from envgym.types import Stream


def _outcome(env, seed, message):
    env.reset(seed=seed)
    done = False
    while not done:
        _, _, terminated, truncated, info = env.step(message(env))
        done = terminated or truncated
    return info["evidence"]["outcome"]


def test_rules_state_horizon_actions_limit_and_reply():
    found = set()
    for names in ("shown", "hidden"):
        for wording in range(3):
            text = LiveInsertText(names=names, wording=wording, horizon=70, floor=0.75).rules()
            assert "70" in text and "0.75" in text and "A" in text
            assert "<action>0</action> or <action>1</action>" in text
            assert ("live" in text) == ("video" in text) == (names == "shown")
            found.add(text)
    assert len(found) == 6
    # The tools are listed under either name.
    assert "live" not in LiveInsertText(names="hidden").reset(seed=0)[1]["system"]


def test_a_round_is_told_without_what_is_hidden():
    env = LiveInsertText(share_b=1.0)
    env.reset(seed=1)
    assert env.situation() == "The user is of group B. Fatigue 0.00."
    observation, _, _, _, info = env.step("<action>1</action>")
    facts = info["evidence"]
    amount = 0.88 - facts["duration_residual"]
    told = f"Live minutes {facts['utility']:.2f}, short-video minutes {amount:.2f}."
    assert observation.startswith(told)
    assert "Fatigue 0.13" in observation
    assert "floor minus amount" in observation
    hidden = LiveInsertText(names="hidden", share_b=0.0)
    hidden.reset(seed=1)
    assert hidden.situation() == "Type A, x 0.00."
    observation, *_ = hidden.step("<action>0</action>")
    assert observation.startswith("Action 0: reward 0.00, amount ")


def test_an_action_that_is_none_moves_nothing():
    env = LiveInsertText()
    env.reset(seed=1)
    observation, _, _, _, info = env.step("<action>2</action>")
    assert "from 0 to 1, got 2" in observation
    assert (env.play.scalar.level, info["evidence"]["rounds"]) == (0, 0)


def test_the_expert_beats_random_actions_and_silence_gets_nothing():
    env, stream = LiveInsertText(horizon=200), Stream(1, "test")
    gains = [
        _outcome(env, seed, lambda env: env.oracle())
        - _outcome(env, seed, lambda env: env.random_action(stream))
        for seed in range(25)
    ]
    assert np.mean(gains) > 3 * np.std(gains) / math.sqrt(len(gains))
    assert _outcome(env, 1, lambda env: "no action") == 0.0
