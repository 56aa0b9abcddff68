"""The rules of fair thresholds over arrays, and the arguments of the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.fair import rounds
from envgym.envs.bandits.fair.oracle import Sweep, sweep
from envgym.envs.bandits.fair.population import REGIMES, Population, population
from envgym.envs.bandits.fair.scalar import FairThresholdScalar
from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State, choice, real, whole
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem

TOLERANCE = 0.02
"""Largest violation, on expected values, of a round that counts for the outcome: the population has
to settle before even the oracle's threshold keeps both constraints exactly."""
RESIDUALS = ("gap_high_residual", "gap_low_residual", "service_residual")
"""What learners average: gap - epsilon, -gap - epsilon, floor - served."""


@dataclass(frozen=True, kw_only=True)
class FairThresholdCore(Core):
    """One threshold for two groups whose mix follows from whom it accepts."""

    stream: ClassVar[str] = "fair_threshold"

    regime: str = "synthetic-aligned"
    """synthetic-aligned, synthetic-tension, german-sex, german-age or compas."""
    thresholds: int = 41
    """Thresholds K on [0, 1], evenly spaced, 2 to 1,001; from data: K - 1 divides 200."""
    applicants: int = 100
    """Applicants n per round, 20 to 1,000,000."""
    epsilon: float | None = None
    """Largest allowed difference of acceptance rates, 0 to 1; None: the regime's (0.08; data 0.05)."""
    floor: float | None = None
    """Smallest allowed share of accepted applicants, 0 to 1; None: the regime's (0.35; German 0.5;
    COMPAS 0.3)."""
    kappa: float = 1.0
    """Strength with which acceptance moves the population, 0 to 10."""
    decay: float = 0.95
    """Contraction factor of the population per round, 0 to 0.9999."""
    benefit: float = 1.0
    """Reward of an accepted good applicant, over n; 0.001 to 1,000."""
    cost: float | None = None
    """Loss of an accepted bad applicant, over n; 0 to 1,000; None: the regime's (1; tension 1.5)."""
    absolute: bool = False
    """Reveal |gap| instead of the signed gap: biased upwards near 0."""
    feedback: str = "bandit"
    """"bandit": the played threshold's outcome is revealed; "full": every threshold's."""
    delay: int = 0
    """Rounds until an outcome is revealed, 0 to 1,000."""
    noise: str = "binomial"
    """"binomial": counts of applicants; "gaussian": normals with their moments; "none": expectations."""
    data: str | None = None
    """Folder with german.data and compas_cells.csv, to rebuild a data regime; None: as shipped."""

    def check(self) -> None:
        """Refuse bad parameters; reads the files in ``data``."""
        choice(self, "regime", tuple(REGIMES))
        whole(self, "thresholds", 2, 1001)
        whole(self, "applicants", 20, 1_000_000)
        whole(self, "delay", 0, 1000)
        for name, low, high in _RANGES:
            if getattr(self, name) is not None:
                real(self, name, low, high)
        choice(self, "absolute", (False, True))
        choice(self, "feedback", ("bandit", "full"))
        choice(self, "noise", ("binomial", "gaussian", "none"))
        if self.data is not None:
            if REGIMES[self.regime].centres is not None:
                raise ConfigError(
                    f"{self.where}: data is for the regimes german-sex, german-age and compas;"
                    f" regime={self.regime!r} needs none."
                )
            object.__setattr__(self, "data", str(self.data))
        _ = self.people

    # -- Derived constants ----------------------------------------------------------------

    @cached_property
    def people(self) -> Population:
        """Acceptance and good rates."""
        return population(self.regime, self.thresholds, self.data, self.where)

    @property
    def limit(self) -> float:
        """The epsilon in force."""
        return REGIMES[self.regime].epsilon if self.epsilon is None else self.epsilon

    @property
    def least(self) -> float:
        """The service floor in force."""
        return REGIMES[self.regime].floor if self.floor is None else self.floor

    @property
    def loss(self) -> float:
        """The cost in force."""
        return REGIMES[self.regime].cost if self.cost is None else self.cost

    @property
    def full(self) -> bool:
        """Whether every threshold's outcome is revealed."""
        return self.feedback == "full"

    @cached_property
    def swept(self) -> Sweep:
        """Every threshold's steady state."""
        return sweep(
            self.people,
            benefit=self.benefit,
            cost=self.loss,
            epsilon=self.limit,
            floor=self.least,
            kappa=self.kappa,
        )

    @property
    def optimum(self) -> float:
        """Steady reward of the best feasible threshold."""
        return float(self.swept.rewards[self.swept.best])

    @cached_property
    def table(self) -> NDArray[Any]:
        """What a round needs of each threshold, float64 [14, K]; see ``rounds``."""
        return rounds.constants(self)

    @cached_property
    def pool(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Conditional chances of score cells and good rates in them, float64 [2, K] each."""
        return rounds.cells(self)

    # -- Spaces and problem ---------------------------------------------------------------

    @property
    def width(self) -> int:
        """Length of the observation: 4, and 3 K more under full feedback."""
        return 4 + 3 * self.thresholds if self.full else 4

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        """Box: threshold, reward, gap, served; under full feedback K of each of the latter too.

        Gaussian noise has no bounds.
        """
        endless = self.noise == "gaussian"
        ends = [(-np.inf, np.inf)] * 3 if endless else [(-self.loss, self.benefit), (-1, 1), (0, 1)]
        many = [end for end in ends for _ in range(self.thresholds)] if self.full else []
        low, high = np.array([(0.0, 1.0), *ends, *many], dtype=np.float64).T
        return gymnasium.spaces.Box(low, high, dtype=np.float64)

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        """Discrete: the number of a threshold."""
        return gymnasium.spaces.Discrete(self.thresholds)

    @property
    def problem(self) -> Problem:
        """What a learner may know; ``more``: the grid, epsilon, floor, applicants."""
        unit = 1.0 / np.sqrt(self.applicants)
        spread = 1.2 * max(1.0, (self.benefit + self.loss) / 2.5)
        return Problem(
            actions=self.thresholds,
            horizon=self.horizon,
            low=-self.loss,
            high=self.benefit,
            scale=float(spread * unit),
            residuals=RESIDUALS,
            residual_scales=(float(unit), float(unit), float(0.5 * unit)),
            more={
                "thresholds": tuple(self.swept.thresholds.tolist()),
                "epsilon": self.limit,
                "floor": self.least,
                "applicants": self.applicants,
            },
        )

    def scalar(self) -> FairThresholdScalar:
        """Return a new episode on the scalar path."""
        return FairThresholdScalar(self)

    # -- The array path -------------------------------------------------------------------

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        """Return shares of one half, nothing seen; ``line``: outcomes on their way, oldest first."""
        state = {"share": ar.full((batch,), 0.5), "seen": ar.full((batch, self.width), 0.0)}
        if self.delay:
            state["line"] = ar.full((batch, self.delay, self.width), 0.0)
        return state

    def observe(self, state: State, ar: Arrays) -> Any:
        """Return what was revealed last, zeros before: [B, width]."""
        seen = state["seen"]
        return seen.clone() if ar.torch else seen.copy()

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        """Return the next state and the facts of one round."""
        return rounds.advance(self, state, action, noise, ar)

    def reveal(self, before: State, action: Any, facts: Facts, ar: Arrays) -> tuple[Outcome, ...]:
        """Return the outcome that became known: of this round, or of ``delay`` rounds ago."""
        return rounds.reveal(self, before, action, facts, ar)

    # -- For people and oracles -----------------------------------------------------------

    def expert(self, state: State, ar: Arrays) -> Any:
        """Return the best feasible threshold at steady state for every row: int64 [B]."""
        return ar.ints((state["share"].shape[0],), self.swept.best)

    def myopic(self, state: State, ar: Arrays) -> Any:
        """Return per row the best threshold of the coming round that is feasible in it: int64 [B]."""
        return rounds.myopic(self, state["share"], ar)

    def opening(self) -> Mapping[str, Any]:
        """Return the family's own evidence at reset."""
        rest = dict.fromkeys(
            ("dp_gap", "served", "dp_residual", *RESIDUALS, "shortfall"),
            0.0,
        )
        return {**rest, "share": 0.5, "potential": -abs(0.5 - self.rest)}

    @cached_property
    def rest(self) -> float:
        """Share of group 1 at which the population rests under the best feasible threshold."""
        return float(self.swept.shares[self.swept.best])

    def oracle(self) -> Mapping[str, Any]:
        """Return the best feasible and the best free threshold at their steady states."""
        found = self.swept
        names = ("threshold", "reward", "gap", "served", "share")
        table = np.stack(
            [found.thresholds, found.rewards, found.gaps, found.served, found.shares], 1
        )
        return {
            "action": found.best,
            **dict(zip(names, table[found.best].tolist(), strict=True)),
            "free_action": found.free,
            **{
                f"free_{name}": value
                for name, value in zip(names, table[found.free].tolist(), strict=True)
            },
            "feasible": tuple(np.nonzero(found.feasible)[0].tolist()),
        }

    def worth(self, facts: Facts, ar: Arrays) -> Any:
        """Return the utility of rounds within tolerance of the constraints; others are worth 0."""
        xp, utility = ar.xp, facts["utility"]
        return xp.where(facts["violation"] <= TOLERANCE, utility, xp.zeros_like(utility))

    def worth_one(self, facts: Facts) -> float:
        """Return the same of one round."""
        return float(facts["utility"]) if facts["violation"] <= TOLERANCE else 0.0

    def outcome(self, mean: float) -> float:
        """Return mean worth over ``benefit``, within 0 and 1: losing money is worth no more than
        doing nothing.
        """
        return min(1.0, max(0.0, mean / self.benefit))

    def outcomes(self, mean: Any, ar: Arrays) -> Any:
        """Return ``outcome`` of a batch."""
        return ar.xp.clip(mean / self.benefit, 0.0, 1.0)

    def picture(self, scalar: Any) -> str:
        """Return the running episode as text; see ``render.picture``."""
        from envgym.envs.bandits.fair.render import picture

        return picture(self, scalar)


_RANGES = (
    ("epsilon", 0.0, 1.0),
    ("floor", 0.0, 1.0),
    ("kappa", 0.0, 10.0),
    ("decay", 0.0, 0.9999),
    ("benefit", 0.001, 1000.0),
    ("cost", 0.0, 1000.0),
)
