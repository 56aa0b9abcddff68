"""Games in words: evidence, rewards, talk, history; worked numbers in Kuhn poker."""

import pytest

from envgym import ConfigError
from envgym.runtime.games.registry import make_text


@pytest.fixture
def text():
    made = []

    def make(name, **arguments):
        made.append(make_text(name, **arguments))
        made[-1].reset(seed=1)
        return made[-1]

    yield make
    for env in made:
        env.close()


def dealt(env, *cards):
    """Reset with seeds until the players hold these cards."""
    for seed in range(1000):
        env.reset(seed=seed)
        if env.position.history[: len(cards)] == cards:
            return env
    raise AssertionError(f"nobody was dealt {cards}")


JACK, QUEEN, KING = range(3)


def test_a_hand_with_its_evidence(text):
    env = dealt(text("kuhn", reward="delta"), KING, QUEEN)
    env.step("I bet. [[bet]]")
    assert env.latest_evidence("player_0")["payoff"] == 0.0
    env.step("[[call]]")
    last = env.latest_evidence("player_0")
    assert (last["payoff"], last["outcome"], last["won"]) == (1.0, 1.0, True)
    assert env.latest_evidence("player_1")["outcome"] == -1.0
    assert (last["forfeited"], last["by_forfeit"], last["end"]) == (False, False, "task")
    assert env.rewards == {"player_0": 1.0, "player_1": -1.0}
    assert env.report("player_0")["success"] == "yes"
    assert env.report("player_1")["success"] == "no"
    assert env.returns() == (2.0, -2.0)


@pytest.mark.parametrize(
    ("card", "move", "regret"),
    [
        (KING, "pass", 1.5),  # folding the best card: -1 instead of +2, of 2
        (KING, "bet", 0.0),
        (JACK, "bet", 0.5),  # calling with the worst: -2 instead of -1
        (JACK, "pass", 0.0),
    ],
)
def test_regret_of_an_answer_to_a_bet(text, card, move, regret):
    env = dealt(text("kuhn", reward="regret"), QUEEN, card)
    env.step("[[bet]]")
    env.step(f"[[{move}]]")
    assert env.latest_evidence("player_1")["regret"] == pytest.approx(regret, abs=1e-5)
    assert env.latest_evidence("player_0")["regret"] == 0.0
    outcome = env.latest_evidence("player_1")["outcome"]
    assert env.total["player_1"] == pytest.approx(outcome - regret, abs=1e-5)


def test_regret_is_charged_to_the_decision_that_gave_it_away(text):
    env = dealt(text("kuhn", reward="regret"), QUEEN, KING)
    env.step("[[bet]]")
    env.step("[[pass]]")
    assert env.report("player_1")["step_rewards"] == pytest.approx((-2.0,), abs=1e-5)


@pytest.mark.parametrize(("card", "chips"), [(JACK, -1.0), (QUEEN, -1 / 3), (KING, 7 / 6)])
def test_value_of_a_card_to_the_first_player(text, card, chips):
    """The same in every equilibrium (Kuhn 1950, worked out by hand); their mean is -1/18."""
    env = dealt(text("kuhn", reward="dense"), card)
    assert env.latest_evidence("player_0")["value"] == pytest.approx(chips / 2, abs=1e-5)


def test_value_ends_as_the_payoff(text):
    env = dealt(text("kuhn", reward="dense"), KING, JACK)
    env.step("[[bet]]")
    env.step("[[pass]]")
    for agent, payoff in (("player_0", 0.5), ("player_1", -0.5)):
        assert env.latest_evidence(agent)["value"] == payoff
        assert env.latest_evidence(agent)["payoff"] == payoff


def test_the_advantage_stands_in_where_nothing_is_solved(text):
    env = text("connect_four", reward="dense")
    assert env.reference is None
    assert "regret" not in env.declared
    assert -1.0 <= env.latest_evidence("player_0")["value"] <= 1.0
    with pytest.raises(ConfigError, match="regret"):
        make_text("connect_four", reward="regret")


def test_being_ahead_when_the_budget_runs_out_is_no_win(text):
    env = text("repeated_matrix", max_turns=2)
    env.step("[[defect]]")
    env.step("[[cooperate]]")
    ahead, behind = env.returns()
    assert ahead > behind
    assert env.report("player_0")["end"] == "budget"
    assert env.report("player_0")["success"] == "no"
    assert env.latest_evidence("player_0")["won"] is False


def test_delta_shows_what_is_new_and_full_shows_all(text):
    seen = {}
    for history in ("delta", "full"):
        env = dealt(text("kuhn", history=history), JACK, QUEEN)
        env.step("[[pass]]")
        env.step("[[bet]]")
        seen[history] = env.observe("player_0")
    assert seen["delta"].startswith("You pass.\nPlayer 1 bets.")
    assert seen["full"].startswith("You are dealt J.\nYou pass.\nPlayer 1 bets.")


def test_the_list_of_legal_actions_can_be_left_out(text):
    assert "Legal actions" in text("kuhn").observe("player_0")
    assert "Legal actions" not in text("kuhn", legal_actions=False).observe("player_0")


def test_talk_is_heard_by_the_others_once(text):
    env = text("kuhn", talk=40)
    env.step("<think>I have nothing.</think>I have a king! [[bet]]")
    assert 'player_0 says: "I have a king!"' in env.observe("player_1")
    assert "nothing" not in env.observe("player_1")
    assert "says" not in env.observe("player_0")
    env.step("Then I fold. [[pass]]")
    assert "I have a king!" not in env.observe("player_1")
    assert 'player_1 says: "Then I fold."' in env.observe("player_0")


def test_a_bare_move_says_nothing(text):
    env = text("kuhn", talk=40)
    env.step(" Bet ")
    assert "says" not in env.observe("player_1")


def test_without_talk_nothing_is_heard(text):
    env = text("kuhn")
    env.step("I have a king! [[bet]]")
    assert "king" not in env.observe("player_1")


def test_what_a_refused_message_says_is_not_heard(text):
    env = text("kuhn", talk=40)
    env.step("I have a king! [[fly]]")
    env.step("Well. [[bet]]")
    assert "king" not in env.observe("player_1")
    assert 'player_0 says: "Well."' in env.observe("player_1")


def test_the_oracle_answers_only_who_is_asked(text):
    """Of simultaneous movers too: another's turn is no place to read a move off."""
    env = text("matrix")
    assert env.position.movers() == (0, 1)
    assert env.oracle("player_0") in ("[[rock]]", "[[paper]]", "[[scissors]]")
    assert env.oracle("player_1") is None


def test_the_oracle_of_a_game_that_is_too_large(text):
    env = text("leduc", players=3)
    with pytest.raises(ConfigError, match="leduc is too large to be solved with.*has no expert"):
        env.oracle("player_0")


def test_the_same_seed_deals_the_same_under_all_options(text):
    hands = {
        text("kuhn", **options).position.history
        for options in ({}, {"history": "full"}, {"reward": "dense"}, {"talk": 9})
    }
    assert len(hands) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"history": "all"}, "history"),
        ({"legal_actions": 1}, "legal_actions must be true or false"),
        ({"talk": -1}, "talk must be from 0 to 10000, got -1"),
        ({"talk": True}, "talk must be from 0 to 10000, got True"),
        ({"talk": "much"}, "talk must be from 0 to 10000"),
        ({"players": 9}, "players must be"),
        ({"palyers": 2}, "Did you mean 'players'"),
        ({"illegal": "noop"}, "kuhn has no move that does nothing"),
    ],
)
def test_bad_arguments_are_told(arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        make_text("kuhn", **arguments)


def test_what_is_said_in_a_simultaneous_move_is_heard_after_it():
    env = make_text("repeated_matrix", talk=80)
    env.reset(seed=0)
    first, second = env.possible_agents
    word = env.position.action_text(env.position.legal()[0])
    env.step(f"I will cooperate. [[{word}]]")
    assert "says" not in env.observe(second)
    env.step(f"So will I. [[{word}]]")
    assert f'{second} says: "So will I."' in env.observe(first)
    assert f'{first} says: "I will cooperate."' in env.observe(second)
    env.step(f"[[{word}]]")
    assert f'{first} says: "I will cooperate."' in env.observe(second)
    env.close()
