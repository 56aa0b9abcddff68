"""envgym/StochasticMatchingText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.stochastic_matching.core import StochasticMatchingCore
from envgym.envs.bandits.stochastic_matching.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "You place advertisements on a page. {horizon} visitors come, one per round. {n} advertisers,"
    " numbered 0 to {last}, each pay once: 1 for their first click, then they are gone. A visitor"
    " may only be shown an advertiser who is still open to clicks and whom the visitor has a chance"
    " of clicking; those chances are listed. Without a click nothing changes. {n} shows nothing."
    " Which advertisers visitors care for may change over time. Collect as many paid clicks as you"
    " can.",
    "{n} advertisers (0 to {last}) want one click each and pay 1 for it. Over {horizon} rounds one"
    " visitor at a time arrives; choose whose advertisement to show, out of the listed advertisers"
    " who have had no click yet, or {n} for none. The click comes with the listed chance; if it"
    " does, that advertiser is served for good. Later visitors may care for others. The goal: most"
    " clicks.",
    "Task: serve as many of {n} advertisers as possible within {horizon} visits. Each advertiser, 0"
    " to {last}, is served by one click, worth 1. At a visit the open advertisers with their click"
    " chances are listed: show one of them, or choose {n} to pass. A visit without a click is lost,"
    " the advertiser stays open. Coming visitors may have other interests.",
)
PLAIN = (
    "{horizon} rounds. Nodes 0 to {last} can each be matched once, which pays 1. Each round lists the"
    " nodes that are available and their chances; choose one of them, or {n} to skip. With its"
    " chance the node is matched and gone, else nothing changes. Later rounds may list other nodes."
    " Earn as much as you can.",
    "Online matching with stochastic rewards: {n} offline nodes (0 to {last}), {horizon} arrivals."
    " Per arrival choose an available neighbour, listed with its success probability, or {n} for"
    " none. A success pays 1 and removes the node. Neighbours differ between arrivals. Collect the"
    " most reward.",
    "Maximise the number of matched nodes out of {n}, numbered 0 to {last}, in {horizon} rounds. The"
    " valid nodes of a round are listed with their chances of a match, worth 1; {n} does nothing. A"
    " matched node never returns; other rounds may offer other nodes.",
)


class StochasticMatchingText(NumericText):
    """Decide whose advertisement each visitor sees; every advertiser pays for one click [257].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, and the present arrival's open neighbours with chance and load (the sum of the chances
        that were spent on them).
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn, the arrival
        keeps waiting, and nothing raises.
    Rewards and evidence: outcome pays matches / min(nodes, horizon) at the end; default. utility
        pays 1 per match at once; dense and gated are the same here, where nothing is constrained;
        process adds the potential of progress to the outcome; count and distillation add a bonus
        for novelty. Evidence: rounds, visits, utility, expected, violation, matched, progress,
        novelty, outcome.
    Starting state: instance and numbering from the task's world, results from the seed.
    End of episode: terminated after horizon turns.
    Arguments: nodes (int, 1-200, default 5), horizon (int, default 50), instance ("triangular",
        "block" or "random", default "triangular"), probability (float, default 0.1), spread (float,
        default 0), density (float, default 0.3), shuffled (bool, default True): as in the numeric
        environment; memory ("none", "table" or "raw", default "table"): what is repeated of past
        rounds; names ("shown" or "hidden", default "shown"): the story, or a pure bandit; wording
        (0, 1 or 2, default 0): which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": StochasticMatchingCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = StochasticMatchingCore
    core: StochasticMatchingCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50, "nodes": 5}
    columns: ClassVar[tuple[Column, ...]] = (Column("reward", digits=2),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()

    def rules(self) -> str:
        n = self.core.nodes
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=self.core.horizon, n=n, last=n - 1
        )
        noun = "an open advertiser" if self.shown else "an available node"
        spent = "an advertiser" if self.shown else "a node"
        return (
            f"{told} The load of {spent} is the sum of the chances spent on it so far.\nReply with <action>K</action>, K the number of {noun}, or {n} for none. Any"
            " other reply costs a round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        listed = [
            f"{i} (chance {p:.3f}, load {load:.2f})"
            for i, (p, load, free) in enumerate(
                zip(scalar.chance, scalar.load, scalar.available, strict=True)
            )
            if free and p > 0.0
        ]
        gone = [str(i) for i, free in enumerate(scalar.available) if not free]
        arrival, noun, done = (
            ("Visitor", "Open advertisers", "Served")
            if self.shown
            else ("Arrival", "Available nodes", "Matched")
        )
        return (
            f"{arrival} {scalar.t + 1} of {self.core.horizon}. {noun}:"
            f" {', '.join(listed) or 'none'}. {done}: {', '.join(gone) or 'none'}."
            f" {self.core.nodes}: {'nothing' if self.shown else 'skip'}."
        )

    def result(self, action: Any, facts: Facts) -> str:
        if action == self.core.nodes:
            return "Nothing was shown." if self.shown else "Skipped. Reward 0."
        if self.shown:
            return f"Advertiser {action}: {'a click, paid 1' if facts['utility'] else 'no click'}."
        return f"Node {action}: reward {facts['utility']:.0f}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the node, or of none"]) -> str:
        """Play one round: give the arrival to a node, or to none."""
        return self.play_round(action)
