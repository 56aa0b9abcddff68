"""StochasticMatching: the numeric environment and the text view."""

import itertools
from typing import Any

import numpy as np
import pytest

from envgym.envs.bandits.stochastic_matching import StochasticMatchingEnv, StochasticMatchingText
from envgym.types import ConfigError, Stream


def test_numeric_episode_keeps_books() -> None:
    env = StochasticMatchingEnv(nodes=4, horizon=20, probability=0.4, expose_oracle=True)
    _, info = env.reset(seed=5)
    paid = 0.0
    for _ in range(20):
        assert info["oracle"]["bound"] == 4.0
        action = env.expert_actions()
        seen, reward, over, _, info = env.step(action)
        paid += reward
        assert info["mask"] == tuple(seen["mask"] == 1.0)
    assert over
    evidence = info["evidence"]
    assert set(evidence) >= {item.key for item in env.declares if item.cost == "cheap"}
    assert evidence["matched"] == paid == 4 * evidence["outcome"] == 4 * evidence["progress"]


def test_a_matched_or_unknown_node_costs_a_turn_and_the_arrival_waits() -> None:
    env = StochasticMatchingEnv(nodes=3, horizon=9, probability=1.0, shuffled=False)
    env.reset(seed=0)
    seen, reward, *_ = env.step(0)
    assert reward == 1.0
    for bad in (0, 4, -1, None, "0", float("nan")):
        after, reward, _, _, info = env.step(bad)
        assert reward == 0.0
        assert info["error"]
        assert info["evidence"]["rounds"] == 1
        np.testing.assert_equal(after, seen)
    assert env.myopic_actions() == 1


@pytest.mark.parametrize(
    ("names", "wording"), list(itertools.product(("shown", "hidden"), (0, 1, 2)))
)
def test_every_wording_states_the_facts(names: str, wording: int) -> None:
    env = StochasticMatchingText(names=names, wording=wording, nodes=6, horizon=71)
    _, info = env.reset(seed=0)
    rules = info["system"]
    for fact in ("71", "0 to 5", "6", "<action>K</action>", "1", "is the sum of the chances spent"):
        assert fact in rules
    assert ("advertis" in rules) == (names == "shown")


def test_text_tells_the_arrival_and_the_result() -> None:
    env = StochasticMatchingText(probability=1.0, horizon=5, shuffled=False, names="hidden")
    told, _ = env.reset(seed=0, options={"task": "train/0"})
    assert told == (
        "Round 1 of 5.\nArrival 1 of 5. Available nodes: 0 (chance 1.000, load 0.00),"
        " 1 (chance 1.000, load 0.00), 2 (chance 1.000, load 0.00), 3 (chance 1.000, load 0.00),"
        " 4 (chance 1.000, load 0.00). Matched: none. 5: skip."
    )
    told = env.step("<action>1</action>")[0]
    assert told.startswith("Node 1: reward 1.\n\nRound 2 of 5.\n")
    assert told.endswith(
        "Arrival 2 of 5. Available nodes: 2 (chance 1.000, load 0.00),"
        " 3 (chance 1.000, load 0.00), 4 (chance 1.000, load 0.00). Matched: 1. 5: skip."
    )
    told, _, _, _, info = env.step("<action>1</action>")
    assert "not available now" in told
    assert info["evidence"]["rounds"] == 1
    assert env.step("<action>5</action>")[0].startswith("Skipped. Reward 0.")
    assert env.step("no call")[4]["evidence"]["matched"] == 1
    story = StochasticMatchingText(probability=1.0, horizon=5, shuffled=False)
    told, _ = story.reset(seed=0)
    assert "Visitor 1 of 5. Open advertisers: 0 (chance 1.000, load 0.00)" in told
    assert story.step("<action>0</action>")[0].startswith("Advertiser 0: a click, paid 1.")
    assert story.step("<action>5</action>")[0].startswith("Nothing was shown.")


def mean_outcome(env: Any, rule: str, episodes: int) -> tuple[float, float]:
    returns = []
    for seed in range(episodes):
        env.reset(seed=seed, options={"task": f"train/{seed}"})
        stream = Stream(seed, "random")
        over = False
        while not over:
            message = env.oracle() if rule == "expert" else env.random_action(stream)
            _, _, over, _, info = env.step(message if rule != "nothing" else "")
        returns.append(info["evidence"]["outcome"])
    return float(np.mean(returns)), float(np.std(returns) / episodes**0.5)


def test_expert_beats_random_and_inaction_gains_nothing() -> None:
    env = StochasticMatchingText()
    (expert, one), (random, other) = (mean_outcome(env, rule, 100) for rule in ("expert", "random"))
    assert expert - random > 3 * (one**2 + other**2) ** 0.5
    assert mean_outcome(env, "nothing", 1) == (0.0, 0.0)


def test_unknown_arguments_name_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'spread'"):
        StochasticMatchingEnv(spred=0.1)
    with pytest.raises(ConfigError, match="nodes must be an integer"):
        StochasticMatchingText(nodes=0)
