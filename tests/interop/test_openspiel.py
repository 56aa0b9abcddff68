"""OpenSpiel's games behind our protocols."""

import pickle
from itertools import pairwise
from types import SimpleNamespace

import pyspiel
import pytest

from envgym.interop.openspiel import open_spiel_game, refuse
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError, Stream
from envgym.types.game import CHANCE, OVER, Game

GAMES = [
    "kuhn_poker",
    "leduc_poker(players=3)",
    "goofspiel(num_cards=4,imp_info=True)",
    "goofspiel(num_cards=3,points_order=random)",
    "tiny_hanabi",
    "first_sealed_auction",
    "bargaining",
    "tic_tac_toe",
    "catch",
    "matrix_rps",
    "blotto(players=3,coins=3)",
    "oshi_zumo(coins=4)",
    "pig(players=2)",
]
EVERY = pytest.mark.parametrize("name", GAMES)
CUT_SHORT = [
    # What Shimmy 2.0.1 cut short: the episodes must run to the end.
    "kuhn_poker",
    "leduc_poker",
    "tiny_hanabi",
    "first_sealed_auction",
    "goofspiel(num_cards=4)",
    "bargaining",
]


def episode(game, seed):
    stream, state = Stream(seed, "openspiel", game.name), game.initial()
    states = [state]
    while state.current_player != OVER:
        chance = [a for a, _ in state.chance_outcomes()]
        state = state.apply(stream.choice(chance or state.legal()))
        states.append(state)
    return states


@EVERY
def test_what_a_player_sees_is_decided_by_what_it_knows(name):
    game, seen = open_spiel_game(name), {}
    for seed in range(12):
        states = episode(game, seed)
        for state in states:
            for player in range(game.players):
                key = (player, state.infostate(player))
                view = (state.text(player), state.observation(player), state.log(player))
                assert seen.setdefault(key, view) == view
                assert len(state.observation(player)) == game.observation_size
                if player == state.current_player:
                    assert seen.setdefault((*key, "legal"), state.legal()) == state.legal()
        for before, after in pairwise(states):
            for player in range(game.players):
                old, new = before.log(player), after.log(player)
                assert new[: len(old)] == old


@EVERY
def test_forms(name):
    game = open_spiel_game(name)
    assert isinstance(game, Game)
    assert make_game(f"openspiel:{name}") == game and hash(game) == hash(open_spiel_game(name))
    assert make_game(game.name, **game.params) == game
    assert pickle.loads(pickle.dumps(game)) == game
    assert "You are player 0 of" in game.rules(0)
    assert game.aliases() == {} and game.expert(game.initial()) is None
    assert game.advantage(game.initial(), 0) is None
    low, high = game.utility
    for seed in range(8):
        for state in episode(game, seed):
            legal, movers = state.legal(), state.movers()
            assert bool(legal) == bool(movers) == (state.current_player >= 0)
            words = [state.action_text(a) for a in legal]
            assert len(set(words)) == len(words) and all(w == w.lower() for w in words)
            if state.current_player == CHANCE:
                assert sum(p for _, p in state.chance_outcomes()) == pytest.approx(1.0)
        assert all(low <= x <= high for x in state.returns())
        if game.zero_sum:
            assert sum(state.returns()) == pytest.approx(0.0)
        copy = pickle.loads(pickle.dumps(state))
        assert copy == state and copy.returns() == state.returns()


@pytest.mark.parametrize("name", CUT_SHORT)
def test_episodes_run_to_their_end(name):
    game, theirs = open_spiel_game(name), pyspiel.load_game(name)
    if theirs.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS:
        theirs = pyspiel.convert_to_turn_based(theirs)
    for seed in range(50):
        states = episode(game, seed)
        end = states[-1]
        other = theirs.new_initial_state()
        for action in end.history:
            other.apply_action(action)
        assert other.is_terminal() and end.returns() == tuple(other.returns())
        assert sum(s.current_player >= 0 for s in states) <= game.max_decisions


@EVERY
def test_apply_leaves_a_position_as_it_was(name):
    game = open_spiel_game(name)
    for state in episode(game, 1)[:-1]:
        before = [state.infostate(p) for p in range(game.players)]
        for action in [a for a, _ in state.chance_outcomes()] or state.legal():
            state.apply(action)
        assert [state.infostate(p) for p in range(game.players)] == before
        with pytest.raises(ValueError, match="action 100000 is not possible here"):
            state.apply(100_000)


@pytest.mark.parametrize(
    "name",
    ["matrix_rps", "goofspiel(num_cards=4,points_order=descending)", "oshi_zumo(coins=4)"],
)
def test_choices_of_the_same_moment_are_hidden(name):
    game = open_spiel_game(name)
    start = game.initial()
    assert game.simultaneous and start.movers() == (0, 1) and game.max_decisions >= 2
    after = [start.apply(a) for a in start.legal()]
    for state in after:
        assert state.movers() == (1,) and state.current_player == 1
        assert state.text(1) == start.text(1) and state.infostate(1) == start.infostate(1)
        assert "You have chosen" in state.text(0)
    assert len({state.infostate(0) for state in after}) == len(after)


def test_our_leduc_has_the_same_information_sets():
    ours, theirs = make_game("leduc"), open_spiel_game("leduc_poker")
    forward, backward = {}, {}
    for seed in range(200):
        mine, other = ours.initial(), theirs.initial()
        stream = Stream(seed, "twin")
        while mine.current_player != OVER:
            assert mine.current_player == other.current_player and mine.legal() == other.legal()
            assert dict(mine.chance_outcomes()) == pytest.approx(dict(other.chance_outcomes()))
            if mine.current_player >= 0:
                a = mine.infostate(mine.current_player)
                b = other.infostate(mine.current_player)
                assert forward.setdefault(a, b) == b and backward.setdefault(b, a) == a
            action = stream.choice([x for x, _ in mine.chance_outcomes()] or mine.legal())
            mine, other = mine.apply(action), other.apply(action)
        assert mine.returns() == other.returns()


def test_chance_keeps_its_probabilities():
    # 2048 begins with a 2 (nine times in ten) or a 4 on one of sixteen cells.
    outcomes = open_spiel_game("2048").initial().chance_outcomes()
    assert outcomes == tuple(pyspiel.load_game("2048").new_initial_state().chance_outcomes())
    assert {round(p * 160, 9) for _, p in outcomes} == {1.0, 9.0} and len(outcomes) == 32


def test_arguments():
    game = open_spiel_game("leduc_poker", players=3)
    assert game == open_spiel_game("leduc_poker(players=3)") and game.players == 3
    assert game.name == "openspiel:leduc_poker(players=3)"


@pytest.mark.parametrize(
    ("name", "params", "sentence"),
    [
        ("leduc_pokr", {}, "unknown OpenSpiel game 'leduc_pokr'.*Did you mean 'leduc_poker'"),
        ("kuhn_poker(colour=3)", {}, "'kuhn_poker\\(colour=3\\)' cannot be made: Unknown param"),
        ("kuhn_poker", {"players": 99}, "'kuhn_poker' cannot be made"),
        ("kuhn_poker(", {}, "cannot be made: Missing closing bracket"),
        ("mfg_crowd_modelling", {}, "is a mean-field game: it has no players"),
        ("negotiation", {}, "samples its chance inside, so an episode cannot be repeated"),
    ],
)
def test_refusals(name, params, sentence):
    with pytest.raises(ConfigError, match=sentence):
        open_spiel_game(name, **params)


def test_a_game_without_any_description_is_refused():
    kind = SimpleNamespace(
        dynamics=pyspiel.GameType.Dynamics.SEQUENTIAL,
        chance_mode=pyspiel.GameType.ChanceMode.DETERMINISTIC,
        provides_information_state_string=False,
        provides_observation_string=False,
    )
    with pytest.raises(ConfigError, match="'silent' describes its positions neither by"):
        refuse("silent", kind, pyspiel.GameType)
