"""Uniformly random play of many games at once: a base line, a sanity check and a speed record.

Three ways, the fastest that fits: a game's own arrays (``random_games``), a walk over its tree, or
one position after another. All draw from the same distribution.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.runtime.games.chance import after_chance
from envgym.runtime.games.tree import GameTree, flatten
from envgym.runtime.games.tree_vector import Children, children_of
from envgym.types import ConfigError, Stream
from envgym.types.errors import unknown
from envgym.types.game import CHANCE, OVER, Game
from envgym.types.stream import derive

Method = Literal["auto", "array", "tree", "scalar"]

_METHODS = ("auto", "array", "tree", "scalar")

TREE_LIMIT = 600_000
"""Nodes that are flattened for random play: a few seconds once per game, tic-tac-toe included."""

_CHUNK = 1 << 14
"""Games walked together: their arrays stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class RandomPlay:
    """What came of B games."""

    returns: NDArray[np.float64]
    """[B, players] final returns, in the game's own unit."""
    decisions: NDArray[np.int32]
    """[B] decisions of all players together; chance is not counted."""


def random_play(game: Game, episodes: int, seed: int, method: Method = "auto") -> RandomPlay:
    """Return the outcomes of games in which every legal action is equally likely.

    Args:
        game: the rules.
        episodes: how many games, 0 or more.
        seed: any integer; equal seeds give equal arrays for an equal ``method``.
        method: "array" (the game's ``random_games(episodes, seed)``), "tree" (games of at most
            600,000 positions), "scalar", or "auto", the first of these that the game has.

    Raises:
        ConfigError: no such method, the game does not have it, or ``episodes`` is negative.
    """
    if isinstance(episodes, bool) or not isinstance(episodes, int | np.integer) or episodes < 0:
        raise ConfigError(f"episodes must be a whole number from 0, got {episodes!r}.")
    own: Callable[..., tuple[NDArray[np.float64], NDArray[np.int32]]] | None
    own = getattr(game, "random_games", None)
    if method == "array" or (method == "auto" and own is not None):
        if own is None:
            raise ConfigError(f"game '{game.name}' has no array form; allowed: auto, scalar, tree.")
        return RandomPlay(*own(int(episodes), seed))
    if method not in _METHODS:
        raise ConfigError(unknown("method", str(method), _METHODS))
    tree = small_tree(game) if method != "scalar" else None
    if tree is not None:
        return _walk(tree, int(episodes), seed)
    if method == "tree":
        raise ConfigError(
            f"game '{game.name}' has more than {TREE_LIMIT:,} positions, the limit for "
            "method='tree'; allowed: auto, scalar."
        )
    return _one_by_one(game, int(episodes), seed)


@lru_cache(maxsize=64)
def small_tree(game: Game) -> GameTree | None:
    """Return the game's tree, or None if it has more than ``TREE_LIMIT`` positions."""
    if estimated_positions(game) > 2 * TREE_LIMIT:
        return None  # far too large: not worth the seconds until the limit is hit
    try:
        return flatten(game, TREE_LIMIT)
    except ConfigError:
        return None


def estimated_positions(game: Game, probes: int = 200) -> float:
    """Return about how many histories a game has, from random descents.

    The mean over descents of the sum over depths of the product of the numbers of choices so far is
    an unbiased estimate (Knuth 1975, recalled). The descents are the same each time.
    """
    stream = Stream(0, f"game:{game.name}", "size")
    total = 0.0
    for _ in range(probes):
        state, width = game.initial(), 1.0
        total += width
        while state.current_player != OVER:
            if state.current_player == CHANCE:
                moves = tuple(action for action, _ in state.chance_outcomes())
            else:
                moves = state.legal()
            width *= len(moves)
            total += width
            state = state.apply(stream.choice(moves))
    return total / probes


def _walk(tree: GameTree, episodes: int, seed: int) -> RandomPlay:
    rng = Generator(PCG64(derive(seed, f"game:{tree.game.name}", "random play")))
    children = children_of(tree)
    ends = np.empty(episodes, np.int32)
    decisions = np.empty(episodes, np.int32)
    for start in range(0, episodes, _CHUNK):
        stop = min(start + _CHUNK, episodes)
        ends[start:stop], decisions[start:stop] = _walk_chunk(children, stop - start, rng)
    return RandomPlay(tree.returns[ends], decisions)


def _walk_chunk(
    children: Children, count: int, rng: Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the last node and the number of decisions of ``count`` games from the root."""
    node = np.zeros(count, np.int32)
    decisions = np.zeros(count, np.int32)
    ends = np.zeros(count, np.int32)
    running = np.arange(count)
    while len(running):
        over = children.count[node] == 0
        if over.any():
            ends[running[over]] = node[over]
            going = ~over
            running, node = running[going], node[going]
        decisions[running] += children.decides[node]
        node = children.pick(node, rng.random(len(node)))
    return ends, decisions


def _one_by_one(game: Game, episodes: int, seed: int) -> RandomPlay:
    stream = Stream(seed, f"game:{game.name}", "random play")
    returns = np.zeros((episodes, game.players))
    decisions = np.zeros(episodes, np.int32)
    begin = game.initial()
    for episode in range(episodes):
        state = after_chance(begin, stream)
        while state.current_player != OVER:
            legal = state.legal()
            state = after_chance(state.apply(legal[stream.below(len(legal))]), stream)
            decisions[episode] += 1
        returns[episode] = state.returns()
    return RandomPlay(returns, decisions)
