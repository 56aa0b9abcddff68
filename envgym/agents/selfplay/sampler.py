"""Many sampled games at once, on the flattened tree."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.agents.solvers.sequences import Floats, chosen_pairs
from envgym.runtime.games.tree import GameTree

Ints = NDArray[np.int64]


class Batch(NamedTuple):
    """B games; D decisions were made in all of them together."""

    returns: Floats
    """[B, P]"""
    episode: Ints
    """[D] whose decision it was, 0 to B - 1."""
    pair: Ints
    """[D] the chosen action's place in a profile of the tree."""


class TreeSampler:
    """Plays a tree by profiles; a batch costs one binary search per game and depth."""

    def __init__(self, tree: GameTree) -> None:
        self.tree = tree
        self._pair = chosen_pairs(tree)
        self._decided = self._pair >= 0

    def play(self, profile: Floats, games: int, rng: Generator) -> Batch:
        """Return ``games`` games in which everybody follows ``profile``."""
        tree = self.tree
        edge = np.where(self._decided, profile[self._pair], tree.chance)
        # The children of a node are neighbours, so one running sum serves every node.
        running = np.cumsum(edge)
        node = np.zeros(games, dtype=np.int64)
        episodes, pairs = [], []
        live = np.flatnonzero(tree.num_children[node] > 0)
        while live.size:
            first = tree.first_child[node[live]].astype(np.int64)
            aim = running[first] - edge[first] + rng.random(live.size)
            child = np.searchsorted(running, aim, side="right")
            # Rounding of the running sum must not leave the family.
            child = np.clip(child, first, first + tree.num_children[node[live]] - 1)
            node[live] = child
            decided = self._decided[child]
            episodes.append(live[decided])
            pairs.append(self._pair[child[decided]])
            live = live[tree.num_children[child] > 0]
        none = np.zeros(0, dtype=np.int64)
        return Batch(
            returns=tree.returns[node],
            episode=np.concatenate([none, *episodes]),
            pair=np.concatenate([none, *pairs]),
        )
