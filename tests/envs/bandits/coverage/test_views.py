"""Coverage: the numeric environment and the text view."""

import itertools
from typing import Any

import numpy as np
import pytest

from envgym.envs.bandits.coverage import CoverageEnv, CoverageText
from envgym.types import Stream


def test_numeric_episode_telescopes() -> None:
    env = CoverageEnv(horizon=4)
    env.reset(seed=5)
    paid = 0.0
    for _ in range(4):
        action = env.myopic_actions()
        _, reward, over, _, info = env.step(action)
        paid += reward
        assert not info["mask"][action]
    evidence = info["evidence"]
    assert over
    assert set(evidence) >= {item.key for item in env.declares if item.cost == "cheap"}
    assert paid == pytest.approx(evidence["covered"]) == pytest.approx(evidence["outcome"])
    assert 1 - 0.75**4 <= evidence["progress"] <= 1.0


def test_a_taken_set_costs_a_turn_and_moves_nothing() -> None:
    env = CoverageEnv(horizon=9)
    env.reset(seed=0)
    seen = env.step(4)[0]
    for bad in (4, 10, -1, None, "x", 2.5):
        after, reward, _, _, info = env.step(bad)
        assert reward == 0.0
        assert info["error"]
        assert info["evidence"]["rounds"] == 1
        np.testing.assert_equal(after, seen)


@pytest.mark.parametrize("gain", ["cover", "sqrt"])
@pytest.mark.parametrize(
    ("names", "wording"), list(itertools.product(("shown", "hidden"), (0, 1, 2)))
)
def test_every_wording_states_the_facts(names: str, wording: int, gain: str) -> None:
    env = CoverageText(
        names=names, wording=wording, gain=gain, weights="random", horizon=3, sets=13, items=17
    )
    told, info = env.reset(seed=0)
    rules = info["system"]
    for fact in ("3", "0 to 12", "17", "weights", "<action>K</action>"):
        assert fact in rules
    assert ("square root of c / 3" in rules) == (gain == "sqrt")
    assert ("species" in rules) == (names == "shown") == ("item" not in rules)
    assert "Weights of " in told


def test_text_lists_sets_and_what_they_added() -> None:
    env = CoverageText(sets=3, items=4, horizon=2, names="hidden")
    env.reset(seed=0, options={"task": "train/0"})
    scalar: Any = env.play.scalar
    scalar.sets = [[0, 1], [1, 2], []]
    told, _, _, _, info = env.step("<action>0</action>")
    assert told == (
        "Set 0 added 0.500.\n\nRound 2 of 2.\nTried so far:\naction | tries | mean gain\n"
        "0 | 1 | 0.500 ± 0.000\nSet 1: 1, 2\nSet 2: none\n"
        "Already taken: 0, with items 0, 1; value 0.500."
    )
    told, _, over, _, info = env.step("<action>1</action>")
    assert told.startswith("Set 1 added 0.250.")
    assert over
    assert info["evidence"]["outcome"] == 0.75
    again = CoverageText(sets=3, items=4, horizon=3)
    again.reset(seed=0)
    scalar = again.play.scalar
    scalar.sets = [[0, 1], [1, 2], []]
    again.step("<action>0</action>")
    told = again.step("<action>1</action>")[0]
    assert "Already picked: 0, 1, with species 0, 1 (2 times), 2; value 0.750." in told


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
    env = CoverageText()
    (expert, one), (random, other) = (mean_outcome(env, rule, 100) for rule in ("expert", "random"))
    assert expert - random > 3 * (one**2 + other**2) ** 0.5
    assert mean_outcome(env, "nothing", 1) == (0.0, 0.0)
