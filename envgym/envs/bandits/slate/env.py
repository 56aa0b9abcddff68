"""envgym/SlateRetention-v0."""

from collections.abc import Mapping
from typing import Any, ClassVar

from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.envs.bandits.slate.evidence import DECLARES, slate_presets
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core
from envgym.runtime.numeric.env import NumericEnv
from envgym.types import Evidence


class SlateRetentionEnv(NumericEnv):
    """Serve slates of items to a user who comes back, or does not [246][241][258].

    Observation: Dict of float64: user [4]: temper, sessions ended, requests in this session, days
        away before it; shown [categories]: items of each category shown so far; liked
        [categories]: signals per shown item and possible signal; category [candidates] and quality
        [candidates] of what can be shown now; interest [categories] if profile.
    Action: MultiDiscrete([candidates] * slots), the slate from the top, no item twice. Anything
        else costs a turn and moves nothing.
    Rewards and evidence: utility is immediate + weight * retention: signals of the slate, 0 to 1,
        and at a session's end the days away, -1 to 0; the default. outcome is its mean over all
        turns, cut to 0 to 1. immediate and retention pay one channel; item, page and page_item the
        slate itself. dense and gated equal utility, there being no constraint; process and
        potential shape with progress and patience;
        count adds a bonus for new slates, distillation one that is 0 here. Evidence: rounds,
        visits, utility, expected, violation, immediate, retention, shortfall, ndcg, item_reward,
        page_reward, relevance, ranking, diversity, redundancy, patience, sessions, days, progress,
        novelty, outcome.
    Starting state: a user's interests and loyalty, and candidates, from the seed.
    End of episode: terminated after horizon turns, when the user stays away for more than days
        days, or after the last session.
    Arguments: horizon (int, default 100); candidates (int, 2-200, default 20), slots (int, 2-20,
        default 5), categories (int, 1-50, default 5); sessions (int, default 30) and requests per
        session (int, default 100) at most; days (int, 1-365, default 10) until a user is lost;
        temper ("response" or "clock", default "response"): falls by what signals fall short, or by
        1 per request; pull (float, 0-1, default 0.5) and base (float, 0-1, default 0.1): chance of
        coming back = base + pull * response + loyalty; weight (float, 0-100, default 1.0) of
        retention; boredom (float, 0-0.95, default 0.5) with a category and linger (float, 0-1,
        default 0.8), the share of it left after a request; repeat_loss (float, 0-1, default 0.3) per earlier item of a category;
        attention (float, 0-1, default 0.95) from place to place; profile (bool, default True):
        show interests; catalogue ("fresh" or "fixed", default "fresh"); and those of every numeric
        environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericEnv.metadata,
        "stream": SlateRetentionCore.stream,
        "version": "0",
        "text": "envgym/SlateRetentionText-v0",
    }
    core_class: ClassVar[type[Core]] = SlateRetentionCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return slate_presets()
