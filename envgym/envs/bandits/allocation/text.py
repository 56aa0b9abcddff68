"""envgym/OnlineAllocationText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.allocation.core import OnlineAllocationCore
from envgym.envs.bandits.allocation.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "You run a workshop for {horizon} rounds. Each round brings {offers} orders; take one, or none"
    " (action 0). An order pays its price and uses up materials, of which there are {resources}"
    " kinds with {budget:.2f} units each for all rounds. An order that needs more than is left"
    " cannot be taken. Materials left at the end are worth nothing. Earn as much as you can.",
    "Orders come to your workshop, {offers} in each of {horizon} rounds, and you may accept one per"
    " round; action 0 accepts none. Every order names what it pays and what it needs of {resources}"
    " materials. You start with {budget:.2f} units of each and get no more; what is not there"
    " cannot be promised, and leftovers are lost. The goal: the highest total pay.",
    "Task: maximise the total pay over {horizon} rounds with {budget:.2f} units of each of"
    " {resources} materials. Per round {offers} orders are shown with their pay and needs. Take at"
    " most one whose needs are covered; action 0 takes none. Later orders need materials too, and"
    " none are left to you after the last round.",
)
PLAIN = (
    "Each of {horizon} rounds shows the reward of {offers} actions and what they cost in {resources}"
    " resources; action 0 pays and costs nothing. Every resource has a budget of {budget:.2f} for"
    " all rounds; an action that would overdraw one is invalid. Collect the most reward.",
    "Online allocation: {horizon} rounds, actions 1 to {offers} with rewards and costs that are"
    " shown before you choose, and the null action 0. {resources} resources start at {budget:.2f}"
    " each and are never refilled. Actions that cost more than is left are invalid. Maximise the"
    " sum of rewards.",
    "Maximise the sum of rewards over {horizon} rounds. Budgets: {resources} resources, {budget:.2f}"
    " each. You see this round's rewards and costs of actions 1 to {offers}, not those of later"
    " rounds; action 0 skips. Costs must stay within what is left.",
)


class OnlineAllocationText(NumericText):
    """Take one order per round, or none, while materials last [243].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the materials left and this round's orders.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn without an
        order and never raises.
    Rewards and evidence: outcome pays the mean reward of all turns, at the end; default. utility
        pays each reward at once; dense and gated are the same here, where budgets cannot be
        overdrawn; count and distillation add a bonus for novelty; process adds the share of budget
        used to the outcome. Evidence: rounds, visits, utility, expected, violation, shortfall,
        spent, progress, novelty, outcome.
    Starting state: the first orders from the task's world, later ones from the seed; for the
        adversarial input the world also draws the block after which orders stop paying.
    End of episode: terminated after horizon turns.
    Arguments: inputs ("iid", "periodic" or "adversarial", default "iid"), actions (int, 2-100,
        default 5), resources (int, 1-8, default 2), rate (float, 0.001-1, default 0.3), period
        (int, 2-1000, default 50), growth (float, 1.01-1000, default 10), horizon (int, default 50):
        as in the numeric environment; memory ("none", "table" or "raw", default "table"): what is
        repeated of past rounds; names ("shown" or "hidden", default "shown"): the story, or a pure
        bandit; wording (0, 1 or 2, default 0): which paraphrase; and those of every text
        environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": OnlineAllocationCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = OnlineAllocationCore
    core: OnlineAllocationCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50}
    columns: ClassVar[tuple[Column, ...]] = (Column("reward", digits=2),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()

    def rules(self) -> str:
        core = self.core
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon,
            offers=core.actions - 1,
            resources=core.resources,
            budget=core.budget,
        )
        noun = "an order you take, or 0" if self.shown else "a valid action"
        return (
            f"{told}\nWhat is on offer changes from round to round; the numbers only tell this round's"
            f" apart.\nReply with <action>N</action>, N the number of {noun}. Any other reply costs"
            " a round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        valid = scalar.mask().tolist()
        left, noun = ("Materials left", "Order") if self.shown else ("Budgets left", "Action")
        pays, costs = ("pays", "needs") if self.shown else ("reward", "costs")
        lines = [f"{left}: {_numbers(scalar.left)}."]
        for number in range(1, self.core.actions):
            cost = _numbers(scalar.costs[number])
            barred = "" if valid[number] else " (more than is left: invalid)"
            reward = scalar.rewards[number]
            lines.append(f"{noun} {number}: {pays} {reward:.3f}, {costs} {cost}{barred}")
        return "\n".join(lines)

    def result(self, action: Any, facts: Facts) -> str:
        if int(action) == 0:
            return "No order was taken." if self.shown else "Action 0: reward 0.000."
        if self.shown:
            return f"Order {action} was taken and paid {facts['utility']:.3f}."
        return f"Action {action}: reward {facts['utility']:.3f}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action; 0: none"]) -> str:
        """Play one round with an action."""
        return self.play_round(action)


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
