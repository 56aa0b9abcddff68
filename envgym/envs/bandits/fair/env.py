"""envgym/FairThreshold-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.fair.core import TOLERANCE, FairThresholdCore
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.evidence import with_common
from envgym.runtime.numeric.presets import numeric_presets
from envgym.types import Evidence


def _float(key: str, help_: str, unit: str = "", hi: float = float("inf")) -> Evidence:
    return Evidence(key=key, type="float", unit=unit, hi=hi, help=help_)


DECLARES = with_common(
    (
        _float(
            "dp_gap",
            "realised acceptance rate of group 1 minus that of group 0; absolute=True: its absolute"
            " value",
            "share",
        ),
        _float("served", "realised share of the applicants who were accepted", "share"),
        _float("dp_residual", "|dp_gap| - epsilon; at most 0 is allowed", "share"),
        _float("gap_high_residual", "dp_gap - epsilon; at most 0 is allowed", "share"),
        _float(
            "gap_low_residual",
            "-dp_gap - epsilon, or dp_gap - epsilon if absolute; at most 0 is allowed",
            "share",
        ),
        _float("service_residual", "floor - served; at most 0 is allowed", "share"),
        Evidence(
            key="share",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="share of group 1 among the applicants of the coming round; not revealed",
        ),
        _float(
            "shortfall", "steady reward of the best feasible threshold minus expected; not revealed"
        ),
        _float(
            "potential",
            "minus the distance of share from where it rests under the best feasible threshold; not"
            " revealed",
            "share",
            0.0,
        ),
    )
)
"""The family's evidence and the common one."""


def fair_presets() -> Mapping[str, Program]:
    """Return the programs of the family; ``lagrangian`` prices |gap| - epsilon and floor - served."""
    return numeric_presets(
        price=1.0,
        tolerance=TOLERANCE,
        residuals=("dp_residual", "service_residual"),
        potential="potential",
    )


class FairThresholdEnv(NumericEnv):
    """Choose one threshold for two groups whose mix follows from whom it accepts [7].

    Observation: Box(4) float64: threshold (0 to 1), reward, gap and served share that were revealed
        last; zeros before. feedback="full" adds K rewards, K gaps and K served shares.
    Action: Discrete(thresholds): the number of a threshold; accepted is who scores at least
        action / (thresholds - 1). An invalid one costs a turn and never raises.
    Rewards and evidence: utility pays (benefit * accepted good - cost * accepted bad) / applicants;
        dense subtracts violations of the two rules (gap at most epsilon, served at least floor, on
        expected values); gated pays only rounds of a violation of at most 0.02; lagrangian prices the
        realised residuals, each at 1; outcome pays the mean utility over benefit, rounds of more
        violation counting 0, within 0 and 1, at the end; process adds shrinking intervals to it; count and distillation add a bonus for
        novelty; potential adds the way towards the oracle's fixed point. Default utility. Evidence:
        dp_gap, served, dp_residual, gap_high_residual, gap_low_residual, service_residual, share,
        shortfall, potential, rounds, visits, utility, expected, violation, progress, novelty,
        outcome.
    Starting state: half of the applicants are of group 1; the seed drives who applies.
    End of episode: terminated after horizon turns.
    Arguments: regime ("synthetic-aligned", "synthetic-tension", "german-sex", "german-age" or
        "compas", default "synthetic-aligned"); thresholds (int, 2-1,001, default 41; from data:
        thresholds - 1 divides 200); applicants (int, 20-1,000,000, default 100): per round; epsilon
        (float, 0-1, default the regime's): largest allowed gap; floor (float, 0-1, default the
        regime's): smallest allowed served share; kappa (float, 0-10, default 1): strength of the
        feedback; decay (float, 0-0.9999, default 0.95): contraction factor of the population;
        benefit (float, 0.001-1,000, default 1); cost (float, 0-1,000, default the regime's);
        absolute (bool, default False): reveal |gap|; feedback ("bandit" or "full", default
        "bandit"); delay (int, 0-1,000, default 0): rounds until an outcome is revealed; noise
        ("binomial", "gaussian" or "none", default "binomial"); data (path, default None): folder
        with german.data and compas_cells.csv that rebuilds a regime from data; horizon (int,
        1-10,000,000, default 1,000); reward, record, append, record_evidence, render_mode,
        expose_oracle: as for every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": FairThresholdCore.stream,
        "version": "0",
        "text": "envgym/FairThresholdText-v0",
    }
    core_class: ClassVar[type[Core]] = FairThresholdCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return fair_presets()
