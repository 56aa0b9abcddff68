"""envgym/Coverage-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.coverage.core import CoverageCore
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
            help="value of the best choice per round minus the latest gain; sums to what is missing",
        ),
        Evidence(
            key="covered", type="float", unit="share", lo=0, help="value F of the chosen sets, to 1"
        ),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="F of the chosen sets / F of the best choice; 1 if nothing can be gained",
        ),
    )
)


class CoverageEnv(NumericEnv):
    """Choose sets one by one so that together they cover most: a submodular reward [223].

    Observation: Dict of float64: covered [items], how many chosen sets hold each item; mask [sets],
        1 where a set was not taken; sets [sets, items], 1 where the set holds the item; weights
        [items], which sum to 1.
    Action: Discrete(sets), a set not taken yet. An invalid action costs a turn and moves nothing.
    Rewards and evidence: utility is the marginal gain F(S + a) - F(S), so that the utilities of an
        episode sum to F of what was chosen; default. outcome is that sum, 0 to 1. dense and gated
        pay the same as utility, since nothing is constrained; process adds the potential of
        progress to the outcome; count and distillation add a bonus for novelty. Evidence: rounds,
        visits, utility, expected, violation, shortfall, covered, progress, novelty, outcome.
    Starting state: sets and weights from the seed; nothing chosen.
    End of episode: terminated after horizon turns.
    Arguments: horizon (int, 1-sets, default 3): sets to choose; sets (int, 1-100, default 10): to
        choose from, with at most 20,000 choices; items (int, 1-1,000, default 25); density (float,
        0-1, default 0.2): chance that a set holds an item; gain ("cover" or "sqrt", default
        "cover"): an item pays once, or by the square root of its count; weights ("equal" or
        "random", default "equal"); and those of every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": CoverageCore.stream,
        "version": "0",
        "text": "envgym/CoverageText-v0",
    }
    core_class: ClassVar[type[Core]] = CoverageCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()
