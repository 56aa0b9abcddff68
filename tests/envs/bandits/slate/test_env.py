"""SlateRetention as an environment and in words."""

import numpy as np
import pytest

from envgym.envs.bandits.slate import SlateRetentionEnv, SlateRetentionText
from envgym.types import ConfigError, Stream


def test_channels_sum_to_the_utility() -> None:
    env = SlateRetentionEnv(weight=2.0, horizon=60)
    env.reset(seed=4)
    sums = {"immediate": 0.0, "retention": 0.0, "utility": 0.0}
    total, over = 0.0, False
    while not over:
        _, amount, over, _, info = env.step(env.expert_actions())
        total += amount
        for key in sums:
            sums[key] += info["evidence"][key]
    assert total == pytest.approx(sums["utility"])
    assert total == pytest.approx(sums["immediate"] + 2.0 * sums["retention"])
    assert sums["retention"] < 0 < sums["immediate"]
    assert info["evidence"]["outcome"] == pytest.approx(min(max(total / 60, 0.0), 1.0))


def test_a_repeated_item_costs_a_turn() -> None:
    env = SlateRetentionEnv(slots=3)
    before, _ = env.reset(seed=0)
    after, amount, *_, info = env.step([4, 4, 1])
    assert "[4, 4, 1] is not available" in info["error"]
    assert amount == 0.0 and info["evidence"]["rounds"] == 0
    for key, value in before.items():
        np.testing.assert_array_equal(after[key], value)


def test_a_picture() -> None:
    env = SlateRetentionEnv(render_mode="ansi", categories=2, candidates=3, slots=2)
    env.reset(seed=0)
    env.step([0, 1])
    lines = env.render().splitlines()
    assert lines[0] == "round 1 of 100, session 1 of 30, request 2"
    assert [line[:8] for line in lines[2:4]] == ["group  A", "group  B"]
    assert "shown 2" in lines[3]  # both items are of group B
    assert lines[4].startswith("last slate: B ")


@pytest.mark.parametrize("names", ["shown", "hidden"])
@pytest.mark.parametrize("wording", [0, 1, 2])
def test_the_rules_state_what_counts(names: str, wording: int) -> None:
    env = SlateRetentionText(names=names, wording=wording, horizon=57, weight=2.0)
    told = env.rules()
    for fact in ("57", "2 of 6" if wording == 0 and names == "shown" else "6", "choose", "2"):
        assert fact in told
    assert "starts at 10" in told
    assert ("user" in told) == (names == "shown")
    other = SlateRetentionText(names=names, wording=(wording + 1) % 3, horizon=57, weight=2.0)
    assert other.rules() != told


def test_a_transcript() -> None:
    env = SlateRetentionText(horizon=3)
    shown, _ = env.reset(seed=3)
    assert shown.splitlines()[:3] == [
        "Round 1 of 3.",
        "Session 1 of 30; temper 10.0.",
        "music not shown yet; sport not shown yet; food not shown yet.",
    ]
    assert "interest" not in shown
    told, amount, *_, info = env.step(env.oracle() or "")
    assert told.startswith("Reward ") and "Clicks and long views per item" in told
    assert info["error"] is None and "Tried so far:" in told
    told, amount, *_ = env.step(
        '<tool_call>{"name": "choose", "arguments": {"items": [1, 1]}}</tool_call>'
    )
    assert "not available" in told and amount == 0.0
    *_, over, _, info = env.step("nothing")
    assert over and 0.0 < info["evidence"]["outcome"] < 0.4


def test_fresh_candidates_have_no_table() -> None:
    env = SlateRetentionText(catalogue="fresh", profile=True)
    env.reset(seed=1)
    told, *_ = env.step(env.random_action(Stream(1, "test")))
    assert "Tried so far" not in told and "interest 0." in told


def test_expert_beats_random_slates_and_silence_earns_nothing() -> None:
    found: dict[str, list[float]] = {"expert": [], "random": [], "silent": []}
    for who, outcomes in found.items():
        for seed in range(40):
            env = SlateRetentionText(horizon=30)
            env.reset(seed=seed)
            stream, over = Stream(seed, "test"), False
            while not over:
                message = {
                    "expert": env.oracle(),
                    "random": env.random_action(stream),
                    "silent": "",
                }[who]
                *_, over, _, info = env.step(message or "")
            outcomes.append(info["evidence"]["outcome"])
    means = {who: float(np.mean(values)) for who, values in found.items()}
    error = np.hypot(*(np.std(found[who]) / 40**0.5 for who in ("expert", "random")))
    assert means["expert"] > means["random"] + 3 * error
    assert means["silent"] == 0.0


def test_unknown_argument() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'slots'"):
        SlateRetentionEnv(slot=3)


def test_nonsense_after_a_good_slate_is_paid_nothing():
    env = SlateRetentionEnv(reward="page_item")
    env.reset(seed=0)
    assert env.step(env.expert_actions())[1] > 0
    assert env.step([0] * 5)[1] == 0.0
