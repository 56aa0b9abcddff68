import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import PCG64, Generator

from envgym.envs.games.hex import Hex
from envgym.envs.games.hex_array import joined, pack, random_games
from envgym.types.game import OVER
from envgym.types.stream import derive


def joins(stones):
    """Whether stones [rows, columns] join the first row with the last, by plain search."""
    rows, columns = stones.shape
    reached = [(0, c) for c in range(columns) if stones[0, c]]
    for r, c in reached:
        for i, j in ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0)):
            cell = (r + i, c + j)
            inside = 0 <= cell[0] < rows and 0 <= cell[1] < columns
            if inside and stones[cell] and cell not in reached:
                reached.append(cell)
    return any(r == rows - 1 for r, _ in reached)


@given(size=st.integers(1, 20), seed=st.integers(0, 2**32), share=st.floats(0.3, 0.7))
def test_joined_is_a_search(size, seed, share):
    stones = Generator(PCG64(seed)).random((size, size, 8)) < share
    assert joined(pack(stones)).tolist() == [joins(stones[:, :, i]) for i in range(8)]


def test_a_winding_chain_is_followed():
    """Down on the right, up in the middle, down on the left: one sweep is not enough."""
    right = [(r, 4) for r in range(7)] + [(6, 3)]
    middle = [(r, 2) for r in range(1, 7)] + [(1, 1)]
    left = [(r, 0) for r in range(1, 9)]
    stones = np.zeros((9, 5, 2), bool)
    for cell in right + middle + left:
        stones[cell] = True
    stones[3, 2, 1] = False
    assert [joins(stones[:, :, i]) for i in range(2)] == [True, False]
    assert joined(pack(stones)).tolist() == [True, False]


@given(size=st.integers(2, 9), seed=st.integers(0, 2**32))
def test_exactly_one_side_joins_on_a_full_board(size, seed):
    stones = Generator(PCG64(seed)).random((size, size, 16)) < 0.5
    others = np.swapaxes(~stones, 0, 1)
    assert (joined(pack(stones)) ^ joined(pack(others))).all()


@pytest.mark.parametrize(("size", "count"), [(2, 60), (3, 60), (5, 60), (11, 20), (17, 4)])
def test_games_are_those_of_the_rules(size, count):
    """Stones placed in the same order one by one end the game at the same time for the same side."""
    returns, decisions = random_games(count, seed=9, size=size)
    rng = Generator(PCG64(derive(9, "game:hex", "random play")))
    turns = np.broadcast_to(np.arange(size * size, dtype=np.int16), (count, size * size))
    for i, turn in enumerate(rng.permuted(turns, axis=1)):
        state = Hex(size).initial()
        for cell in np.argsort(turn).tolist():
            state = state.apply(cell)
            if state.current_player == OVER:
                break
        assert len(state.history) == decisions[i]
        assert state.returns() == tuple(returns[i])


def test_none():
    returns, decisions = random_games(0, 0, 5)
    assert returns.shape == (0, 2)
    assert decisions.shape == (0,)
