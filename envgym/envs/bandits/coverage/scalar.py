"""Choosing sets for a submodular reward: one episode on plain numbers."""

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.coverage.core import CoverageCore


class CoverageScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "CoverageCore") -> None:
        self.core = core
        self.t = 0
        self.sets: list[list[int]] = []
        """Items of every set, in order."""
        self.weights: list[float] = []
        self.counts: list[int] = []
        """How many chosen sets hold each item."""
        self.taken: list[int] = []
        """Chosen sets, in order."""
        self.best = 0.0
        """Highest value that can be reached; privileged."""
        self.value = 0.0
        self._pay: list[float] = []
        """What an item adds by its count before: [0] for the first time."""

    def start(self, rng: Generator) -> None:
        core = self.core
        drawn = rng.random((core.sets, core.items))
        self.sets = [np.flatnonzero(row < core.density).tolist() for row in drawn]
        weights = [1.0] * core.items
        if core.weights == "random":
            weights = [1.0 - u for u in rng.random(core.items).tolist()]
        total = sum(weights)
        self.weights = [weight / total for weight in weights]
        if core.gain == "cover":
            self._pay = [1.0] + [0.0] * core.horizon
        else:
            roots = [sqrt(count / core.horizon) for count in range(core.horizon + 2)]
            self._pay = [after - before for before, after in pairwise(roots)]
        self.counts = [0] * core.items
        self.taken = []
        self.t, self.value = 0, 0.0
        self.best = self._best([])[0]

    def observe(self) -> dict[str, NDArray[np.float64]]:
        sets = np.zeros((self.core.sets, self.core.items))
        for row, items in zip(sets, self.sets, strict=True):
            row[items] = 1.0
        return {
            "covered": np.array(self.counts, dtype=np.float64),
            "mask": self.mask().astype(np.float64),
            "sets": sets,
            "weights": np.array(self.weights),
        }

    def mask(self) -> NDArray[np.bool_]:
        mask = np.ones(self.core.sets, dtype=bool)
        mask[self.taken] = False
        return mask

    def gain(self, index: int) -> float:
        """Return what a set would add now, 0 or more."""
        pay, counts, weights = self._pay, self.counts, self.weights
        return sum(weights[i] * pay[counts[i]] for i in self.sets[index])

    def advance(self, action: Any, rng: Generator) -> Facts:
        index = int(action)
        gained = self.gain(index)
        for i in self.sets[index]:
            self.counts[i] += 1
        self.taken.append(index)
        self.value += gained
        self.t += 1
        return {
            "utility": gained,
            "expected": gained,
            "violation": 0.0,
            "shortfall": self.best / self.core.horizon - gained,
            "covered": self.value,
            "progress": min(self.value / self.best, 1.0) if self.best > 0.0 else 1.0,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> int:
        """Return a set of the best choice that holds what was taken: the one that adds most now."""
        chosen = self._best(self.taken)[1]
        return max((i for i in chosen if i not in self.taken), key=self.gain, default=0)

    def myopic(self) -> int:
        """Return the set not taken that adds most now, the first of several."""
        free = (i for i in range(self.core.sets) if i not in self.taken)
        return max(free, key=self.gain, default=0)

    def _best(self, taken: list[int]) -> tuple[float, list[int]]:
        """Return the highest value of a choice that holds ``taken``, and such a choice.

        Branch and bound: gains only shrink, so that a branch is worth at most what it has and the
        highest gains now of the sets it may still take.
        """
        pay, weights, picks = self._pay, self.weights, self.core.horizon
        best: tuple[float, list[int]] = (-1.0, taken)

        def gain(index: int, counts: list[int]) -> float:
            return sum(weights[i] * pay[counts[i]] for i in self.sets[index])

        def search(chosen: list[int], value: float, counts: list[int], free: list[int]) -> None:
            nonlocal best
            left = picks - len(chosen)
            if not left:
                if value > best[0]:
                    best = (value, chosen)
                return
            ranked = sorted(((gain(j, counts), j) for j in free), key=lambda pair: -pair[0])
            for k in range(len(ranked) - left + 1):
                if value + sum(part for part, _ in ranked[k : k + left]) <= best[0] + 1e-13:
                    return
                added, index = ranked[k]
                after = counts.copy()
                for i in self.sets[index]:
                    after[i] += 1
                rest = [j for _, j in ranked[k + 1 :]]
                search([*chosen, index], value + added, after, rest)

        others = [j for j in range(self.core.sets) if j not in taken]
        search(taken, self.value if taken else 0.0, self.counts, others)
        return best
