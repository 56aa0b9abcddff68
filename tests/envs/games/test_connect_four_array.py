import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.connect_four import ConnectFour
from envgym.envs.games.connect_four_array import has_four, random_games

LINES = [
    [(row + k * down, column + k * right) for k in range(4)]
    for down, right in ((1, 0), (0, 1), (1, 1), (1, -1))
    for row in range(6)
    for column in range(7)
    if row + 3 * down < 6 and 0 <= column + 3 * right < 7
]


def bits(cells):
    return sum(1 << column * 7 + row for row, column in cells)


def test_there_are_69_lines():
    assert len(LINES) == 69
    assert has_four(np.array([bits(line) for line in LINES], np.uint64)).all()
    assert not has_four(np.array([bits(line[:3]) for line in LINES], np.uint64)).any()


@given(cells=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=42))
def test_has_four_finds_exactly_the_lines(cells):
    expected = any(cells.issuperset(line) for line in LINES)
    assert has_four(np.array([bits(cells)], np.uint64)).tolist() == [expected]


def test_outcomes_are_possible():
    returns, decisions = random_games(20_000, 4)
    assert set(map(tuple, returns)) == {(1.0, -1.0), (-1.0, 1.0), (0.0, 0.0)}
    won = returns[:, 0]
    assert (decisions[won > 0] % 2 == 1).all()
    assert (decisions[won < 0] % 2 == 0).all()
    assert (decisions[won == 0] == 42).all()
    assert decisions.min() == 7
    assert ConnectFour().max_decisions == 42


def test_none():
    returns, decisions = random_games(0, 0)
    assert returns.shape == (0, 2)
    assert decisions.shape == (0,)
