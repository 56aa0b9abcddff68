"""envgym/PaymentBanditText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.payment.core import PaymentBanditCore
from envgym.envs.bandits.payment.env import DECLARES
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.numeric.text import Column, NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence

STORY = (
    "You route card payments. Each of {horizon} rounds brings one payment request, described by"
    " {features} numbers, and you try one intervention, numbered 0 to {last}, on it. Not all"
    " need be available for a request. Whether the bank authorises depends on the numbers and on the"
    " intervention, in a way that stays the same and that you have to learn. The bank's answers"
    " come in batches: after every {batch} requests you are told all {batch} of them. Get as many"
    " payments authorised as you can.",
    "Payment requests arrive one by one, {horizon} in all. For each you see {features} numbers and"
    " the interventions that can be used, out of 0 to {last}; choose one. The bank then authorises"
    " the payment or refuses it: the odds follow from the numbers and your choice by a fixed,"
    " unknown rule. You hear the verdicts {batch} at a time. The goal: most authorisations.",
    "Task: maximise authorised payments over {horizon} requests. Per request you get {features}"
    " features and a list of usable interventions from 0 to {last}. A fixed rule, not told to you,"
    " turns features and intervention into a chance of authorisation. Verdicts are held back until"
    " {batch} requests are complete, then all are shown at once.",
)
PLAIN = (
    "Each of {horizon} rounds shows a context of {features} numbers and the available actions out"
    " of 0 to {last}; choose one. It pays 1 or 0, with a chance that depends on context and action"
    " by a fixed unknown rule. Rewards are revealed after every {batch} rounds. Earn as much as you"
    " can.",
    "A contextual bandit: {horizon} rounds, {features} features, actions 0 to {last}, not all of"
    " them available each time. Rewards are 0 or 1; their chances follow from features and action"
    " in a fixed way. They are shown {batch} at a time. Collect the most reward.",
    "Maximise the sum of 0/1 rewards over {horizon} rounds. You see {features} features and which"
    " of the actions 0 to {last} may be played. An unknown fixed rule gives the odds. Feedback is"
    " delayed: every {batch} rounds, all rewards since the last time.",
)
_LISTED = 50
"""Answers listed at most when a batch is complete."""


class PaymentBanditText(NumericText):
    """Pick interventions for payment requests; the bank's answers arrive in batches [50].

    Observation: str, at most 8,192 characters. The line on the last round, what was revealed so
        far, the request's features and the available interventions.
    Action: str, the whole message. Tools: choose. A missing or bad call costs a turn, in which
        nothing is authorised, and never raises.
    Rewards and evidence: outcome pays the share of turns that were authorised, at the end; default.
        utility pays 1 per authorised payment at once; dense and gated are the same here, where
        nothing is constrained; count and distillation add a bonus for novelty; process adds the
        progress of intervals to the outcome. Evidence: rounds, visits, utility, expected,
        violation, shortfall, progress, novelty, outcome.
    Starting state: coefficients from the task's world, requests from the seed.
    End of episode: terminated after horizon turns.
    Arguments: actions (int, 2-127, default 4), features (int, 1-64, default 2), available (float,
        0.01-1, default 0.7), intercept (float, -10 to 10, default 2), slope (float, 0-10, default
        1), batch (int, 1-100,000, default 5), horizon (int, default 50): as in the numeric
        environment; memory ("none", "table" or "raw", default "table"): what is repeated of the
        revealed rounds; names ("shown" or "hidden", default "shown"): the story, or a pure bandit;
        wording (0, 1 or 2, default 0): which paraphrase; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": PaymentBanditCore.stream,
        "version": "0",
        "cost": "cheap",
    }
    core_class: ClassVar[type[Core]] = PaymentBanditCore
    core: PaymentBanditCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {
        "horizon": 50,
        "actions": 4,
        "features": 2,
        "slope": 1.0,
        "batch": 5,
    }
    columns: ClassVar[tuple[Column, ...]] = (Column("reward", digits=2),)

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return numeric_presets()

    def rules(self) -> str:
        core = self.core
        told = (STORY if self.shown else PLAIN)[self.wording].format(
            horizon=core.horizon, features=core.features, last=core.actions - 1, batch=core.batch
        )
        noun = "intervention" if self.shown else "action"
        return (
            f"{told}\nReply with <action>N</action>, N the number of an available {noun}. Any other"
            " reply costs a round that earns nothing."
        )

    def situation(self) -> str:
        scalar: Any = self.play.scalar
        features = ", ".join(f"{value:+.2f}" for value in scalar.features)
        usable = ", ".join(str(a) for a, ok in enumerate(scalar.allowed) if ok)
        if self.shown:
            return f"Request {scalar.t + 1}: {features}. Available interventions: {usable}."
        return f"Context {scalar.t + 1}: {features}. Available actions: {usable}."

    def result(self, action: Any, facts: Facts) -> str:
        number, batch = self.play.scalar.t, self.core.batch
        waiting = number % batch
        if waiting:
            what = f"Request {number} was sent with intervention {action}"
            if not self.shown:
                what = f"Action {action} was played in context {number}"
            return f"{what}; {waiting} of {batch} in this batch."
        yes, no, legend = ("reward 1", "reward 0", "By context (action)")
        if self.shown:
            yes, no, legend = ("authorised", "refused", "By request (intervention)")
        latest = self.play.memory.log[-batch:]
        listed = "; ".join(
            f"{t + 1} ({played}) {yes if values[0] > 0.5 else no}"
            for t, played, values in latest[-_LISTED:]
        )
        total = sum(values[0] > 0.5 for _, _, values in latest)
        unit = "authorised" if self.shown else "reward"
        left_out = f", the last {_LISTED}" if batch > _LISTED else ""
        return f"Batch complete, {unit} {total} of {batch}. {legend}{left_out}: {listed}."

    def expert(self) -> int:
        scalar: Any = self.play.scalar
        best: int = scalar.expert()
        return best

    @tool
    def choose(self, action: Annotated[int, Field(ge=0), "number of the action"]) -> str:
        """Play one round with an available action."""
        return self.play_round(action)
