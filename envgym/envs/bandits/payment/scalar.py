"""The rules of PaymentBandit for one episode, on plain floats."""

from math import exp, sqrt
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.core import Facts
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.payment.core import PaymentBanditCore


class PaymentBanditScalar:
    """One running episode.

    Args:
        core: the parameters.
    """

    def __init__(self, core: "PaymentBanditCore") -> None:
        self.core = core
        self.t = 0
        self.theta: list[list[float]] = []
        """Coefficients of every action, [A][d]; hidden."""
        self.features: list[float] = []
        """Of the request to decide, [d]."""
        self.allowed: list[bool] = []
        """Which actions it allows, [A]."""
        self.chance: list[float] = []
        """Probability of authorisation by action, [A]; hidden."""
        self.waiting: list[tuple[Any, Any]] = []
        """Actions and answers of the batch so far; hidden until it is complete."""

    def start(self, rng: Generator) -> None:
        core = self.core
        self.t = 0
        self.waiting = []
        drawn = rng.standard_normal((core.actions, core.features)).tolist()
        self.theta = [[core.slope * value for value in row] for row in drawn]
        raw = rng.standard_normal(core.features).tolist()
        self._request(raw, rng.random(core.actions).tolist())

    def observe(self) -> dict[str, NDArray[Any]]:
        return {
            "context": np.array([1.0, *self.features]),
            "mask": np.array(self.allowed, dtype=np.int8),
        }

    def mask(self) -> NDArray[Any]:
        return np.array(self.allowed)

    def advance(self, action: Any, rng: Generator) -> Facts:
        action = int(action)
        core = self.core
        expected = self.chance[action]
        best = max(p for p, ok in zip(self.chance, self.allowed, strict=True) if ok)
        drawn = rng.random(1 + core.actions).tolist()
        utility = 1.0 if drawn[0] < expected else 0.0
        self.waiting.append((action, utility))
        self._request(rng.standard_normal(core.features).tolist(), drawn[1:])
        self.t += 1
        return {
            "utility": utility,
            "expected": expected,
            "violation": 0.0,
            "shortfall": best - expected,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        batch = self.core.batch
        if len(self.waiting) < batch:
            return ()
        done, self.waiting = self.waiting, []
        first: Any = self.t - batch
        return tuple(Outcome(first + j, played, paid) for j, (played, paid) in enumerate(done))

    def expert(self) -> int:
        """Return the best available action; for oracles only."""
        open_actions = [a for a, ok in enumerate(self.allowed) if ok]
        return max(open_actions, key=lambda a: self.chance[a])

    myopic = expert
    """The same: a round changes nothing but its own reward."""

    def _request(self, raw: list[float], keys: list[float]) -> None:
        core = self.core
        scale = sqrt(core.features) / sqrt(sum(value * value for value in raw))
        least = min(keys)
        self.features = features = [value * scale for value in raw]
        self.allowed = [key < core.available or key == least for key in keys]
        logits = [core.intercept + sum(map(mul, row, features)) for row in self.theta]
        self.chance = [1.0 / (1.0 + exp(-max(-700.0, min(700.0, logit)))) for logit in logits]
