"""A Bayesian-optimisation task as rules over arrays [38]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.black_box.oracle import evaluate, maximise
from envgym.envs.bandits.black_box.scalar import BlackBoxScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types.bandit import Problem


@dataclass(frozen=True, kw_only=True)
class BlackBoxCore(Core):
    """A smooth unknown function on the unit box, drawn in every world, tried point by point.

    f(x) = sum_m w_m cos(k_m . x + b_m) with normal w and k / length, and b uniform: random Fourier
    features of a Gaussian process with a squared-exponential kernel. Its value is scaled so that
    the lowest of the box is 0 and the highest 1.
    """

    stream: ClassVar[str] = "black_box"
    torch_ok: ClassVar[bool] = False

    horizon: int = 100
    """Points to try, 1 to 10,000,000."""
    dims: int = 2
    """Dimensions d of the box, 1 to 3."""
    length: float = 0.25
    """Length scale, in units of the box's side, 0.1 to 1.0; smaller: more hills."""
    features: int = 32
    """Waves that are summed, 1 to 512."""
    noise: float = 0.05
    """Standard deviation of the observed value, 0 to 1; the function spans 0 to 1."""

    def check(self) -> None:
        whole(self, "dims", 1, 3)
        real(self, "length", 0.1, 1.0)
        whole(self, "features", 1, 512)
        real(self, "noise", 0.0, 1.0)

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        def box(low: float, high: float, size: int) -> gymnasium.spaces.Box:
            return gymnasium.spaces.Box(low, high, (size,), np.float64)

        reach = 20.0 * self.noise  # in practice: a normal draw never goes so far
        return gymnasium.spaces.Dict(
            {
                "best_value": box(-reach, 1.0 + reach, 1),
                "best_x": box(0.0, 1.0, self.dims),
                "clock": box(0.0, 1.0, 1),
                "value": box(-reach, 1.0 + reach, 1),
                "x": box(0.0, 1.0, self.dims),
            }
        )

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Box(0.0, 1.0, (self.dims,), np.float64)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=0,
            horizon=self.horizon,
            scale=self.noise,
            more={"dims": self.dims, "length": self.length, "noise": self.noise},
        )

    def scalar(self) -> BlackBoxScalar:
        return BlackBoxScalar(self)

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        waves = noise.normal((batch, self.features, self.dims)) / self.length
        phases = 2.0 * np.pi * noise.uniform((batch, self.features))
        weights = noise.normal((batch, self.features))
        low, _ = maximise(waves, phases, -weights, self.length)
        high, peak = maximise(waves, phases, weights, self.length)
        nothing = np.zeros((batch, self.dims))
        return {
            "waves": waves,
            "phases": phases,
            "weights": weights,
            "low": -low,
            "span": high + low,
            "peak": peak,
            "x": nothing,
            "value": np.zeros(batch),
            "best_x": nothing.copy(),
            "best_value": np.zeros(batch),
            "simple_regret": np.ones(batch),
            "regret": np.zeros(batch),
        }

    def observe(self, state: State, ar: Arrays) -> Any:
        return {
            "best_value": state["best_value"][:, None].copy(),
            "best_x": state["best_x"].copy(),
            "clock": 1.0 - state["t"][:, None] / self.horizon,
            "value": state["value"][:, None].copy(),
            "x": state["x"].copy(),
        }

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        x = np.asarray(action, dtype=np.float64)
        raw = evaluate(state["waves"], state["phases"], state["weights"], x[:, None, :])[:, 0]
        expected = np.clip((raw - state["low"]) / state["span"], 0.0, 1.0)
        value = expected
        if self.noise > 0.0:
            value = expected + self.noise * noise.normal((len(expected),))
        shortfall = 1.0 - expected
        better = (state["t"] == 0) | (value > state["best_value"])
        simple = np.minimum(state["simple_regret"], shortfall)
        regret = state["regret"] + shortfall
        after = {
            **state,
            "x": x,
            "value": value,
            "best_x": np.where(better[:, None], x, state["best_x"]),
            "best_value": np.where(better, value, state["best_value"]),
            "simple_regret": simple,
            "regret": regret,
        }
        return after, {
            "utility": value,
            "expected": expected,
            "violation": 0.0,
            "shortfall": shortfall,
            "simple_regret": simple,
            "regret": regret,
            "progress": 1.0 - simple,
        }

    def opening(self) -> Mapping[str, Any]:
        return {"shortfall": 0.0, "simple_regret": 1.0, "regret": 0.0, "progress": 0.0}

    @property
    def optimum(self) -> float:
        """Highest expected reward of one round, in every world."""
        return 1.0

    def oracle(self) -> Mapping[str, Any]:
        """Return the highest value there is, in every world; where it lies differs."""
        return {"value": self.optimum}

    def expert(self, state: State, ar: Arrays) -> NDArray[np.float64]:
        """Return every row's maximiser, float64 [B, d]; privileged."""
        peak: NDArray[np.float64] = state["peak"].copy()
        return peak
