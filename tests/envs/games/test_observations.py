"""Observations: the declared layouts, number by number."""

import pyspiel
import pytest

from envgym.envs.games.base import replay
from envgym.runtime.games.registry import make_game
from tests.envs.games.walking import random_episode

GOLDEN = [
    # game, arguments, history, player, observation
    ("matrix", {}, (2,), 0, "10 001 000"),
    ("matrix", {}, (2,), 1, "01 000 000"),
    ("matrix", {}, (2, 0), 1, "01 001 100"),
    ("repeated_matrix", {"rounds": 2}, (0, 1, 1), 0, "10 1001 0100"),
    ("repeated_matrix", {"rounds": 2}, (0, 1, 1), 1, "01 1001 0000"),
    # seat; own dice (sorted) of four sides; bids 1x1 to 2x4 and liar; last bidder
    ("liars_dice", {}, (0, 3, 1, 4), 0, "10 1000 010010000 01"),
    ("liars_dice", {}, (0, 3, 1, 4, 8), 1, "01 0001 010010001 01"),
    ("liars_dice", {"dice": 2, "sides": 2}, (1, 0, 1, 1), 0, "10 1001 000000000 00"),
    ("tic_tac_toe", {}, (4, 0), 0, "10 000010000 100000000"),
    ("tic_tac_toe", {}, (4, 0), 1, "01 100000000 000010000"),
    ("hex", {"board_size": 2}, (1, 2), 1, "01 0010 0100"),
    # seat, then per round: point card, winner, bids of both
    ("goofspiel", {"cards": 2}, (1,), 0, "10 01 00 01 00  00 00 00 00"),
    ("goofspiel", {"cards": 2}, (1,), 1, "01 01 00 00 00  00 00 00 00"),
    ("goofspiel", {"cards": 2}, (1, 0), 1, "01 01 10 00 10  10 01 00 01"),
    ("goofspiel", {"cards": 2, "imp_info": False}, (1, 0), 1, "01 01 10 01 10  10 01 10 01"),
]


@pytest.mark.parametrize(("name", "params", "history", "player", "bits"), GOLDEN)
def test_golden(name, params, history, player, bits):
    state = replay(make_game(name, **params), history)
    assert state.observation(player) == tuple(map(float, bits.replace(" ", "")))


def test_connect_four_counts_from_the_bottom():
    seen = replay(make_game("connect_four"), (3, 3, 6)).observation(1)
    assert [i for i, x in enumerate(seen) if x] == [1, 2 + 19, 44 + 18, 44 + 36]


@pytest.mark.parametrize("players", [2, 3, 4])
def test_kuhn_is_openspiels_information_state_tensor(players):
    game = make_game("kuhn", players=players)
    theirs = pyspiel.load_game(f"kuhn_poker(players={players})")
    assert game.observation_size == theirs.information_state_tensor_size()
    for seed in range(40):
        for state in random_episode(game, seed):
            if len(state.history) >= players:
                other = theirs.new_initial_state()
                for action in state.history:
                    other.apply_action(action)
                for player in range(players):
                    tensor = tuple(other.information_state_tensor(player))
                    assert state.observation(player) == tensor


def test_leduc():
    state = replay(make_game("leduc"), (5, 0, 2, 1, 2, 2))
    bits = "01 100000 001000"  # seat, Js, Qs
    first = "001 010 000 000"  # raise, call
    second = "001 000 000 000"  # raise
    numbers = tuple(map(float, f"{bits}{first}{second}".replace(" ", "")))
    assert state.observation(1) == (*numbers, 7 / 13, 3 / 13)
