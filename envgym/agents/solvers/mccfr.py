"""External-sampling MCCFR: one sampled traversal per player and iteration, no pass of the tree."""

import numpy as np
from numpy.random import PCG64, Generator

from envgym.agents.solvers.iterated import run_iterated
from envgym.agents.solvers.sequences import Floats
from envgym.agents.solvers.solve import Solution, guarantee_note
from envgym.runtime.games.tree import GameTree, flatten
from envgym.types.game import CHANCE, OVER, Game
from envgym.types.stream import derive

_BLOCK = 4_096
"""Random numbers fetched at a time."""


class ExternalSampling:
    """Regret minimisation on sampled subtrees.

    Formula: for each player i: walk down from the root, draw chance's and the others' actions,
             try every own action; at i's information sets r += v(action) - sigma.v, at the
             others' S += sigma;  sigma = max(0, r) / sum max(0, r), uniform if all are 0
    Source:  Lanctot et al. 2009 (recalled): external sampling, stochastically weighted average
    Laws:    the same seed gives the same result, bit for bit. For two players and zero sums the
             average nears equilibrium as 1 / sqrt(iterations) with high probability; with three
             or more players there is no such guarantee, and the average is weighted by reach
             only in part.

    A traversal visits a few dozen nodes of Leduc's 9,457, whatever the tree's size elsewhere.
    """

    def __init__(self, tree: GameTree, *, seed: int = 0) -> None:
        self.tree = tree
        self.done = 0
        """Iterations so far; each traverses once per player."""
        self.visited = 0
        """Nodes visited so far."""
        size = int(tree.offset[-1])
        # Lists: the walk reads single numbers, which NumPy boxes slowly.
        self._regret = [0.0] * size
        self._total = [0.0] * size
        self._player = tree.player.tolist()
        self._infoset = tree.infoset.tolist()
        self._first = tree.first_child.tolist()
        self._count = tree.num_children.tolist()
        self._edge = tree.chance.tolist()
        self._offset = tree.offset.tolist()
        self._returns: list[list[float]] = tree.returns.T.tolist()
        self._rng = Generator(PCG64(derive(seed, "mccfr", "external")))
        self._random: list[float] = []

    def iterate(self) -> None:
        """Traverse once for every player."""
        for player in range(len(self._returns)):
            self._walk(0, player)
        self.done += 1

    def average(self) -> Floats:
        """Return the average strategy as a profile of the tree, uniform where nothing was drawn."""
        return self._shares(np.array(self._total))

    def current(self) -> Floats:
        """Return the strategy of the next iteration as a profile of the tree."""
        return self._shares(np.maximum(np.array(self._regret), 0.0))

    def _shares(self, weights: Floats) -> Floats:
        starts, counts = self.tree.offset[:-1], np.diff(self.tree.offset)
        if not len(starts):
            return weights
        sums = np.repeat(np.add.reduceat(weights, starts), counts)
        even = np.repeat(1.0 / counts, counts)
        return np.asarray(np.where(sums > 0.0, weights / np.where(sums > 0.0, sums, 1.0), even))

    def _walk(self, node: int, traverser: int) -> float:
        """Return the sampled value of ``node`` for the traverser; as deep as the tree at most."""
        while True:
            self.visited += 1
            mover = self._player[node]
            if mover == OVER:
                return self._returns[traverser][node]
            first, count = self._first[node], self._count[node]
            if mover == CHANCE:
                node = first + self._draw(self._edge, first, count)
                continue
            start = self._offset[self._infoset[node]]
            sigma = self._matched(start, count)
            if mover == traverser:
                break
            for k in range(count):
                self._total[start + k] += sigma[k]
            node = first + self._draw(sigma, 0, count)
        values = [self._walk(first + k, traverser) for k in range(count)]
        value = sum(p * v for p, v in zip(sigma, values, strict=True))
        for k in range(count):
            self._regret[start + k] += values[k] - value
        return value

    def _matched(self, start: int, count: int) -> list[float]:
        positive = [max(0.0, r) for r in self._regret[start : start + count]]
        mass = sum(positive)
        if mass <= 0.0:
            return [1.0 / count] * count
        return [r / mass for r in positive]

    def _draw(self, weights: list[float], start: int, count: int) -> int:
        """Return 0 to count - 1, drawn with ``weights[start:start + count]``, which sum to 1."""
        if not self._random:
            self._random = self._rng.random(_BLOCK).tolist()
        point = self._random.pop()
        for k in range(count - 1):
            point -= weights[start + k]
            if point < 0.0:
                return k
        return count - 1


def mccfr(game: Game, iterations: int, *, seed: int = 0, every: int | None = None) -> Solution:
    """Return the average strategy of external-sampling MCCFR; see ``ExternalSampling``.

    Args:
        game: small enough to flatten, because the result is measured exactly.
        iterations: each one sampled traversal per player.
        seed: of the samples.
        every: as for ``solve``.

    Raises:
        ConfigError: the game is too large.
    """
    tree = flatten(game)
    solver = ExternalSampling(tree, seed=seed)
    note = guarantee_note(game)
    return run_iterated(tree, "mccfr", solver, iterations, every=every, note=note)
