"""envgym/Disengage-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.disengage.core import DisengageCore
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
            help="value lost by the latest action instead of the best one; 0 while disengaged; not"
            " revealed",
        ),
        Evidence(
            key="value",
            type="float",
            lo=0,
            help="exact discounted revenue still to come under the best policy; not revealed",
        ),
        Evidence(key="engaged", type="bool", help="the user was engaged in the latest round"),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="value over that of the best state, 0 before the first round; not revealed",
        ),
    )
)


class DisengageEnv(NumericEnv):
    """Earn from a user now, or satisfy the user, who otherwise disengages [245].

    Observation: float64 [2]: level of satisfaction over the highest, and 1 if engaged, else 0.
    Action: Discrete(5): revenue 1, 0.7, 0.4, 0.2, 0.05, level -2, -1, 0, +1, +2. Ignored while
        disengaged. An invalid action costs a turn and moves nothing.
    Rewards and evidence: utility is the revenue, 0 while disengaged; default. outcome is its mean
        over the horizon. dense and gated pay the same, since nothing is constrained; count and
        distillation add a bonus for novelty; process adds the value's share to the outcome;
        potential shapes utility by the exact value. Evidence: rounds, visits, utility, expected,
        violation, shortfall, value, engaged, progress, novelty, outcome.
    Starting state: engaged, at level begin.
    End of episode: terminated after horizon turns; with stopping, after each round with
        probability 1 - discount.
    Arguments: levels (int, 2-1000, default 12); begin (int, 0 to levels - 1, default 6); reengage
        (float, 0.001-1, default 1): q, times f(x) the chance of coming back; discount (float,
        0-0.9999, default 0.97); floor (float, 0.001-1, default 0.15), rise (float, 0-1, default
        0.8) and bend (float, 0.1-10, default 1.5): f(x) = floor + rise * (x / top)^bend is the
        chance of staying; stopping (bool, default False): episodes end by the discount; horizon
        (int, 1-10,000,000, default 1000); and those of every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": DisengageCore.stream,
        "version": "0",
        "text": "envgym/DisengageText-v0",
    }
    core_class: ClassVar[type[Core]] = DisengageCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets(potential="value")
