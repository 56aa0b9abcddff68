"""A small family for the kernel's tests: lamps of unknown light, some too hot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import gymnasium
import numpy as np
from pydantic import Field

from envgym.runtime.numeric.core import Core, choice, real, reveal_one, whole
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.evidence import with_common
from envgym.runtime.numeric.memory import Column
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence
from envgym.types.bandit import Problem

RESIDUALS = ("heat_residual",)


@dataclass(frozen=True, kw_only=True)
class LampsCore(Core):
    """Lamp a gives its light plus noise; its heat 0.1 a should stay within a limit."""

    stream: ClassVar[str] = "lamps"

    horizon: int = 20
    """Rounds, 1 to 10,000,000."""
    lamps: int = 5
    """Lamps, 2 to 100."""
    spread: float = 0.1
    """Standard deviation of the light, 0 to 1."""
    limit: float = 0.25
    """Largest allowed heat, 0 to 10."""
    rest: bool = False
    """Whether the lamp lit last must rest for one round."""
    fuse: bool = False
    """Whether the hottest lamp ends the episode."""

    def check(self) -> None:
        whole(self, "lamps", 2, 100)
        real(self, "spread", 0.0, 1.0)
        real(self, "limit", 0.0, 10.0)
        choice(self, "rest", (False, True))
        choice(self, "fuse", (False, True))

    @property
    def optimum(self) -> float:
        return 1.0

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Box(-100.0, 100.0, (2,), np.float64)

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        return gymnasium.spaces.Discrete(self.lamps)

    @property
    def problem(self) -> Problem:
        return Problem(
            actions=self.lamps,
            horizon=self.horizon,
            scale=self.spread,
            residuals=RESIDUALS,
            residual_scales=(0.05,),
        )

    def scalar(self) -> "LampsScalar":
        return LampsScalar(self)

    def start(self, batch: int, noise: Any, ar: Any) -> dict[str, Any]:
        return {
            "light": noise.uniform((batch, self.lamps)),
            "last": ar.ints((batch,), -1),
            "seen": ar.full((batch, 2), 0.0),
        }

    def observe(self, state: Any, ar: Any) -> Any:
        return state["seen"] + 0.0

    def mask(self, state: Any, ar: Any) -> Any:
        return ar.arange(self.lamps)[None] != state["last"][:, None] if self.rest else None

    def advance(self, state: Any, action: Any, noise: Any, ar: Any) -> Any:
        rows = ar.arange(action.shape[0])
        expected = state["light"][rows, action]
        drawn = noise.normal((action.shape[0], 2))
        utility = expected + self.spread * drawn[:, 0]
        heat = 0.1 * ar.real(action) - self.limit
        facts = {
            "utility": utility,
            "expected": expected,
            "violation": ar.xp.clip(heat, 0.0, None),
            "heat_residual": heat + 0.05 * drawn[:, 1],
            "shortfall": 1.0 - expected,
        }
        if self.fuse:
            facts["over"] = action == self.lamps - 1
        seen = ar.xp.stack([utility, heat + 0.05 * drawn[:, 1]], 1)
        return {"light": state["light"], "last": action, "seen": seen}, facts

    def expert(self, state: Any, ar: Any) -> Any:
        cool = 0.1 * ar.real(ar.arange(self.lamps)) <= self.limit
        light = ar.xp.where(cool[None], state["light"], state["light"] - 10.0)
        mask = self.mask(state, ar)
        return (light if mask is None else ar.xp.where(mask, light, light - 100.0)).argmax(1)

    def opening(self) -> Mapping[str, Any]:
        return {"heat_residual": 0.0, "shortfall": 0.0}

    def oracle(self) -> Mapping[str, Any]:
        return {"coolest": 0}


class LampsScalar:
    """One episode of lamps."""

    t: int

    def __init__(self, core: LampsCore) -> None:
        self.core = core

    def start(self, rng: Any) -> None:
        self.t, self.last, self.seen = 0, -1, (0.0, 0.0)
        self.light = rng.random(self.core.lamps).tolist()

    def observe(self) -> Any:
        return np.array(self.seen)

    def mask(self) -> Any:
        return np.arange(self.core.lamps) != self.last if self.core.rest else None

    def advance(self, action: int, rng: Any) -> dict[str, Any]:
        core = self.core
        expected = self.light[action]
        z = rng.standard_normal(2).tolist()
        heat = 0.1 * action - core.limit
        self.seen = (expected + core.spread * z[0], heat + 0.05 * z[1])
        self.t += 1
        self.last = action
        facts = {
            "utility": self.seen[0],
            "expected": expected,
            "violation": max(0.0, heat),
            "heat_residual": self.seen[1],
            "shortfall": 1.0 - expected,
        }
        if core.fuse:
            facts["over"] = action == core.lamps - 1
        return facts

    def reveal(self, action: int, facts: Any) -> Any:
        return (reveal_one(self, action, facts, RESIDUALS),)

    def expert(self) -> int:
        core = self.core

        def worth(lamp: int) -> tuple[bool, bool, float]:
            return not (core.rest and lamp == self.last), 0.1 * lamp <= core.limit, self.light[lamp]

        return max(range(core.lamps), key=worth)


DECLARES = with_common(
    (
        Evidence(key="heat_residual", type="float", help="heat minus limit"),
        Evidence(key="shortfall", type="float", help="1 minus expected"),
    )
)


class LampsEnv(NumericEnv):
    """Light one of several lamps, none of them too hot.

    Observation: Box(2) float64: light and heat of the lamp lit last, heat minus its limit.
    Action: Discrete(lamps): the lamp to light.
    Rewards and evidence: utility, outcome, dense, gated, process, count, distillation, lagrangian;
        heat_residual, shortfall, rounds, visits, utility, expected, violation, progress, novelty,
        outcome.
    Starting state: lights are drawn uniformly.
    End of episode: terminated after horizon turns, or when a fuse blows.
    Arguments: horizon, lamps, spread, limit, rest, fuse; reward, record, append, record_evidence,
        render_mode, expose_oracle.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": "lamps",
        "text": "toys/LampsText-v0",
    }
    core_class: ClassVar[type[Core]] = LampsCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Any:
        return numeric_presets(residuals=RESIDUALS)


class LampsText(NumericText):
    """Light lamps in words."""

    metadata: dict[str, Any] = {**NumericText.metadata, "stream": "lamps", "cost": "cheap"}
    core_class: ClassVar[type[Core]] = LampsCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 6, "lamps": 3}
    columns: ClassVar[tuple[Column, ...]] = (
        Column("light"),
        Column("heat", "heat_residual", digits=2, shift=0.25),
    )

    @classmethod
    def presets(cls) -> Any:
        return numeric_presets(residuals=RESIDUALS)

    def rules(self) -> str:
        what = "lamps" if self.shown else "arms"
        return f"[{self.wording}] There are {self.core.params['lamps']} {what}."

    def situation(self) -> str:
        mask = self.play.scalar.mask()
        return "" if mask is None else f"Rested: {np.nonzero(mask)[0].tolist()}."

    def result(self, action: Any, facts: Any) -> str:
        return f"{'Lamp' if self.shown else 'Arm'} {action} gave {facts['utility']:.3f}."

    def expert(self) -> Any:
        return self.play.scalar.expert()  # type: ignore[attr-defined]  # LampsScalar's

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action"]) -> str:
        """Play one round with an action."""
        return self.play_round(action)
