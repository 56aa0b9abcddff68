"""Random games of Hex, thousands at a time.

Random play fills the board in the order of a random permutation, and stones placed after the end
change nothing. So a game is: a permutation, the side that joins its edges on the full board (there is
always exactly one), and the first time its stones do, found by halving. Rows of stones are the bits
of one word, so that one flood step treats a row of every game at once.
"""

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.types.stream import derive

Outcomes = tuple[NDArray[np.float64], NDArray[np.int32]]
"""Returns [B, 2] and decisions [B]."""

_CHUNK = 1 << 12
"""Games played together: their arrays stay in the processor's cache."""


def random_games(episodes: int, seed: int, size: int) -> Outcomes:
    """Return the outcomes of games in which every empty cell is equally likely.

    Args:
        episodes: how many games, 0 or more.
        seed: any integer.
        size: cells along an edge, 1 to 32. The first player joins the first row with the last, the
            second player the first column with the last. A cell touches those beside it, above
            and below it, above to the right and below to the left.

    Returns:
        Returns, float64 [episodes, 2]: 1.0 for the winner, -1.0 for the loser.
        Decisions, int32 [episodes]: stones placed until the end.
    """
    rng = Generator(PCG64(derive(seed, "game:hex", "random play")))
    first = np.empty(episodes)
    decisions = np.empty(episodes, np.int32)
    for start in range(0, episodes, _CHUNK):
        count = min(_CHUNK, episodes - start)
        turns = np.broadcast_to(np.arange(size * size, dtype=np.int16), (count, size * size))
        turn = np.ascontiguousarray(rng.permuted(turns, axis=1).T).reshape(size, size, count)
        here = slice(start, start + count)
        wins = joined(pack(turn % 2 == 0))
        first[here] = np.where(wins, 1.0, -1.0)
        decisions[here][wins] = _length(turn[:, :, wins], 0)
        decisions[here][~wins] = _length(turn[:, :, ~wins].swapaxes(0, 1), 1)
    return np.stack([first, -first], axis=1), decisions


def _length(turn: NDArray[np.int16], player: int) -> NDArray[np.int32]:
    """Return int32 [B], stones placed when ``player``, who wins, first joins first and last row.

    Args:
        turn: int16 [size, size, B], when each cell is filled; transposed for the second player.
        player: 0 fills the even turns, 1 the odd ones.
    """
    size, _, count = turn.shape
    nth = np.where(turn % 2 == player, turn // 2, np.int16(32767))
    low = np.full(count, size - 2, np.int16)  # too few stones
    high = np.full(count, (size * size - 1 - player) // 2, np.int16)  # joined
    while (high - low > 1).any():
        middle = (low + high) // 2
        done = joined(pack(nth <= middle))
        high, low = np.where(done, middle, high), np.where(done, low, middle)
    return 2 * high.astype(np.int32) + player + 1


def pack(stones: NDArray[np.bool_]) -> NDArray[np.unsignedinteger]:
    """Return the rows of bool [rows, columns, B] as words [rows, B]; column c is bit c."""
    columns = stones.shape[1]
    word = np.dtype(np.uint16 if columns <= 16 else np.uint32)
    found = np.zeros((stones.shape[0], stones.shape[2]), word)
    for column in range(columns):
        found |= np.left_shift(stones[:, column], column, dtype=word)
    return found


def joined(own: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
    """Return bool [B], whether stones join the first row with the last.

    Args:
        own: words [rows, B] as of ``pack``.
    """
    rows = len(own)
    one = own.dtype.type(1)
    steps = _runs(own)
    reached = np.zeros_like(own)
    reached[0] = own[0]
    before = np.zeros_like(own)
    while not np.array_equal(before, reached):
        before = reached.copy()
        for row in range(1, rows):
            above = reached[row - 1]
            reached[row] |= (above | above >> one) & own[row]
            _spread(reached[row], own[row], steps, row)
        for row in range(rows - 2, -1, -1):
            below = reached[row + 1]
            reached[row] |= (below | below << one) & own[row]
            _spread(reached[row], own[row], steps, row)
    last: NDArray[np.bool_] = np.not_equal(reached[-1], 0)
    return last


def _runs(own: NDArray[np.unsignedinteger]) -> list[tuple[int, NDArray[np.unsignedinteger]]]:
    """Return, per power of two s, where s neighbours to the left of a stone are stones too."""
    found, width, run = [], 1, own
    bits = own.dtype.itemsize * 8
    while width < bits:
        found.append((width, run))
        run = run & (run >> own.dtype.type(width))
        width *= 2
    return found


def _spread(
    reached: NDArray[np.unsignedinteger],
    own: NDArray[np.unsignedinteger],
    steps: list[tuple[int, NDArray[np.unsignedinteger]]],
    row: int,
) -> None:
    """Let what is reached fill its runs of stones within a row, in place."""
    # A sum carries from the lowest reached stone of a run through all above it.
    reached |= own & ~(own + reached)
    for width, run in steps:
        reached |= run[row] & (reached >> own.dtype.type(width))
