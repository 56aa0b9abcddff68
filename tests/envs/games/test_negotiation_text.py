"""Negotiation in words: what is heard, what is reported at the end, what "social" pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_evidence import DECLARED, final_facts
from envgym.rewards import Program, Source
from envgym.runtime.episodes import rescore, verify
from envgym.runtime.games.registry import make_text
from envgym.runtime.games.talk import Utterance
from envgym.types import Stream

SEATS = ("player_0", "player_1")


def talks(env, messages, seed=1):
    """Play the messages and return each player's last evidence."""
    env.reset(seed=seed)
    for message in messages:
        env.step(message)
    return [env.latest_evidence(agent) for agent in SEATS]


def test_speech_reaches_the_other_seat_and_thoughts_and_moves_do_not():
    env = make_text("negotiation")
    talks(env, ["<think>my plan: zebra</think>Books are dear to me. [[propose 1 1 0]]"])
    shown = env.observe("player_1")
    assert 'player_0 says: "Books are dear to me."' in shown
    assert "zebra" not in shown
    assert "[[" not in shown
    assert "says" not in env.observe("player_0")
    env.step("Then no. [[reject]]")
    # Its own next turn: it has been told once, and hears its own answer never.
    assert "Books are dear" not in env.observe("player_1")
    assert 'player_1 says: "Then no."' in env.observe("player_0")
    env.close()


def test_refused_messages_say_nothing():
    env = make_text("negotiation")
    found = talks(env, ["Amber! [[sell]]", "[[propose 1 1 0]]"])
    assert "Amber" not in env.observe("player_1")
    assert found[0]["invalid"] == 1
    env.close()


def secret_of(env, player):
    position = env.position
    return position.game.profiles[player][position.profiles[player]].secret


def test_a_secret_said_aloud_is_counted_and_one_thought_is_not():
    env = make_text("negotiation", secrets=3)
    env.reset(seed=4)
    mine, theirs = secret_of(env, 0), secret_of(env, 1)
    found = talks(
        env,
        [
            f"My word is {mine.upper()}, yes {mine}. I guess {theirs}. [[propose 1 1 0]]",
            f"<think>{theirs} stays here</think>Never. [[accept]]",
        ],
        seed=4,
    )
    assert [one["secret_leaked"] for one in found] == [True, False]
    assert [one["secret_said"] for one in found] == [2, 0]
    assert [one["social.secret"] for one in found] == [-10.0, 0.0]
    env.close()


def test_without_secrets_nobody_can_leak_one():
    env = make_text("negotiation")
    for one in talks(env, ["amber [[propose 1 1 0]]", "[[accept]]"]):
        assert one["secret_leaked"] is one["secret_said"] is one["social.secret"] is None
    env.close()


def test_worked_figures_of_a_deal():
    """Both value a book at 7, a hat and the ball at 1; 1 book and 1 hat leave 1 hat, 1 ball."""
    same = (((7, 1, 1),), ((7, 1, 1),))
    env = make_text("negotiation", valuations=same, reward="social")
    first, second = talks(
        env, ["[[propose 1 1 0]]", "[[reject]]", "[[propose 1 0 0]]", "[[accept]]"]
    )
    assert (first["deal"], first["rounds"]) == (True, 1)
    assert first["own_score"] == pytest.approx(0.9 * 3 / 10)
    assert second["own_score"] == pytest.approx(0.9 * 7 / 10)
    # Equal worths add up to 10 however they are split: nothing is left on the table.
    assert first["pareto_distance"] == 0.0
    assert first["nash_ratio"] == pytest.approx(3 * 7 / 21)
    assert first["social.goal"] == pytest.approx(2.7)
    assert first["social.financial"] == pytest.approx(1.5)
    assert first["valuation_leak"] == 0.0  # there was nothing to learn
    assert dict(env.total) == pytest.approx({"player_0": 0.27, "player_1": 0.63})
    env.close()


def test_promises_are_held_against_the_moves_after_them():
    env = make_text("negotiation", reward="social")
    kept, broken = talks(
        env,
        [
            "I promise to accept 1 book. [[propose 1 2 0]]",
            "I promise to offer player 0 the share 1 book. [[reject]]",
            "[[propose 1 2 0]]",  # player 1 keeps the book to itself
            "[[reject]]",  # the offer held no book: the first promise is not tested
            "[[propose 1 1 1]]",
            "[[accept]]",
        ],
    )
    assert (kept["promises_kept"], kept["promises_broken"], kept["promise_ratio"]) == (0, 0, None)
    counts = broken["promises_kept"], broken["promises_broken"], broken["promise_ratio"]
    assert counts == (0, 1, 0.0)
    charged = broken["own_score"] - 0.25 * broken["pareto_distance"] - 0.25
    assert env.total["player_1"] == pytest.approx(charged)
    env.close()


def test_a_promise_binds_from_its_own_move_on():
    env = make_text("negotiation")
    first, _ = talks(
        env,
        [
            "I promise to offer player 1 the share 1 ball. [[propose 1 2 1]]",  # not this one
            "[[reject]]",
            "[[propose 1 0 0]]",
            "[[reject]]",
            "[[propose 1 2 0]]",  # its next proposal leaves the ball
            "[[accept]]",
        ],
    )
    assert (first["promises_kept"], first["promises_broken"], first["promise_ratio"]) == (1, 0, 1.0)
    env.close()


def test_an_unfinished_negotiation_is_one_without_a_deal():
    env = make_text("negotiation", illegal="forfeit", reward="social")
    first, second = talks(env, ["[[propose 1 1 0]]", "what?"])
    assert env.forfeited == "player_1"
    for one in (first, second):
        assert (one["deal"], one["own_score"], one["nash_ratio"]) == (False, 0.0, 0.0)
        assert one["pareto_distance"] > 0.0
    assert env.total["player_0"] == pytest.approx(-0.25 * first["pareto_distance"])
    env.close()


def test_social_charges_secrets_only_where_there_are_some():
    with_secrets = Negotiation(secrets=2).presets()["social"]
    assert "secret_leaked" in with_secrets.needs
    assert "secret_leaked" not in Negotiation().presets()["social"].needs
    env = make_text("negotiation", secrets=2, reward="social")
    env.reset(seed=1)
    word = secret_of(env, 0)
    told, _ = talks(env, [f"{word} [[propose 1 1 0]]", "[[accept]]"])
    charged = told["own_score"] - 0.25 * told["pareto_distance"] - 0.25
    assert env.total["player_0"] == pytest.approx(charged)
    env.close()


@given(st.integers(0, 500), st.sampled_from([{}, {"players": 3, "types": 2}, {"secrets": 2}]))
def test_laws_at_any_end(seed, arguments):
    game = Negotiation(**arguments)
    stream = Stream(seed, "negotiation ends")
    state = game.initial()
    while state.current_player != -4:
        chances = state.chance_outcomes()
        state = state.apply(stream.choice([a for a, _ in chances] if chances else state.legal()))
    said = [Utterance(0, "player_0", "I promise to accept 1 hat.", game.players + 1)]
    for player in range(game.players):
        found = final_facts(state, player, said)
        assert list(found) == [item.key for item in DECLARED]
        for item in DECLARED:
            value = found[item.key]
            if isinstance(value, int | float):
                assert item.lo <= value <= item.hi, item.key
        assert found["own_score"] == pytest.approx(state.returns()[player] / game.utility[1])
        tested = found["promises_kept"] + found["promises_broken"]
        assert tested <= (player == 0)
        assert (found["promise_ratio"] is None) == (tested == 0)


def test_recorded_talks_are_verified_and_rescored_per_player(tmp_path):
    env = make_text("negotiation", secrets=2, record=tmp_path / "talks")
    talks(env, ["Hello. [[propose 1 1 0]]", "Hello. [[accept]]"])
    env.close()
    assert verify(tmp_path / "talks").ok
    mine = Program("mine", Source("own_score", "episode", 0, 1))
    own = [score.total for score in rescore(tmp_path / "talks", mine)]
    assert own == [score.total for score in rescore(tmp_path / "talks", "outcome")]
    assert len(rescore(tmp_path / "talks", "social")) == 2
