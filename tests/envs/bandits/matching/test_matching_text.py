"""The text view of OnlineMatching."""

import pytest

from envgym.envs.bandits.matching import OnlineMatchingText
from envgym.types import Stream


def _env(**arguments):
    env = OnlineMatchingText(**arguments)
    env.reset(seed=5)
    return env


def test_rules_state_horizon_actions_and_reply():
    found = set()
    for names in ("shown", "hidden"):
        for wording in range(3):
            text = _env(names=names, wording=wording, horizon=60, items=9).rules()
            assert (
                "60" in text and "0 to 8" in text and "2 of 4" in text.replace("out of 4", "of 4")
            )
            assert "<action>N</action>" in text
            assert ("interest groups" in text) == (names == "shown")
            found.add(text)
    assert len(found) == 6
    # The tools are listed under either name.
    system = OnlineMatchingText(names="hidden").reset(seed=0)[1]["system"]
    assert "item" not in system and "visitor" not in system


@pytest.mark.parametrize(("names", "noun"), [("shown", "Items that"), ("hidden", "Valid actions")])
def test_the_situation_lists_weights_and_linked_items(names, noun):
    env = _env(names=names)
    scalar = env.play.scalar
    told = env.situation()
    linked = ", ".join(str(item) for item in scalar.mask().nonzero()[0])
    assert noun in told and told.endswith(f": {linked}.")
    assert all(f"{weight:.2f}" in told for weight in scalar.weights.values())


def test_the_result_tells_the_click_and_not_its_chance():
    env = _env()
    clicks = {0.0: "no click", 1.0: "a click"}
    for _ in range(10):
        action = env.expert()
        told, _, _, _, info = env.step(env.oracle())
        line = told.splitlines()[0]
        assert line == f"Item {action}: {clicks[info['evidence']['utility']]}."


def test_an_item_that_is_not_linked_costs_a_turn_and_moves_nothing():
    env = OnlineMatchingText(degree=1)
    env.reset(seed=5)
    closed = int((~env.play.scalar.mask()).argmax())
    before = env.situation()
    told, _, _, _, info = env.step(f"<action>{closed}</action>")
    assert "is not available now" in told and before in told
    assert info["evidence"]["rounds"] == 0


def test_the_expert_beats_random_play():
    means = []
    for oracle in (True, False):
        env, total = OnlineMatchingText(reward="outcome"), 0.0
        for seed in range(20):
            env.reset(seed=seed)
            over, stream = False, Stream(seed, "test")
            while not over:
                message = env.oracle() if oracle else env.random_action(stream)
                _, reward, over, _, _ = env.step(message)
            total += reward
        means.append(total / 20)
    assert means[0] > means[1] + 0.1
