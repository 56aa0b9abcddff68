"""envgym/StochasticMatching-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.stochastic_matching.core import StochasticMatchingCore
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.evidence import with_common
from envgym.runtime.numeric.presets import numeric_presets
from envgym.types import Evidence

DECLARES = with_common(
    (
        Evidence(
            key="matched", type="int", unit="nodes", lo=0, help="offline nodes matched so far"
        ),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="offline nodes matched so far / all offline nodes",
        ),
    )
)


class StochasticMatchingEnv(NumericEnv):
    """Send each arrival to an available neighbour, which is matched with some probability [257].

    Observation: Dict of float64: available [n], 1 where a node is unmatched; chance [n], the
        present arrival's probability of matching each node, 0 for strangers; clock [1], share of
        arrivals left; load [n], sum of the probabilities assigned so far; mask [n + 1], valid
        actions.
    Action: Discrete(n + 1): a node; n skips the arrival. An invalid action costs a turn, moves
        nothing, and the arrival keeps waiting.
    Rewards and evidence: utility is 1 for a match, else 0; default. outcome is matches / the most
        there can be, min(n, horizon). dense and gated pay the same as utility, since nothing is
        constrained; process adds the potential of progress to the outcome; count and distillation
        add a bonus for novelty. Evidence: rounds, visits, utility, expected, violation, matched,
        progress, novelty, outcome.
    Starting state: all nodes available, no load; instance and numbering from the seed.
    End of episode: terminated after horizon turns.
    Arguments: horizon (int, 1-10,000,000, default 200): arrivals; instance ("triangular", "block"
        or "random", default "triangular"): who knows whom; nodes (int, 1-200, default 20): n;
        probability (float, 0.000001-1, default 0.1): of a match along an edge; spread (float, 0-1,
        default 0): probabilities uniform within this share of ``probability``; density (float,
        0-1, default 0.3): share of edges in the random instance; shuffled (bool, default True):
        number the nodes anew in every world; and those of every numeric environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": StochasticMatchingCore.stream,
        "version": "0",
        "text": "envgym/StochasticMatchingText-v0",
    }
    core_class: ClassVar[type[Core]] = StochasticMatchingCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()
