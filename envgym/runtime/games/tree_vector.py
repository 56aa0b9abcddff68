"""Many games at once as indices into one tree: batched stepping for tabular learners."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from gymnasium.error import ResetNeeded
from numpy.random import PCG64, Generator
from numpy.typing import ArrayLike, NDArray

from envgym.runtime.games.numeric import NOT_STARTED
from envgym.runtime.games.tree import GameTree, flatten
from envgym.types import ConfigError
from envgym.types.game import CHANCE, OVER, Game
from envgym.types.stream import derive


@dataclass(frozen=True, eq=False)
class Children:
    """Where a random step from a node leads; N nodes, K children of uneven chance nodes."""

    first: NDArray[np.int32]
    """[N] the first child."""
    count: NDArray[np.int32]
    """[N] how many there are; 0 at the end."""
    decides: NDArray[np.bool_]
    """[N] whether a player moves here."""
    uneven: NDArray[np.bool_]
    """[N] chance nodes whose outcomes are not equally likely."""
    ids: NDArray[np.int32]
    """[K] the children of those, ascending."""
    keys: NDArray[np.float64]
    """[K] index of the parent plus the probability of this child and those before it."""

    def pick(self, node: NDArray[np.int32], u: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return a child of every node: uniform, at chance nodes by their probabilities.

        Args:
            node: int32 [B], none of them at the end.
            u: float64 [B], uniform in [0, 1).
        """
        count = self.count[node]
        child = self.first[node] + (u * count).astype(np.int32)
        if len(self.ids):
            uneven = np.flatnonzero(self.uneven[node])
            if len(uneven):
                parent = node[uneven]
                found = np.searchsorted(self.keys, parent + u[uneven], side="right")
                last = self.first[parent] + count[uneven] - 1
                # A sum that rounds up to the next parent belongs to the last child.
                child[uneven] = np.minimum(self.ids[np.minimum(found, len(self.ids) - 1)], last)
        return child


@lru_cache(maxsize=8)
def children_of(tree: GameTree) -> Children:
    """Return the step tables of a tree; remembered for the trees used last."""
    chance = np.flatnonzero(tree.player == CHANCE)
    uneven = np.zeros(len(tree), np.bool_)
    ids: list[NDArray[np.int32]] = []
    keys: list[NDArray[np.float64]] = []
    for node in chance.tolist():
        here = np.arange(tree.num_children[node], dtype=np.int32) + tree.first_child[node]
        probabilities = tree.chance[here]
        if np.ptp(probabilities) > 1e-12:
            uneven[node] = True
            ids.append(here)
            keys.append(node + np.cumsum(probabilities))
    return Children(
        first=tree.first_child,
        count=tree.num_children,
        decides=tree.player >= 0,
        uneven=uneven,
        ids=np.concatenate(ids) if ids else np.zeros(0, np.int32),
        keys=np.concatenate(keys) if keys else np.zeros(0),
    )


class TreeVector:
    """B games of one kind, stepped together; nature moves by itself.

    Finished games stay finished until the next ``reset``. Every array is the caller's own.

    Args:
        game: a game that ``flatten`` takes.
        limit: most positions of the tree.

    Raises:
        ConfigError: the game is larger.
    """

    def __init__(self, game: Game, limit: int = 2_000_000) -> None:
        self.game = game
        self.tree = tree = flatten(game, limit)
        self._children = children_of(tree)
        sets = len(tree.infoset_actions)
        # One row more, of zeros, for index -1: nodes where nobody moves.
        self._mask = np.zeros((sets + 1, game.num_actions), np.int8)
        self._rank = np.full((sets + 1, game.num_actions), -1, np.int32)
        for i, actions in enumerate(tree.infoset_actions):
            self._mask[i, list(actions)] = 1
            self._rank[i, list(actions)] = np.arange(len(actions))
        self._node: NDArray[np.int32] | None = None
        self._rng = Generator(PCG64(0))

    def reset(self, n: int, seed: int) -> None:
        """Begin ``n`` games and let nature move.

        Args:
            n: 1 or more.
            seed: any integer; fixes all of nature's moves for given actions.

        Raises:
            ConfigError: ``n`` is not such a number.
        """
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise ConfigError(f"n must be a whole number from 1, got {n!r}.")
        self._rng = Generator(PCG64(derive(seed, f"game:{self.game.name}", "tree vector")))
        self._node = self._settled(np.zeros(n, np.int32))

    @property
    def nodes(self) -> NDArray[np.int32]:
        """int32 [B] where each game stands in ``tree``.

        Raises:
            ResetNeeded: no games have begun.
        """
        if self._node is None:
            raise ResetNeeded(NOT_STARTED)
        return self._node.copy()

    @property
    def players(self) -> NDArray[np.int8]:
        """int8 [B] who moves, ``OVER`` where a game has ended."""
        return self.tree.player[self.nodes]

    @property
    def infosets(self) -> NDArray[np.int32]:
        """int32 [B] the mover's information set in ``tree``, -1 where a game has ended."""
        return self.tree.infoset[self.nodes]

    @property
    def legal(self) -> NDArray[np.int8]:
        """int8 [B, num_actions] 1 where the mover may take an action; 0 where a game has ended."""
        return self._mask[self.infosets]

    @property
    def done(self) -> NDArray[np.bool_]:
        """bool [B] which games have ended."""
        return np.equal(self.players, OVER)

    def step(self, actions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Play one action in every game that is not over, then let nature move.

        Args:
            actions: integers [B]; ignored where a game has ended.

        Returns:
            Rewards, float64 [B, players]: the final returns in the step that ends a game, else 0.
            Done, bool [B].

        Raises:
            ResetNeeded: no games have begun.
            ConfigError: the shape or type is wrong, or an action is not legal; nothing was played.
        """
        node = self.nodes
        chosen = np.asarray(actions)
        if chosen.shape != node.shape or not np.issubdtype(chosen.dtype, np.integer):
            raise ConfigError(
                f"actions must be {len(node)} integers, got {chosen.dtype} of shape {chosen.shape}."
            )
        live = np.flatnonzero(self._children.count[node])
        sets, chosen = self.tree.infoset[node[live]], chosen[live]
        inside = (chosen >= 0) & (chosen < self.game.num_actions)
        rank = np.where(inside, self._rank[sets, np.where(inside, chosen, 0)], -1)
        if (rank < 0).any():
            first = int(np.argmax(rank < 0))
            allowed = ", ".join(map(str, self.tree.infoset_actions[sets[first]]))
            raise ConfigError(
                f"actions: {int(chosen[first])} is not legal in game {int(live[first])}; "
                f"allowed: {allowed}."
            )
        reached = self._settled(self.tree.first_child[node[live]] + rank)
        node[live] = reached
        self._node = node
        rewards = np.zeros((len(node), self.game.players))
        rewards[live] = self.tree.returns[reached]  # zeros before the end
        return rewards, np.equal(self._children.count[node], 0)

    def _settled(self, node: NDArray[np.int32]) -> NDArray[np.int32]:
        while len(waiting := np.flatnonzero(self.tree.player[node] == CHANCE)):
            node[waiting] = self._children.pick(node[waiting], self._rng.random(len(waiting)))
        return node
