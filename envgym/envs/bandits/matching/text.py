"""envgym/OnlineMatchingText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.matching.core import OnlineMatchingCore
from envgym.envs.bandits.matching.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "You run a small feed. Each of {horizon} rounds brings one visitor, who belongs to {triggered}"
    " of {clusters} interest groups with weights that sum to 1. Show one item, numbered 0 to"
    " {last}; only items linked to one of the visitor's groups can be shown. The chance of a click"
    " is the weighted sum of how much each group likes the item, 0 for a group that it is not linked"
    " to. These likings stay the same and are unknown to you. Collect as many clicks as you can.",
    "Visitors come one by one, {horizon} in all. Each is a mix of {triggered} out of {clusters}"
    " interest groups. You pick the item to show, from those of 0 to {last} that some group of the"
    " mix is linked to. Every linked group has a fixed, hidden liking for an item, other"
    " groups have none; the click chance is the average liking of the mix by its weights. The goal: most clicks.",
    "Task: maximise clicks over {horizon} visits. A visit has weights on {triggered} of {clusters}"
    " interest groups; the items 0 to {last} that may be shown are listed. Click chance = sum over"
    " the groups of weight times the group's hidden, constant liking for the item, 0 if they are"
    " not linked.",
)
PLAIN = (
    "Each of {horizon} rounds shows weights on {triggered} of {clusters} coordinates, which sum to"
    " 1, and the valid actions out of 0 to {last}; choose one. It pays 1 or 0. The chance of a 1 is"
    " a sum of the weights times fixed unknown numbers of the action. Earn as much as you can.",
    "A linear bandit: {horizon} rounds, contexts with {triggered} of {clusters} entries above 0,"
    " actions 0 to {last} of which some are valid. The chance of reward 1 is linear in the context,"
    " with unknown fixed coefficients per action. Collect the most reward.",
    "Maximise the sum of 0/1 rewards over {horizon} rounds. The context gives {triggered} of"
    " {clusters} weights; the valid actions out of 0 to {last} are listed. Chance of reward: the"
    " weights times hidden constants of the action, added up.",
)


class OnlineMatchingText(NumericText):
    """Show each visitor one linked item and learn from clicks [242].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the visitor's group weights and the items that can be shown.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn without a
        click and never raises.
    Rewards and evidence: outcome pays the share of turns with a click, at the end; default. utility
        pays 1 per click at once; dense and gated are the same here, where nothing is constrained;
        count and distillation add a bonus for novelty; process adds the progress of intervals to
        the outcome. Evidence: rounds, visits, utility, expected, violation, shortfall, progress,
        novelty, outcome.
    Starting state: graph and likings from the task's world, later visits from the seed.
    End of episode: terminated after horizon turns.
    Arguments: clusters (int, 1-1,000, default 4), items (int, 2-10,000, default 6), triggered (int,
        default 2), degree (int, default 3), horizon (int, default 50): as in the numeric
        environment; memory ("none", "table" or "raw", default "table"): what is repeated of past
        rounds; names ("shown" or "hidden", default "shown"): the story, or a pure bandit; wording
        (0, 1 or 2, default 0): which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": OnlineMatchingCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = OnlineMatchingCore
    core: OnlineMatchingCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {
        "horizon": 50,
        "clusters": 4,
        "items": 6,
        "triggered": 2,
        "degree": 3,
    }
    columns: ClassVar[tuple[Column, ...]] = (Column("reward", digits=2),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()

    def rules(self) -> str:
        core = self.core
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon,
            triggered=core.triggered,
            clusters=core.clusters,
            last=core.items - 1,
        )
        noun = "an item that can be shown" if self.shown else "a valid action"
        return (
            f"{told}\nReply with <action>N</action>, N the number of {noun}. Any other reply costs"
            " a round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        weights = ", ".join(
            f"{self._group(cluster)} {weight:.2f}" for cluster, weight in scalar.weights.items()
        )
        linked = ", ".join(map(str, sorted(scalar.value)))
        if self.shown:
            return f"Visitor: {weights}. Items that can be shown: {linked}."
        return f"Context: {weights}. Valid actions: {linked}."

    def result(self, action: Any, facts: Facts) -> str:
        if self.shown:
            return f"Item {action}: {'a click' if facts['utility'] else 'no click'}."
        return f"Action {action} gave reward {facts['utility']:.0f}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action"]) -> str:
        """Play one round with a valid action."""
        return self.play_round(action)

    def _group(self, cluster: int) -> str:
        return f"group {cluster}" if self.shown else f"x{cluster}"
