"""envgym/DisengageText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.disengage.core import ACTIONS, DisengageCore
from envgym.envs.bandits.disengage.env import DECLARES
from envgym.envs.bandits.disengage.oracle import LIFT, REVENUE
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

NAMES = ("squeeze", "sell", "offer", "help", "delight")
"""What the actions are called in the story, by number."""
STORY = (
    "You look after one user of a service for {horizon} rounds. The user's satisfaction has levels"
    " 0 to {top}. While the user is engaged, your action earns something and changes the level (it"
    " stays between 0 and {top}):\n{actions}\nAfter each round the user may disengage: the higher"
    " the level, the rarer. A disengaged user earns nothing whatever you do; the level stays, and"
    " the user comes back sooner the higher it is. Earn as much as you can.",
    "A service earns from one user, round by round, {horizon} rounds in all. Each action trades"
    " earnings now for satisfaction, a level from 0 to {top}:\n{actions}\nA satisfied user is likely"
    " to stay; an unsatisfied one goes away, earns you nothing and returns after a while, later if"
    " the level is low. Your actions do nothing while the user is away. The goal: the most"
    " earnings in total.",
    "Task: maximise total earnings from one user over {horizon} rounds. State: satisfaction level (0"
    " to {top}) and whether the user is engaged. Actions while engaged:\n{actions}\nThe chance of"
    " being engaged in the next round rises with the level, both for a user who is there and for"
    " one who is away; for the latter actions are ignored, the level stays and nothing is earned.",
)
PLAIN = (
    "{horizon} rounds. A state has a level, 0 to {top}, and is on or off. While it is on, an action"
    " pays a reward and moves the level, within 0 to {top}:\n{actions}\nWhether it is on in the next"
    " round depends on chance; higher levels make on more likely. While it is off, actions are"
    " ignored, nothing is paid and the level stays. Collect the most reward.",
    "A Markov decision process of {horizon} rounds with levels 0 to {top} and an on/off"
    " flag:\n{actions}\nOn is likelier next round at higher levels. Off pays nothing and keeps the"
    " level, whatever you choose. Maximise the sum of rewards.",
    "Maximise the sum of rewards over {horizon} rounds. Only while the flag is on do actions pay and"
    " move the level (0 to {top}):\n{actions}\nThe flag is drawn anew after every round, with a"
    " chance of on that rises with the level.",
)


class DisengageText(NumericText):
    """Earn from a user now, or satisfy the user, who otherwise disengages [245].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the level of satisfaction in a word and a number, and whether the user is there.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn in which
        nothing happens, and never raises.
    Rewards and evidence: outcome pays the mean revenue of all turns, at the end; default. utility
        pays each revenue at once; dense and gated are the same here, where nothing is constrained;
        count and distillation add a bonus for novelty; process adds the value's share to the
        outcome; potential shapes utility by the exact value. Evidence: rounds, visits, utility,
        expected, violation, shortfall, value, engaged, progress, novelty, outcome.
    Starting state: engaged, at level begin, in every world; the seed draws what follows.
    End of episode: terminated after horizon turns; with stopping, after each round with
        probability 1 - discount.
    Arguments: levels (int, 2-1000, default 12), begin (int, default 6), reengage (float, 0.001-1,
        default 1), discount (float, 0-0.9999, default 0.97), floor (float, 0.001-1, default 0.15),
        rise (float, 0-1, default 0.8), bend (float, 0.1-10, default 1.5), stopping (bool, default
        False), horizon (int, default 50): as in the numeric environment; memory ("none", "table" or
        "raw", default "table"): what is repeated of past rounds; names ("shown" or "hidden",
        default "shown"): the story, or a pure bandit; wording (0, 1 or 2, default 0): which
        paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": DisengageCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = DisengageCore
    core: DisengageCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50}
    columns: ClassVar[tuple[Column, ...]] = (Column("reward", digits=2),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets(potential="value")

    def rules(self) -> str:
        core = self.core
        verb = "earns" if self.shown else "pays"
        actions = "\n".join(
            f"{self._called(number)}: {verb} {REVENUE[number]:.2f}, level {LIFT[number]:+d}"
            for number in range(ACTIONS)
        )
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon, top=core.levels - 1, actions=actions
        )
        stops = f"\nEach round is the last with chance {1.0 - core.discount:.4g}."
        return (
            f"{told}{stops if core.stopping else ''}\nReply with <action>N</action>, N the number of"
            f" an action, 0 to {ACTIONS - 1}, in every round. Any other reply costs a round that"
            " earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        top = self.core.levels - 1
        if not self.shown:
            return f"State: {'on' if scalar.on else 'off'}, level {scalar.level} of {top}."
        there = "engaged" if scalar.on else "away; whatever you choose is ignored"
        words = ("very low", "low", "middling", "high", "very high")
        word = words[min(4, 5 * scalar.level // (top + 1))]
        return f"Satisfaction is {word}, level {scalar.level} of {top}. The user is {there}."

    def result(self, action: Any, facts: Facts) -> str:
        called = self._called(int(action))
        if not facts["engaged"]:
            why = "The user was away" if self.shown else "The state was off"
            return f"{why}: {called} was ignored, reward 0.00."
        return f"{called}: reward {facts['utility']:.2f}."

    def word(self, action: Any) -> str:
        return self._called(int(action))

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action"]) -> str:
        """Play one round with an action."""
        return self.play_round(action)

    def _called(self, number: int) -> str:
        return f"{number} ({NAMES[number]})" if self.shown else str(number)
