"""envgym/OnlineAllocation-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.allocation.core import OnlineAllocationCore
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.evidence import with_common
from envgym.runtime.numeric.presets import numeric_presets
from envgym.types import Evidence

DECLARES = with_common(
    (
        Evidence(
            key="shortfall",
            type="float",
            help="the bound per round minus the latest reward; its mean is the regret; not revealed",
        ),
        Evidence(
            key="spent",
            type="float",
            unit="cost",
            lo=0,
            help="what the latest action cost, summed over resources",
        ),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="largest share of a budget that is used up",
        ),
    )
)


class OnlineAllocationEnv(NumericEnv):
    """Take one offer per round, or none, while budgets last [243].

    Observation: Dict: rewards float64 [A] and costs float64 [A, m] of this round's actions;
        left float64 [m], budgets left; clock float64 [1], share of rounds left.
    Action: Discrete(A): 0 is none, which is always valid; an offer is invalid where it would
        overdraw a budget. An invalid action costs a turn and moves nothing.
    Rewards and evidence: utility is the offer's reward, from 0 to 1; default. outcome is its mean
        over the horizon. dense and gated pay the same, since budgets cannot be overdrawn; count and
        distillation add a bonus for novelty; process adds the share of budget used to the outcome.
        Evidence: rounds, visits, utility, expected, violation, shortfall, spent, progress, novelty,
        outcome.
    Starting state: full budgets of rate * horizon, and the first request; for the adversarial input
        also the block after which offers stop paying.
    End of episode: terminated after horizon turns.
    Arguments: inputs ("iid", "periodic" or "adversarial", default "iid"): uniform offers, the same
        times a wave, or blocks of ever better offers that are cut off; actions (int, 2-100, default
        5); resources (int, 1-8, default 2); rate (float, 0.001-1, default 0.3): budget per round;
        period (int, 2-1000, default 50): rounds per wave; growth (float, 1.01-1000, default 10):
        times by which blocks gain; horizon (int, 1-10,000,000, default 1000); and those of every
        numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": OnlineAllocationCore.stream,
        "version": "0",
        "text": "envgym/OnlineAllocationText-v0",
    }
    core_class: ClassVar[type[Core]] = OnlineAllocationCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()
