"""envgym/OnlineMatching-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.matching.core import OnlineMatchingCore
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
            help="chance of a click on the best item minus that on the latest; not revealed",
        ),
    )
)


class OnlineMatchingEnv(NumericEnv):
    """Show each visitor one item of a sparse cluster-item graph and learn from clicks [242].

    Observation: Dict: context float64 [clusters], weights of the triggered clusters, 0 elsewhere,
        sum 1; mask int8 [items], 1 where an item is connected to a triggered cluster.
    Action: Discrete(items), a connected item. An invalid action costs a turn and moves nothing.
    Rewards and evidence: utility is 1 for a click, else 0, with the chance sum_c w_c theta_cj;
        default. outcome is the share of turns with a click. dense and gated pay the same, since
        nothing is constrained; count and distillation add a bonus for novelty; process adds the
        progress of intervals to the outcome. Evidence: rounds, visits, utility, expected,
        violation, shortfall, progress, novelty, outcome.
    Starting state: graph and click table theta, drawn from the seed for the whole episode, and a
        visit.
    End of episode: terminated after horizon turns.
    Arguments: clusters (int, 1-1,000, default 20); items (int, 2-10,000, default 50); triggered
        (int, 1-clusters, default 4): clusters triggered by a visit; degree (int, 1-items, default
        10): items connected to each cluster; horizon (int, 1-10,000,000, default 1000); and those
        of every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": OnlineMatchingCore.stream,
        "version": "0",
        "text": "envgym/OnlineMatchingText-v0",
    }
    core_class: ClassVar[type[Core]] = OnlineMatchingCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()
