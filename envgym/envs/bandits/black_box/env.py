"""envgym/BlackBox-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.black_box.core import BlackBoxCore
from envgym.rewards import Program, ProgressDelta, Scale, Source
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
            help="highest value there is minus the latest point's exact value; not revealed",
        ),
        Evidence(
            key="simple_regret",
            type="float",
            lo=0,
            hi=1,
            help="least shortfall so far, 1 before the first point; not revealed",
        ),
        Evidence(key="regret", type="float", lo=0, help="sum of the shortfalls so far"),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="1 - simple_regret / its value at reset, which is 1",
        ),
    )
)


def black_box_presets() -> Mapping[str, Program]:
    """Return the numeric programs and two by regret, as in [38].

    regret       - simple_regret, every round
    improvement  by how much the latest round lowered simple_regret; sparse: about ln T of T
                 rounds of a random search pay at all
    """
    regret = Source("simple_regret", lo=0.0, hi=1.0)
    own = (
        Program("regret", Scale(regret, -1.0, name="regret")),
        Program("improvement", Scale(ProgressDelta(regret), -1.0, name="improvement")),
    )
    return {**numeric_presets(), **{program.name: program for program in own}}


class BlackBoxEnv(NumericEnv):
    """Find the highest point of an unknown smooth function by trying points [38].

    Observation: Dict of float64: best_value [1], highest noisy value so far, and best_x [d], where
        it was; clock [1], share of rounds left; value [1] and x [d], the latest; all 0 before the
        first round but clock.
    Action: Box(0, 1, (d,), float64), the point to try. Anything else, NaN included, costs a turn
        and moves nothing.
    Rewards and evidence: utility is the point's noisy value, scaled so that the function spans 0 to
        1; default. regret pays -simple_regret every round, improvement what simple_regret fell by.
        outcome is the mean utility. dense and gated pay the same as utility, since nothing is
        constrained; process adds the potential of progress to the outcome; count and distillation
        add a bonus for novelty. Evidence: rounds, visits, utility, expected, violation, shortfall,
        simple_regret, regret, progress, novelty, outcome.
    Starting state: a sum of random waves from the seed; nothing tried.
    End of episode: terminated after horizon turns.
    Arguments: horizon (int, 1-10,000,000, default 100): points to try; dims (int, 1-3, default 2):
        d; length (float, 0.1-1, default 0.25): length scale; features (int, 1-512, default 32):
        waves; noise (float, 0-1, default 0.05): standard deviation of a value; and those of every
        numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": BlackBoxCore.stream,
        "version": "0",
        "text": "envgym/BlackBoxText-v0",
    }
    core_class: ClassVar[type[Core]] = BlackBoxCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return black_box_presets()
