"""A Bayesian-optimisation task: one episode on plain numbers."""

from math import cos, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.envs.bandits.black_box.oracle import maximise
from envgym.runtime.numeric.core import Facts, reveal_one
from envgym.types.bandit import Outcome

if TYPE_CHECKING:
    from envgym.envs.bandits.black_box.core import BlackBoxCore


class BlackBoxScalar:
    """One episode.

    Args:
        core: its parameters.
    """

    def __init__(self, core: "BlackBoxCore") -> None:
        self.core = core
        self.t = 0
        self.waves: list[tuple[list[float], float, float]] = []
        """Per wave: k, its phase in radians, its weight."""
        self.low = 0.0
        self.span = 1.0
        self.peak: list[float] = []
        """Where the function is highest; privileged."""
        self._begin()

    def start(self, rng: Generator) -> None:
        core = self.core
        waves = rng.standard_normal((core.features, core.dims)) / core.length
        phases = 2.0 * pi * rng.random(core.features)
        weights = rng.standard_normal(core.features)
        self.waves = list(zip(waves.tolist(), phases.tolist(), weights.tolist(), strict=True))
        # One algorithm finds the maximum for both paths; the tests know it another way.
        low, _ = maximise(waves[None], phases[None], -weights[None], core.length)
        high, peak = maximise(waves[None], phases[None], weights[None], core.length)
        self.low, self.span = -float(low[0]), float(high[0] + low[0])
        self.peak = peak[0].tolist()
        self._begin()

    def _begin(self) -> None:
        self.t = 0
        self.x = [0.0] * self.core.dims
        self.value = 0.0
        self.best_x = [0.0] * self.core.dims
        self.best_value = 0.0
        self.simple_regret = 1.0
        self.regret = 0.0

    def height(self, x: list[float]) -> float:
        """Return the function's exact value at a point, 0 to 1."""
        raw = 0.0
        for k, phase, weight in self.waves:
            for rate, part in zip(k, x, strict=True):
                phase += rate * part
            raw += weight * cos(phase)
        return min(1.0, max(0.0, (raw - self.low) / self.span))

    def observe(self) -> dict[str, NDArray[np.float64]]:
        return {
            "best_value": np.array([self.best_value]),
            "best_x": np.array(self.best_x),
            "clock": np.array([1.0 - self.t / self.core.horizon]),
            "value": np.array([self.value]),
            "x": np.array(self.x),
        }

    def mask(self) -> None:
        return None

    def advance(self, action: Any, rng: Generator) -> Facts:
        x = np.asarray(action, dtype=np.float64).tolist()
        expected = self.height(x)
        value = expected
        if self.core.noise > 0.0:
            value += self.core.noise * rng.standard_normal()
        shortfall = 1.0 - expected
        if self.t == 0 or value > self.best_value:
            self.best_x, self.best_value = x, value
        self.x, self.value = x, value
        self.simple_regret = min(self.simple_regret, shortfall)
        self.regret += shortfall
        self.t += 1
        return {
            "utility": value,
            "expected": expected,
            "violation": 0.0,
            "shortfall": shortfall,
            "simple_regret": self.simple_regret,
            "regret": self.regret,
            "progress": 1.0 - self.simple_regret,
        }

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        return (reveal_one(self, action, facts, ()),)

    def expert(self) -> NDArray[np.float64]:
        """Return the maximiser, float64 [d], which no policy has a right to know."""
        return np.array(self.peak)
