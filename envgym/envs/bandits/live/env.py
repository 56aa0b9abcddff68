"""envgym/LiveInsert-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.live.core import LiveInsertCore
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
            unit="minutes",
            help="the group's best long-run live minutes minus those expected of the latest round;"
            " not revealed",
        ),
        Evidence(
            key="duration_residual",
            type="float",
            unit="minutes",
            help="floor minus the latest round's short-video minutes; its sum must be at most 0",
        ),
        Evidence(
            key="violation",
            type="float",
            unit="minutes",
            lo=0,
            help="by how much the mean of expected short-video minutes misses the floor so far; not"
            " revealed",
        ),
        Evidence(
            key="fatigue",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="of the user by live streams",
        ),
    )
)


class LiveInsertEnv(NumericEnv):
    """Insert live streams among a user's short videos, without tiring the user [254].

    Observation: float64 [3]: group (0 is A, 1 is B), fatigue, and the share of rounds left.
    Action: Discrete(2): 0 short videos alone, 1 with a live stream. An invalid action costs a turn
        and moves nothing.
    Rewards and evidence: utility is the minutes of the live stream; default. outcome is their mean
        over 2 * live, where rounds count 0 in which the floor is missed so far, on expected values.
        dense subtracts the violation; gated pays only while the floor was kept so
        far, on expected values; lagrangian subtracts the residual; count and distillation add a
        bonus for novelty; process adds the progress of intervals to the outcome. Evidence: rounds,
        visits, utility, expected, violation, shortfall, duration_residual, fatigue, progress,
        novelty, outcome.
    Starting state: a user of group A or B, without fatigue.
    End of episode: terminated after horizon turns.
    Arguments: floor (float, 0 to short, default 0.88): short-video minutes per round to reach on
        average; share_b (float, 0-1, default 0.5); appeal_a, appeal_b (float, 0-1, default 0.6 and
        0.45); wear_a, wear_b (float, 0-20, default 2 and 3); tire_a, tire_b (float, 0-1, default
        0.1 and 0.3); live, short (float, 0.001-1000, default 1 and 1); displaced (float, default
        0.3); levels (int, 2-200, default 31); rise (int, 1-200, default 4); rest (float, above 0 to
        1, default 0.15); horizon (int, 1-10,000,000, default 1000); and those of every numeric
        environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": LiveInsertCore.stream,
        "version": "0",
        "text": "envgym/LiveInsertText-v0",
    }
    core_class: ClassVar[type[Core]] = LiveInsertCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets(residuals=("duration_residual",))
