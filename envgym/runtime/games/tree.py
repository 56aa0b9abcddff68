"""A whole game as NumPy arrays, for solvers and for vectorised play."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from envgym.types.errors import ConfigError
from envgym.types.game import CHANCE, OVER, Game, State

LIMIT = 2_000_000
"""Nodes that ``flatten`` builds unless told otherwise; about 100 bytes each."""

_KEEP = 32
"""Trees that stay in memory; the oldest goes first."""


@dataclass(frozen=True, eq=False)
class GameTree:
    """Every history of a game, breadth first: levels and the children of a node are contiguous.

    Shapes: N nodes, P players, L levels, I information sets. Information sets are numbered in the
    order in which the nodes reach them. A *profile* of this tree is a float64 array with one
    probability per information set and action, laid out by ``offset``.
    """

    game: Game
    """The game that was flattened."""
    player: NDArray[np.int8]
    """[N] ``CHANCE``, ``OVER`` or who moves."""
    parent: NDArray[np.int32]
    """[N] the node before, -1 at the root."""
    action: NDArray[np.int32]
    """[N] the action that led here, -1 at the root."""
    first_child: NDArray[np.int32]
    """[N] the first child, 0 where there is none; children are in the order of the actions."""
    num_children: NDArray[np.int32]
    """[N]"""
    chance: NDArray[np.float64]
    """[N] probability of the edge that leads here if the parent is a chance node, else 1.0."""
    infoset: NDArray[np.int32]
    """[N] the mover's information set, -1 at chance and terminal nodes."""
    returns: NDArray[np.float64]
    """[N, P] zeros except at terminal nodes."""
    level: NDArray[np.int32]
    """[L + 1] the nodes of depth d are ``level[d]:level[d + 1]``."""
    infoset_key: tuple[str, ...]
    """[I] ``State.infostate`` of the mover; together with the player it is unique."""
    infoset_player: NDArray[np.int8]
    """[I]"""
    infoset_actions: tuple[tuple[int, ...], ...]
    """[I] the legal actions, ascending."""

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        """[I + 1] a profile holds the actions of information set i at offset[i]:offset[i + 1]."""
        found = np.zeros(len(self.infoset_actions) + 1, dtype=np.int64)
        np.cumsum([len(actions) for actions in self.infoset_actions], out=found[1:])
        return found

    @cached_property
    def infoset_index(self) -> dict[tuple[int, str], int]:
        """Information set by (player, infostate)."""
        players = self.infoset_player.tolist()
        return {
            (player, key): i
            for i, (player, key) in enumerate(zip(players, self.infoset_key, strict=True))
        }

    def __len__(self) -> int:
        """Return N, the number of nodes."""
        return len(self.player)


_kept: dict[Game, GameTree] = {}


def flatten(game: Game, limit: int = LIMIT) -> GameTree:
    """Return the tree of ``game``; the same object for an equal game while it is remembered.

    Args:
        game: Any game with perfect recall.
        limit: Most nodes to build.

    Raises:
        ConfigError: the game has more nodes, or an information set whose positions differ in
            their legal actions.
    """
    tree = _kept.get(game)
    if tree is None:
        tree = _flatten(game, limit)
        while len(_kept) >= _KEEP:
            _kept.pop(next(iter(_kept)), None)
        tree = _kept.setdefault(game, tree)
    if len(tree) > limit:
        raise _too_large(game, limit)
    return tree


def _too_large(game: Game, limit: int) -> ConfigError:
    given = ", ".join(f"{name}={value}" for name, value in game.params.items())
    shown = f"'{game.name}'" + (f" ({given})" if given else "")
    return ConfigError(
        f"game {shown} has more than {limit:,} positions, the limit for building its tree; take "
        "smaller parameters or a method that samples."
    )


def _flatten(game: Game, limit: int) -> GameTree:
    players: list[int] = []
    parents, actions, edges = [-1], [-1], [1.0]
    first: list[int] = []
    children: list[int] = []
    infosets: list[int] = []
    levels = [0]
    ends: list[int] = []
    payoffs: list[tuple[float, ...]] = []
    index: dict[tuple[int, str], int] = {}
    choices: list[tuple[int, ...]] = []
    states: list[State] = [game.initial()]
    total = 1
    while states:
        deeper: list[State] = []
        for state in states:
            here, mover = len(players), state.current_player
            players.append(mover)
            found = -1
            if mover == OVER:
                ends.append(here)
                payoffs.append(state.returns())
                first.append(0)
                children.append(0)
                infosets.append(found)
                continue
            if mover == CHANCE:
                outcomes = state.chance_outcomes()
                edges += [probability for _, probability in outcomes]
                moves = tuple(action for action, _ in outcomes)
            else:
                moves = state.legal()
                edges += [1.0] * len(moves)
                key = (mover, state.infostate(mover))
                found = index.setdefault(key, len(choices))
                if found == len(choices):
                    choices.append(moves)
                elif choices[found] != moves:
                    raise ConfigError(
                        f"game '{game.name}': player {mover} cannot tell apart positions with the "
                        f"legal actions {choices[found]} and {moves} (infostate {key[1]!r})."
                    )
            infosets.append(found)
            first.append(total)
            children.append(len(moves))
            actions += moves
            parents += [here] * len(moves)
            total += len(moves)
            if total > limit:
                raise _too_large(game, limit)
            apply = state.apply
            deeper += [apply(move) for move in moves]
        levels.append(len(players))
        states = deeper
    returns = np.zeros((total, game.players))
    if ends:
        returns[ends] = payoffs
    owners = np.fromiter((player for player, _ in index), dtype=np.int8, count=len(index))
    return GameTree(
        game=game,
        player=np.array(players, dtype=np.int8),
        parent=np.array(parents, dtype=np.int32),
        action=np.array(actions, dtype=np.int32),
        first_child=np.array(first, dtype=np.int32),
        num_children=np.array(children, dtype=np.int32),
        chance=np.array(edges),
        infoset=np.array(infosets, dtype=np.int32),
        returns=returns,
        level=np.array(levels, dtype=np.int32),
        infoset_key=tuple(key for _, key in index),
        infoset_player=owners,
        infoset_actions=tuple(choices),
    )


def walk(game: Game) -> Iterator[State]:
    """Yield every position in the order of ``flatten``'s nodes, a level in memory at a time."""
    states: list[State] = [game.initial()]
    while states:
        yield from states
        deeper: list[State] = []
        for state in states:
            if state.current_player == CHANCE:
                deeper += [state.apply(action) for action, _ in state.chance_outcomes()]
            else:
                deeper += [state.apply(action) for action in state.legal()]
        states = deeper
