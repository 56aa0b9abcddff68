"""Experts and rough values of the games that are too large to solve."""

import pytest

from envgym.envs.games.base import replay
from envgym.envs.games.connect_four_search import best_column, completing, lead, wins
from envgym.envs.games.hex_paths import board, shortest
from envgym.runtime.games.registry import make_game
from envgym.types import Stream
from envgym.types.game import OVER
from tests.envs.games.walking import CASES, options, random_episode, whole_tree

EXPERTS = [("tic_tac_toe", {}), ("connect_four", {}), ("hex", {}), ("hex", {"board_size": 8})]


def against_random(game, seed, seat):
    stream, state = Stream(seed, "opponent"), game.initial()
    while state.current_player != OVER:
        mine = state.current_player == seat
        state = state.apply(game.expert(state) if mine else stream.choice(state.legal()))
    return state.returns()[seat]


@pytest.mark.parametrize(("name", "params"), EXPERTS)
def test_experts_beat_random_play(name, params):
    game = make_game(name, **params)
    results = [against_random(game, seed, seed % 2) for seed in range(40)]
    assert min(results) >= 0  # lost none of these
    assert sum(results) >= 32


@pytest.mark.parametrize(("name", "params"), EXPERTS)
def test_rough_values(name, params):
    """Between -1 and 1, opposite for the two players, the normalised return at the end."""
    game = make_game(name, **params)
    for seed in range(15):
        for state in random_episode(game, seed):
            value = game.advantage(state, 0)
            assert -1.0 <= value <= 1.0
            assert game.advantage(state, 1) == pytest.approx(-value, abs=1e-12)
            if state.current_player == OVER:
                assert value == state.returns()[0] and game.expert(state) is None
            elif name != "tic_tac_toe":  # whose values are exact
                assert abs(value) < 1.0


@pytest.mark.parametrize("case", [c for c in CASES if c.small and c.name != "hex"], ids=str)
def test_small_games_are_solved_instead(case):
    game = case.game
    assert game.expert(game.initial()) is None and game.advantage(game.initial(), 0) is None


def test_tic_tac_toe_expert_never_loses_to_anybody():
    game = make_game("tic_tac_toe")
    for seat in (0, 1):
        stack = [game.initial()]
        while stack:
            state = stack.pop()
            if state.current_player == OVER:
                assert state.returns()[seat] >= 0
            elif state.current_player == seat:
                stack.append(state.apply(game.expert(state)))
            else:
                stack.extend(state.apply(a) for a in state.legal())


def test_tic_tac_toe_values_are_exact():
    game = make_game("tic_tac_toe")
    assert game.advantage(game.initial(), 0) == 0.0  # a draw
    assert game.advantage(replay(game, (0, 1)), 0) == 1.0  # answering a corner at its side loses
    assert game.expert(replay(game, (0, 3, 1))) == 2  # blocks
    assert game.expert(replay(game, (0, 3, 1, 8))) == 2  # wins


def test_connect_four_expert_wins_and_blocks():
    game = make_game("connect_four")
    assert game.expert(game.initial()) == 3
    assert game.expert(replay(game, (0, 1, 0, 1, 0, 2))) == 0
    assert game.expert(replay(game, (0, 1, 0, 1, 0))) == 0
    assert game.expert(replay(game, (1, 3, 2, 3, 5, 3))) == 3


def test_connect_four_bits():
    row = sum(1 << 7 * c for c in (0, 1, 3))
    assert completing(row, row) == 1 << 14
    assert not wins(row) and wins(row | 1 << 14)
    diagonal = sum(1 << 8 * c for c in range(4))
    assert wins(diagonal) and not wins(diagonal ^ 1)
    # Three on top of a column and one at the foot of the next are no line.
    assert not wins(1 << 3 | 1 << 4 | 1 << 5 | 1 << 7)
    assert lead(row, 0) == -lead(0, row) == 4 + 2
    assert best_column(row, 0) == 2


@pytest.mark.parametrize("seed", range(60))
def test_connect_four_lines_are_those_of_the_board(seed):
    """The bit tricks agree with looking at every line of the board."""
    game = make_game("connect_four")
    for state in random_episode(game, seed):
        for player in (0, 1):
            own, other = state.pieces(player)
            assert wins(own) == any(line & ~own == 0 for line in LINES)
            empty = [1 << 7 * c + r for c in range(7) for r in range(6)]
            expected = sum(
                cell
                for cell in empty
                if not cell & (own | other)
                and any(line & cell and line & ~(own | cell) == 0 for line in LINES)
            )
            assert completing(own, own | other) == expected


LINES = [
    sum(1 << 7 * (c + i * dc) + r + i * dr for i in range(4))
    for c in range(7)
    for r in range(6)
    for dc, dr in ((1, 0), (0, 1), (1, 1), (1, -1))
    if 0 <= c + 3 * dc < 7 and 0 <= r + 3 * dr < 6
]


def test_connect_four_has_69_lines():
    assert len(LINES) == 69


def test_hex_paths():
    game = make_game("hex", board_size=3)
    empty = game.initial()
    known = board(3)
    # On the empty board the middle cell is a bridge from both edges: two stones away from each.
    assert shortest(known, empty.stones(), empty.groups(), 0) == 4
    threat = replay(game, (4, 0, 1, 3))
    assert shortest(known, threat.stones(), threat.groups(), 0) == 2
    assert game.expert(threat) in (6, 7)  # x holds b1 and b2: a3 or b3 joins the bottom
    assert threat.apply(game.expert(threat)).returns() == (1.0, -1.0)
    blocked = replay(game, (0, 4, 1, 3))
    assert game.expert(blocked) in (2, 5)  # o holds a2 and b2: c1 or c2 would join the right


def test_hex_opening_is_the_middle():
    assert make_game("hex").expert(make_game("hex").initial()) == 12


@pytest.mark.parametrize("board_size", [2, 3])
def test_hex_always_has_one_winner(board_size):
    game = make_game("hex", board_size=board_size)
    states = (
        whole_tree(game)
        if board_size == 2
        else (s for seed in range(200) for s in random_episode(game, seed))
    )
    for state in states:
        if state.current_player == OVER:
            assert sorted(state.returns()) == [-1.0, 1.0]
        else:
            assert options(state)


def test_experts_depend_on_the_position_alone():
    game = make_game("connect_four")
    one, other = replay(game, (0, 1, 2, 3)), replay(game, (2, 1, 0, 3))
    assert game.expert(one) == game.expert(other)
    assert game.advantage(one, 0) == game.advantage(other, 0)
