"""envgym/PaymentBandit-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.payment.core import PaymentBanditCore
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
            lo=0,
            hi=1,
            help="chance of the best available intervention minus that of the latest; not revealed",
        ),
    )
)


class PaymentBanditEnv(NumericEnv):
    """Pick the intervention that gets a payment authorised; answers arrive in batches [50].

    Observation: Dict: context float64 [1 + features], a constant 1 and the request's features, a
        vector of length sqrt(features); mask int8 [actions], 1 where an intervention is available.
    Action: Discrete(actions), an available intervention. An invalid action costs a turn and moves
        nothing.
    Rewards and evidence: utility is 1 if the payment was authorised, else 0, with the chance
        sigmoid(intercept + theta_a . features); default. outcome is the share authorised of all
        turns. Outcomes are revealed to learners batch by batch: nothing until ``batch`` requests
        are complete, then all of them. dense and gated pay the same, since nothing is constrained;
        count and distillation add a bonus for novelty; process adds the progress of intervals to
        the outcome. Evidence: rounds, visits, utility, expected, violation, shortfall, progress,
        novelty, outcome.
    Starting state: coefficients theta, drawn from the seed for the whole episode, and a request.
    End of episode: terminated after horizon turns; an incomplete batch is never revealed.
    Arguments: actions (int, 2-127, default 8); features (int, 1-64, default 5); available (float,
        0.01-1, default 0.7): chance that an intervention can be used, at least one can; intercept
        (float, -10 to 10, default 2): mean logit; slope (float, 0-10, default 0.5): standard
        deviation of theta; batch (int, 1-100,000, default 3000): requests per batch; horizon (int,
        1-10,000,000, default 1000); and those of every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": PaymentBanditCore.stream,
        "version": "0",
        "text": "envgym/PaymentBanditText-v0",
    }
    core_class: ClassVar[type[Core]] = PaymentBanditCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()
