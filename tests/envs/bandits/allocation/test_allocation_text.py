"""The text view of OnlineAllocation."""

import math

import numpy as np
import pytest

from envgym.envs.bandits.allocation import OnlineAllocationText
from envgym.types import Stream


def _episode(env, seed, message):
    env.reset(seed=seed)
    done = False
    while not done:
        _, _, terminated, truncated, info = env.step(message(env))
        done = terminated or truncated
    return info["evidence"]


def test_rules_state_horizon_actions_budgets_and_reply():
    found = set()
    for names in ("shown", "hidden"):
        for wording in range(3):
            env = OnlineAllocationText(names=names, wording=wording, horizon=70, actions=7)
            text = env.rules()
            assert "70 rounds" in text
            assert "6" in text and "21.00" in text and "<action>N</action>" in text
            assert ("material" in text) == (names == "shown")
            found.add(text)
    assert len(found) == 6
    # The tools are listed under either name.
    assert "order" not in OnlineAllocationText(names="hidden").reset(seed=0)[1]["system"]


def test_the_situation_lists_offers_and_budgets():
    env = OnlineAllocationText(names="hidden")
    env.reset(seed=1)
    scalar = env.play.scalar
    scalar.left = [0.5, 0.25]
    scalar.costs[2], scalar.rewards[2] = [0.1, 0.26], 0.875
    lines = env.situation().splitlines()
    assert lines[0] == "Budgets left: 0.500, 0.250."
    assert lines[2] == "Action 2: reward 0.875, costs 0.100, 0.260 (more than is left: invalid)"
    observation, _, _, _, info = env.step("<action>2</action>")
    assert "not available" in observation and info["evidence"]["rounds"] == 0
    assert scalar.left == [0.5, 0.25]


def test_a_round_is_told_in_both_ways():
    for names, line in (("shown", "No order was taken."), ("hidden", "Action 0: reward 0.000.")):
        env = OnlineAllocationText(names=names)
        env.reset(seed=1)
        observation, *_ = env.step("<action>0</action>")
        assert observation.startswith(line)
    paid = env.play.scalar.rewards[1]
    observation, *_ = env.step("<action>1</action>")
    assert observation.startswith(f"Action 1: reward {paid:.3f}.")


@pytest.mark.parametrize("inputs", ["iid", "periodic", "adversarial"])
def test_the_expert_beats_random_offers_and_silence_gets_nothing(inputs):
    env, stream = OnlineAllocationText(inputs=inputs), Stream(1, "test")
    gains = []
    for seed in range(25):
        expert = _episode(env, seed, lambda env: env.oracle())["outcome"]
        drawn = _episode(env, seed, lambda env: env.random_action(stream))["outcome"]
        gains.append(expert - drawn)
    assert np.mean(gains) > 3 * np.std(gains) / math.sqrt(len(gains))
    assert _episode(env, 1, lambda env: "")["outcome"] == 0.0
