"""BlackBox: the numeric environment, reward by regret, and the text view."""

import itertools
import json
from typing import Any

import numpy as np
import pytest

from envgym.envs.bandits.black_box import BlackBoxEnv, BlackBoxText
from envgym.types import Stream


def call(*x: float) -> str:
    return f"<tool_call>{json.dumps({'name': 'choose', 'arguments': {'x': x}})}</tool_call>"


@pytest.mark.parametrize("reward", ["regret", "improvement", "process", "utility"])
def test_programs_by_regret(reward: str) -> None:
    env = BlackBoxEnv(reward=reward, horizon=30, noise=0.0)
    env.reset(seed=4)
    env.action_space.seed(0)
    paid, simple = [], []
    for _ in range(30):
        _, amount, over, _, info = env.step(env.action_space.sample())
        paid.append(amount)
        simple.append(info["evidence"]["simple_regret"])
    assert over
    evidence = info["evidence"]
    assert set(evidence) >= {item.key for item in env.declares if item.cost == "cheap"}
    if reward == "regret":
        np.testing.assert_allclose(paid, [-value for value in simple])
    elif reward == "improvement":
        np.testing.assert_allclose(paid, -np.diff([1.0, *simple]), atol=1e-12)
        assert sum(paid) == pytest.approx(evidence["progress"])
        assert sum(amount > 0 for amount in paid) < 12  # H_30 is 4.0
    else:
        total = evidence["outcome"] * (30 if reward == "utility" else 1)
        assert sum(info["step_rewards"]) == pytest.approx(total)


def test_the_maximiser_has_no_regret() -> None:
    env = BlackBoxEnv(horizon=3, noise=0.0, expose_oracle=True)
    _, info = env.reset(seed=0)
    assert info["oracle"]["value"] == 1.0
    evidence = env.step(env.expert_actions())[4]["evidence"]
    assert evidence["utility"] == pytest.approx(1.0)
    assert evidence["regret"] == pytest.approx(0.0, abs=1e-12)


def test_nonsense_costs_a_turn_and_moves_nothing() -> None:
    env = BlackBoxEnv(horizon=20)
    env.reset(seed=0)
    seen = env.step(np.array([0.1, 0.9]))[0]
    for bad in ([0.5, float("nan")], [0.5], [0.5, 1.5], [-1e-9, 0], None, "x", 3, [[0.5, 0.5]]):
        after, reward, _, _, info = env.step(bad)
        assert reward == 0.0
        assert info["error"]
        assert info["evidence"]["rounds"] == 1
        assert info["evidence"]["shortfall"] == 1.0
        np.testing.assert_equal(after, seen)


@pytest.mark.parametrize(
    ("names", "wording"), list(itertools.product(("shown", "hidden"), (0, 1, 2)))
)
def test_every_wording_states_the_facts(names: str, wording: int) -> None:
    env = BlackBoxText(names=names, wording=wording, horizon=71, dims=3, noise=0.07, length=0.35)
    _, info = env.reset(seed=0)
    for fact in ("71", "3", "0.07", "0.35", "a list of 3 numbers from 0 to 1"):
        assert fact in info["system"]
    assert ("machine" in info["system"]) == (names == "shown")
    exact = BlackBoxText(names=names, wording=wording, noise=0.0)
    assert "Values are exact." in exact.reset(seed=0)[1]["system"]


def test_text_shows_the_points_tried() -> None:
    env = BlackBoxText(horizon=4, noise=0.0, names="hidden")
    told, _ = env.reset(seed=0, options={"task": "train/0"})
    assert told == "Round 1 of 4."
    told, _, _, _, info = env.step(call(0.2, 0.7))
    value = info["evidence"]["utility"]
    assert told == (
        f"[0.200, 0.700]: reward {value:.3f}.\n\nRound 2 of 4.\nTried so far:\n"
        f"action | tries | mean value\n[0.200, 0.700] | 1 | {value:.3f} ± 0.000\n"
        f"Best so far: [0.200, 0.700] with {value:.3f}."
    )
    for bad in (call(0.2), call(0.2, 1.2), "<action>0.3</action>", call(0.1, 0.2, 0.3)):
        told, _, over, _, info = env.step(bad)
        assert info["evidence"]["rounds"] == 1
        if over:
            break
    assert over
    short = BlackBoxText(dims=3)
    short.reset(seed=0)
    assert short.step(call(0.2))[0].startswith("x must have 3 numbers, got 1. The world")
    silent = BlackBoxText(memory="none")
    silent.reset(seed=0)
    assert "Best" not in silent.step(call(0.5, 0.5))[0]


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
    env = BlackBoxText()
    (expert, one), (random, other) = (mean_outcome(env, rule, 30) for rule in ("expert", "random"))
    assert expert - random > 3 * (one**2 + other**2) ** 0.5
    assert mean_outcome(env, "nothing", 1) == (0.0, 0.0)
