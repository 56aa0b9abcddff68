"""The text view of PaymentBandit."""

import pytest

from envgym.envs.bandits.payment import PaymentBanditText
from envgym.types import Stream


def _env(**arguments):
    env = PaymentBanditText(**arguments)
    env.reset(seed=5)
    return env


def test_rules_state_horizon_actions_batch_and_reply():
    found = set()
    for names in ("shown", "hidden"):
        for wording in range(3):
            text = _env(names=names, wording=wording, horizon=60, batch=4, actions=6).rules()
            assert "60" in text and "0 to 5" in text and "4" in text
            assert "<action>N</action>" in text
            assert ("payment" in text) == (names == "shown")
            found.add(text)
    assert len(found) == 6
    # The tools are listed under either name.
    system = PaymentBanditText(names="hidden").reset(seed=0)[1]["system"]
    assert "intervention" not in system and "payment" not in system


@pytest.mark.parametrize(("names", "noun"), [("shown", "Request 1"), ("hidden", "Context 1: ")])
def test_answers_are_told_when_the_batch_is_complete_and_not_before(names, noun):
    env = PaymentBanditText(batch=3, names=names, horizon=7)
    told, _ = env.reset(seed=1)
    assert noun in told
    for number in range(1, 8):
        told = env.step(env.oracle())[0]
        assert ("Batch complete" in told) == (number % 3 == 0)
        # The table of what was tried holds revealed rounds alone.
        assert ("Tried so far" in told) == (3 <= number < 7)
    assert told.endswith("That was the last round.")


def test_the_listing_says_what_was_played():
    env = _env(batch=2, memory="raw")
    first = env.expert()
    env.step(env.oracle())
    second = env.expert()
    told = env.step(env.oracle())[0]
    assert f" of 2. By request (intervention): 1 ({first}) " in told
    assert f"; 2 ({second}) " in told
    log = env.play.memory.log
    assert [(number, action) for number, action, _ in log] == [(0, first), (1, second)]


def test_long_batches_list_the_last_answers_only():
    env = _env(batch=60, horizon=60)
    for _ in range(60):
        told = env.step(env.oracle())[0]
    assert "of 60. By request (intervention), the last 50: 11 (" in told


def test_every_batch_lists_its_own_answers_and_their_sum():
    env = _env(batch=3, horizon=9)
    for number in range(1, 10):
        told, *_ = env.step(env.oracle())
        if number % 3 == 0:
            latest = [values[0] for _, _, values in env.play.memory.log[number - 3 : number]]
            assert f"authorised {sum(latest):.0f} of 3." in told
            assert f": {number - 2} (" in told and told.split("\n")[0].count(") ") == 3


def test_the_listing_names_the_contexts_even_where_turns_were_lost():
    env = _env(batch=2, names="hidden")
    env.step("no call")
    for number in (1, 2):
        assert env.situation().startswith(f"Context {number}: ")
        action = env.expert()
        told = env.step(env.oracle())[0]
    paid = env.play.memory.log[1][2][0]
    assert ". By context (action): 1 (" in told
    assert f"; 2 ({action}) reward {paid:.0f}." in told


def test_unavailable_interventions_cost_a_turn_and_move_nothing():
    env = _env()
    mask = env.play.scalar.mask()
    closed = int((~mask).argmax())
    assert not mask[closed]
    before = env.situation()
    told, _, _, _, info = env.step(f"<action>{closed}</action>")
    assert "is not available now" in told and before in told
    assert info["evidence"]["rounds"] == 0 and info["evidence"]["utility"] == 0.0
    assert info["evidence"]["shortfall"] == pytest.approx(env.core.optimum)


def test_the_expert_beats_random_play():
    means = []
    for oracle in (True, False):
        env, total = PaymentBanditText(reward="outcome"), 0.0
        for seed in range(20):
            env.reset(seed=seed)
            over, stream = False, Stream(seed, "test")
            while not over:
                message = env.oracle() if oracle else env.random_action(stream)
                _, reward, over, _, _ = env.step(message)
            total += reward
        means.append(total / 20)
    assert means[0] > means[1] + 0.05
