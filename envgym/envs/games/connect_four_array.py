"""Random games of Connect Four on bit boards, thousands at a time.

A board is one 64-bit word per player: cell (row, column) is bit 7 * column + row, so that an empty bit
on top of each column of six keeps lines from running over.
"""

from functools import cache

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.types.stream import derive

_ROWS, _COLUMNS = 6, 7
_TALL = _ROWS + 1

Outcomes = tuple[NDArray[np.float64], NDArray[np.int32]]
"""Returns [B, 2] and decisions [B]."""

_CHUNK = 1 << 13
"""Games played together: their arrays stay in the processor's cache."""


def random_games(episodes: int, seed: int) -> Outcomes:
    """Return the outcomes of games in which every open column is equally likely.

    Args:
        episodes: how many games, 0 or more.
        seed: any integer.

    Returns:
        Returns, float64 [episodes, 2]: 1.0 for the winner, -1.0 for the loser, zeros for a draw.
        Decisions, int32 [episodes]: stones placed.
    """
    rng = Generator(PCG64(derive(seed, "game:connect_four", "random play")))
    winner = np.zeros(episodes, np.int8)
    decisions = np.full(episodes, _ROWS * _COLUMNS, np.int32)
    for start in range(0, episodes, _CHUNK):
        stop = min(start + _CHUNK, episodes)
        _play(winner[start:stop], decisions[start:stop], rng)
    first = winner.astype(np.float64)
    return np.stack([first, 0.0 - first], axis=1), decisions


def _play(winner: NDArray[np.int8], decisions: NDArray[np.int32], rng: Generator) -> None:
    """Play one chunk; ``winner`` (1 first player, -1 second) and ``decisions`` start as draws."""
    count = len(winner)
    choose, many = _choices()
    running = np.arange(count)
    stones = [np.zeros(count, np.uint64), np.zeros(count, np.uint64)]
    heights = np.zeros((count, _COLUMNS), np.uint8)
    open_columns = np.full(count, (1 << _COLUMNS) - 1, np.intp)
    one = np.uint64(1)
    for ply in range(_ROWS * _COLUMNS):
        pick = (rng.random(len(running)) * many[open_columns]).astype(np.intp)
        column = choose[open_columns, pick]
        cell = np.arange(len(running)) * _COLUMNS + column
        flat = heights.reshape(-1)
        height = flat[cell]
        flat[cell] = height + 1
        open_columns ^= np.where(height == _ROWS - 1, 1 << column, 0)
        own = stones[ply % 2]
        own |= one << (column * _TALL + height).astype(np.uint64)
        won = has_four(own)
        if won.any():
            winner[running[won]] = -1 if ply % 2 else 1
            decisions[running[won]] = ply + 1
            going = ~won
            running, heights = running[going], heights[going]
            stones = [side[going] for side in stones]
            open_columns = open_columns[going]


def has_four(stones: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return bool [B], which boards hold four stones in a row in any direction."""
    found = np.zeros(len(stones), np.uint64)
    for step in (1, _TALL, _TALL - 1, _TALL + 1):  # up, right, and the two diagonals
        pairs = stones & (stones >> np.uint64(step))
        found |= pairs & (pairs >> np.uint64(2 * step))
    return np.not_equal(found, 0)


@cache
def _choices() -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the k-th open column of each set of open columns, and how many each set holds."""
    sets = 1 << _COLUMNS
    choose = np.zeros((sets, _COLUMNS), np.intp)
    many = np.zeros(sets, np.int64)
    for code in range(sets):
        columns = [c for c in range(_COLUMNS) if code >> c & 1]
        choose[code, : len(columns)] = columns
        many[code] = len(columns)
    return choose, many
