"""envgym/LiveInsertText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.live.core import LiveInsertCore
from envgym.envs.bandits.live.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "A user opens a feed of short videos {horizon} times. Each time you may insert one live stream"
    " (action 1) or none (action 0). A stream that is watched earns its live minutes. Inserting"
    " tires the user: a tired user watches fewer streams and less short video; without a stream"
    " fatigue fades. A stream also takes time from the short videos. How much depends on the user's"
    " group, A or B. Limit: short videos must be watched for at least {floor:.4g} minutes per visit"
    " on average. Collect the most live minutes within it.",
    "You decide, visit by visit ({horizon} in all), whether a live stream joins a user's short"
    " videos: 1 inserts it, 0 does not. Reward: live minutes watched. Every insertion costs"
    " short-video time and adds fatigue, which makes later streams and videos less attractive and"
    " wears off in visits without a stream. Groups A and B differ in how strongly. The mean"
    " short-video time per visit has to reach {floor:.4g} minutes. Maximise live minutes under that"
    " limit.",
    "Task: maximise live minutes over {horizon} visits of one user, keeping the mean short-video"
    " time per visit at {floor:.4g} minutes or more. Actions: 0, short videos alone; 1, with a live"
    " stream. Streams raise fatigue, 0 to 1, and displace short videos; visits without one lower"
    " it. The more fatigue, the less is watched of either; by how much is a matter of the group, A"
    " or B.",
)
PLAIN = (
    "{horizon} rounds, actions 0 and 1. Action 1 pays a random reward and raises a state x, 0 to 1;"
    " action 0 pays nothing and lowers x. The mean reward of 1 falls with x. Each round also yields"
    " an amount, lower with 1 and with x; its mean over rounds must be at least {floor:.4g}. A type,"
    " A or B, sets how strong these effects are. Collect the most reward within the limit.",
    "A constrained decision process of {horizon} rounds. Reward comes from action 1 alone and"
    " shrinks as the state x (0 to 1) grows; action 1 raises x, action 0 lets it decay. A second"
    " quantity, smaller under 1 and at high x, has to average {floor:.4g} or more. Effects depend on"
    " the type, A or B. Maximise the sum of rewards.",
    "Maximise the sum of rewards over {horizon} rounds with actions 0 and 1, such that the amounts"
    " average at least {floor:.4g}. Action 1: random reward, less at high x; x goes up. Action 0: no"
    " reward; x goes down. Amounts are lower after 1 and at high x. Types A and B differ.",
)


class LiveInsertText(NumericText):
    """Insert live streams among a user's short videos, without tiring the user [254].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the group and the fatigue.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn in which
        nothing happens, and never raises.
    Rewards and evidence: outcome pays the mean live minutes of all turns over 2 * live, at the end,
        where rounds count 0 in which the floor is missed so far, on expected values; default. utility pays each round's minutes at once; dense subtracts the violation; gated
        pays only while the floor was kept so far; lagrangian subtracts the
        residual; count and distillation add a bonus for novelty; process adds the progress of
        intervals to the outcome. Evidence: rounds, visits, utility, expected, violation, shortfall,
        duration_residual, fatigue, progress, novelty, outcome.
    Starting state: a user of group A or B, by the task's world, without fatigue.
    End of episode: terminated after horizon turns.
    Arguments: floor (float, 0 to short, default 0.88), share_b (float, 0-1, default 0.5), appeal_a,
        appeal_b (float, 0-1, default 0.6 and 0.45), wear_a, wear_b (float, 0-20, default 2 and 3),
        tire_a, tire_b (float, 0-1, default 0.1 and 0.3), live, short (float, 0.001-1000, default 1
        and 1), displaced (float, default 0.3), levels (int, 2-200, default 31), rise (int, 1-200,
        default 4), rest (float, above 0 to 1, default 0.15), horizon (int, default 50): as in the
        numeric environment; memory ("none", "table" or "raw", default "table"): what is repeated of
        past rounds; names ("shown" or "hidden", default "shown"): the story, or a pure bandit;
        wording (0, 1 or 2, default 0): which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": LiveInsertCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = LiveInsertCore
    core: LiveInsertCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50}
    columns: ClassVar[tuple[Column, ...]] = (
        Column("reward", digits=2),
        Column("floor minus amount", key="duration_residual", digits=2),
    )

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets(residuals=("duration_residual",))

    def rules(self) -> str:
        core = self.core
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon, floor=core.floor
        )
        kept = "a live stream" if self.shown else "reward"
        return (
            f"{told}\nThe limit applies to what is expected of all rounds so far: {kept} counts only"
            " in rounds after which the mean is not below it. So play 0 first, until"
            " some is put by, and then the first 1."
            f"\nReply with <action>0</action> or <action>1</action>. Any other reply costs a"
            " round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        group = "AB"[scalar.group]
        if not self.shown:
            return f"Type {group}, x {scalar.fatigue:.2f}."
        return f"The user is of group {group}. Fatigue {scalar.fatigue:.2f}."

    def result(self, action: Any, facts: Facts) -> str:
        amount = self.core.floor - facts["duration_residual"]
        if self.shown:
            return f"Live minutes {facts['utility']:.2f}, short-video minutes {amount:.2f}."
        return f"Action {action}: reward {facts['utility']:.2f}, amount {amount:.2f}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action, 0 or 1"]) -> str:
        """Play one round with an action."""
        return self.play_round(action)
