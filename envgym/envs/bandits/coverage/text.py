"""envgym/CoverageText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.coverage.core import CoverageCore
from envgym.envs.bandits.coverage.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "You choose sites for {horizon} observation posts, one per round, out of {sets} sites numbered 0"
    " to {last}; none twice. Each site sees some of {items} species, as listed. {gain} {weights} Your"
    " score is the total at the end.",
    "{items} species live in a reserve, and {sets} sites (0 to {last}) each show some of them. Pick"
    " {horizon} different sites, one after the other. {gain} {weights} Each round pays what the new"
    " site adds.",
    "Task: pick {horizon} of the sites 0 to {last}, one per round and each at most once, so that what"
    " they show together of {items} species is worth most. {gain} {weights}",
)
PLAIN = (
    "Choose {horizon} of {sets} sets, numbered 0 to {last}, one per round and none twice. Each set"
    " holds some of {items} items, as listed. {gain} {weights} A round pays what its set adds.",
    "A submodular bandit: {horizon} rounds, sets 0 to {last} over {items} items, each set at most"
    " once. {gain} {weights} The reward of a round is the marginal gain of its set.",
    "Maximise F of {horizon} different sets out of 0 to {last}, chosen one per round, each with some"
    " of {items} items. {gain} {weights} Rewards are the increases of F.",
)
STORY_GAIN = {
    "cover": "A species counts once, however often it is seen, and all species together count 1.",
    "sqrt": "A species seen from c picked sites counts by the square root of c / {horizon}, and all"
    " species together count at most 1.",
}
PLAIN_GAIN = {
    "cover": "An item counts once, however often it is chosen, and all items together count 1.",
    "sqrt": "An item in c chosen sets counts by the square root of c / {horizon}, and all items"
    " together count at most 1.",
}


class CoverageText(NumericText):
    """Choose sites that together show most species: a submodular reward [223].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the sets not taken with their items, and what the chosen ones hold.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn and never
        raises.
    Rewards and evidence: outcome pays the value F of the chosen sets at the end, 0 to 1; default.
        utility pays what each round added, which sums to the same; dense and gated are utility
        here, where nothing is constrained; process adds the potential of progress to the outcome;
        count and distillation add a bonus for novelty. Evidence: rounds, visits, utility, expected,
        violation, shortfall, covered, progress, novelty, outcome.
    Starting state: sets and weights from the task's world; nothing chosen.
    End of episode: terminated after horizon turns.
    Arguments: sets (int, 1-100, default 12), items (int, 1-1,000, default 20), horizon (int, 1-sets,
        default 4), density (float, default 0.2), gain ("cover" or "sqrt", default "cover"), weights
        ("equal" or "random", default "equal"): as in the numeric environment; memory ("none",
        "table" or "raw", default "table"): what is repeated of past rounds; names ("shown" or
        "hidden", default "shown"): the story, or a pure bandit; wording (0, 1 or 2, default 0):
        which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": CoverageCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = CoverageCore
    core: CoverageCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 4, "sets": 12, "items": 20}
    columns: ClassVar[tuple[Column, ...]] = (Column("gain"),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()

    def rules(self) -> str:
        core = self.core
        things = "species" if self.shown else "items"
        weights = f"All {things} weigh the same."
        if core.weights == "random":
            weights = f"The weights of {things} are listed."
        gain = (STORY_GAIN if self.shown else PLAIN_GAIN)[core.gain].format(horizon=core.horizon)
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon,
            sets=core.sets,
            last=core.sets - 1,
            items=core.items,
            gain=gain,
            weights=weights,
        )
        noun = "a site that was not picked" if self.shown else "a set that was not taken"
        return (
            f"{told}\nReply with <action>K</action>, K the number of {noun}. Any other reply costs a"
            " round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        site, item, gone = (
            ("Site", "species", "picked") if self.shown else ("Set", "items", "taken")
        )
        free = [i for i in range(self.core.sets) if i not in scalar.taken]
        lines = [f"{site} {i}: {_listed(scalar.sets[i])}" for i in free]
        if self.core.weights == "random":
            weights = ", ".join(f"{i} {weight:.3f}" for i, weight in enumerate(scalar.weights))
            lines.insert(0, f"Weights of {item}: {weights}.")
        held = [
            f"{i} ({count} times)" if count > 1 else str(i)
            for i, count in enumerate(scalar.counts)
            if count
        ]
        lines.append(
            f"Already {gone}: {_listed(sorted(scalar.taken))}, with {item} {_listed(held)};"
            f" value {scalar.value:.3f}."
        )
        return "\n".join(lines)

    def result(self, action: Any, facts: Facts) -> str:
        site = "Site" if self.shown else "Set"
        return f"{site} {action} added {facts['utility']:.3f}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the set"]) -> str:
        """Take a set that was not taken yet."""
        return self.play_round(action)


def _listed(things: Any) -> str:
    return ", ".join(map(str, things)) or "none"
