"""The rules of OnlineMatching for one episode, on plain floats."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.matching.core import OnlineMatchingCore


class OnlineMatchingScalar:
    """One running episode.

    Args:
        core: the parameters.
    """

    def __init__(self, core: "OnlineMatchingCore") -> None:
        self.core = core
        self.t = 0
        self.links: list[dict[int, float]] = []
        """Per cluster its items and their chance of a click; hidden."""
        self.weights: dict[int, float] = {}
        """Weight of every triggered cluster of the present visit; they sum to 1."""
        self.value: dict[int, float] = {}
        """Chance of a click of every connected item; hidden."""

    def start(self, rng: Generator) -> None:
        core = self.core
        self.t = 0
        keys = rng.random((core.clusters, core.items)).tolist()
        chances = rng.random((core.clusters, core.items)).tolist()
        self.links = [
            {item: 1.0 - row[item] for item in _first(key, core.degree)}
            for key, row in zip(keys, chances, strict=True)
        ]
        self._visit(rng.random(2 * core.clusters).tolist())

    def observe(self) -> dict[str, NDArray[Any]]:
        context = np.zeros(self.core.clusters)
        for cluster, weight in self.weights.items():
            context[cluster] = weight
        return {"context": context, "mask": self.mask().astype(np.int8)}

    def mask(self) -> NDArray[Any]:
        valid = np.zeros(self.core.items, dtype=bool)
        valid[list(self.value)] = True
        return valid

    def advance(self, action: Any, rng: Generator) -> Facts:
        expected = self.value[int(action)]
        best = max(self.value.values())
        drawn = rng.random(1 + 2 * self.core.clusters).tolist()
        self._visit(drawn[1:])
        self.t += 1
        return {
            "utility": 1.0 if drawn[0] < expected else 0.0,
            "expected": expected,
            "violation": 0.0,
            "shortfall": best - expected,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> int:
        """Return the connected item with the highest chance of a click; for oracles only."""
        return min(self.value, key=lambda item: (-self.value[item], item))

    myopic = expert
    """The same: a round changes nothing but its own reward."""

    def _visit(self, drawn: list[float]) -> None:
        core = self.core
        which = _first(drawn[: core.clusters], core.triggered)
        raw = [1.0 - drawn[core.clusters + cluster] for cluster in which]
        total = sum(raw)
        self.weights = {c: w / total for c, w in zip(which, raw, strict=True)}
        value: dict[int, float] = {}
        for cluster, weight in self.weights.items():
            for item, chance in self.links[cluster].items():
                value[item] = value.get(item, 0.0) + weight * chance
        self.value = {item: min(1.0, chance) for item, chance in value.items()}


def _first(keys: list[float], count: int) -> list[int]:
    """Return the indices of the ``count`` smallest keys, in ascending order."""
    return sorted(sorted(range(len(keys)), key=keys.__getitem__)[:count])
