"""Arguments: what is refused, in one sentence; words for actions; the PettingZoo forms."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.base import replay
from envgym.envs.games.blotto import shared
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError
from tests.envs.games.walking import THREE

NAMES = [
    "blotto",
    "connect_four",
    "goofspiel",
    "hex",
    "kuhn",
    "leduc",
    "liars_dice",
    "matrix",
    "repeated_matrix",
    "tic_tac_toe",
]


@pytest.mark.parametrize(
    ("name", "params", "sentence"),
    [
        ("kuhn", {"players": 7}, "kuhn: players must be a whole number 2 to 4, got 7."),
        ("kuhn", {"players": True}, "kuhn: players must be a whole number 2 to 4, got True."),
        ("kuhn", {"players": 2.0}, "kuhn: players must be a whole number 2 to 4, got 2.0."),
        ("kuhn", {"players": "2"}, "kuhn: players must be a whole number 2 to 4, got '2'."),
        ("kuhn", {"players": None}, "kuhn: players must be a whole number 2 to 4, got None."),
        ("leduc", {"players": 4}, "leduc: players must be a whole number 2 to 3, got 4."),
        ("goofspiel", {"cards": 1}, "goofspiel: cards must be a whole number 2 to 20, got 1."),
        ("goofspiel", {"players": 5}, "goofspiel: players must be a whole number 2 to 4, got 5."),
        (
            "goofspiel",
            {"points": "descend"},
            "goofspiel: unknown points 'descend'; allowed: ascending, descending, random. "
            "Did you mean 'descending'?",
        ),
        (
            "goofspiel",
            {"returns": 3},
            "goofspiel: unknown returns '3'; allowed: point_difference, total_points, win_loss.",
        ),
        ("goofspiel", {"imp_info": 1}, "goofspiel: imp_info must be true or false, got 1."),
        ("liars_dice", {"sides": 1}, "liars_dice: sides must be a whole number 2 to 12, got 1."),
        ("liars_dice", {"dice": 0}, "liars_dice: dice must be a whole number 1 to 6, got 0."),
        ("hex", {"board_size": 20}, "hex: board_size must be a whole number 2 to 19, got 20."),
        ("blotto", {"fields": 2}, "blotto: fields must be a whole number 3 to 10, got 2."),
        (
            "blotto",
            {"coins": 100, "fields": 4},
            "blotto: coins and fields must give at most 5,000 ways to spread them, got 176,851 "
            "(100 coins on 4 fields).",
        ),
        (
            "matrix",
            {"preset": "rpss"},
            "matrix: unknown preset 'rpss'; allowed: battle_of_the_sexes, chicken, coordination, "
            "matching_pennies, prisoners_dilemma, rps, stag_hunt. Did you mean 'rps'?",
        ),
        (
            "matrix",
            {"payoffs": [[[1, 2], [3]], [[1, 2], [3, 4]]]},
            "matrix: payoffs must be full arrays, got rows of unequal length.",
        ),
        (
            "matrix",
            {"payoffs": [[[1, 2]], [[1], [2]]]},
            "matrix: payoffs must be one array per player, each with one axis per player; got 2 "
            "arrays of shapes (1, 2), (2, 1).",
        ),
        (
            "matrix",
            {"payoffs": [[[1, 2], [3, 4]]]},
            "matrix: payoffs must be one array per player, each with one axis per player; got 1 "
            "arrays of shapes (2, 2).",
        ),
        ("matrix", {"payoffs": 3}, "matrix: payoffs must be one array per player, got 3."),
        (
            "matrix",
            {"payoffs": [[[1, float("nan")]], [[1, 2]]]},
            "matrix: payoffs must be finite numbers, got nan.",
        ),
        (
            "matrix",
            {"actions": [["a", "b"], ["a", "b"]]},
            "matrix: actions must be one list of words per player, 3, 3 words; got "
            "(('a', 'b'), ('a', 'b')).",
        ),
        (
            "matrix",
            {"preset": "chicken", "actions": [["a", "A"], ["a", "b"]]},
            "matrix: an action must be a lower-case word, got 'A'.",
        ),
        (
            "matrix",
            {"preset": "chicken", "actions": [["a", "b"], ["c", "c"]]},
            "matrix: the actions of a player must differ, got ('c', 'c').",
        ),
        (
            "repeated_matrix",
            {"rounds": 0},
            "repeated_matrix: rounds must be a whole number 1 to 1000, got 0.",
        ),
    ],
)
def test_refusals(name, params, sentence):
    with pytest.raises(ConfigError) as caught:
        make_game(name, **params)
    assert str(caught.value) == sentence


def test_payoffs_of_any_kind_are_the_same_game():
    lists = make_game("matrix", payoffs=[[[1, 0], [0, 1]], [[2, 0], [0, 2]]])
    arrays = make_game("matrix", payoffs=np.array([[[1, 0], [0, 1]], [[2, 0], [0, 2]]]))
    assert lists == arrays and hash(lists) == hash(arrays)
    assert lists.utility == (0.0, 2.0) and not lists.zero_sum
    assert lists.initial().action_text(1) == "action 1"


def test_three_players_with_payoff_arrays():
    game = make_game("matrix", payoffs=THREE)
    assert (game.players, game.num_actions, game.utility) == (3, 2, (-1.0, 8.0))
    assert replay(game, (1, 0, 1)).returns() == (6.0, 1.0, 2.0)


@given(
    shape=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    rounds=st.integers(1, 3),
    data=st.data(),
)
def test_any_payoffs_are_paid_as_written(shape, rounds, data):
    payoffs = np.array(
        data.draw(
            st.lists(
                st.integers(-9, 9),
                min_size=len(shape) * int(np.prod(shape)),
                max_size=len(shape) * int(np.prod(shape)),
            )
        )
    ).reshape(len(shape), *shape)
    game = make_game("repeated_matrix", payoffs=payoffs, rounds=rounds)
    state, total = game.initial(), np.zeros(len(shape))
    for _ in range(rounds):
        joint = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
        for action in joint:
            state = state.apply(action)
        total += payoffs[(slice(None), *joint)]
        assert state.returns() == tuple(total)
    low, high = game.utility
    assert (low, high) == (payoffs.min() * rounds, payoffs.max() * rounds)
    assert game.zero_sum == bool((payoffs.sum(axis=0) == 0).all())


def test_players_may_have_different_actions():
    game = make_game(
        "matrix",
        payoffs=[[[1, 2, 3], [4, 5, 6]], [[0, 0, 0], [0, 0, 0]]],
        actions=[["up", "down"], ["left", "middle", "right"]],
    )
    assert game.num_actions == 3
    first = game.initial()
    assert first.legal() == (0, 1) and first.apply(1).legal() == (0, 1, 2)
    assert first.apply(1).apply(2).returns() == (6.0, 0.0)
    assert game.aliases() == {"u": 0, "d": 1, "l": 0, "m": 1, "r": 2}


def test_aliases():
    assert make_game("kuhn").aliases() == {"check": 0, "fold": 0, "call": 1}
    assert make_game("leduc").aliases() == {"check": 1, "bet": 2}
    assert make_game("tic_tac_toe").aliases()["2a"] == 3
    assert make_game("hex").aliases()["3c"] == 12
    assert make_game("connect_four").aliases()["column 4"] == 3
    assert make_game("goofspiel").aliases() == {"1": 0, "2": 1, "3": 2, "4": 3}
    assert make_game("liars_dice").aliases()["2 x 3"] == 6
    assert make_game("blotto").aliases()["[0, 3, 7]"] == 3
    assert make_game("matrix").aliases() == {"r": 0, "p": 1, "s": 2}
    assert make_game("matrix", preset="coordination").aliases() == {"l": 0, "r": 1}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ([2, 1], (1.0, -1.0)),
        ([1, 1, 1], (0.0, 0.0, 0.0)),
        ([2, 2, 0], (0.5, 0.5, -1.0)),
        ([3, 0, 0], (1.0, -0.5, -0.5)),
    ],
)
def test_shared_wins(score, expected):
    assert shared(score) == expected


@pytest.mark.parametrize("name", NAMES)
def test_modules_have_the_pettingzoo_forms(name):
    module = import_module(f"envgym.envs.games.{name}")
    game = make_game(name)
    agents = [f"player_{seat}" for seat in range(game.players)]
    for form in (module.env, module.raw_env, module.parallel_env):
        made = form()
        assert made.possible_agents == agents
        made.close()
    with pytest.raises(ConfigError, match=f"unknown argument of {name} 'colour'"):
        module.env(colour="red")
