"""envgym/SlateRetentionText-v0."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.envs.bandits.slate.evidence import DECLARES, slate_presets
from envgym.rewards import Program
from envgym.runtime.numeric.core import Core, Facts
from envgym.runtime.numeric.memory import Column
from envgym.runtime.numeric.text import NumericText
from envgym.runtime.tools import tool
from envgym.types import Evidence, Stream

TOPICS = ("music", "sport", "food", "travel", "film", "science", "games", "fashion", "cars", "art")
"""Names of the first categories in the story."""

STORY = (
    "You run a feed. In each of {horizon} rounds its user opens it and you show {slots} of "
    "{candidates} items, best place first; no item may be shown twice in a round. Each item shown "
    "can earn a click and a long view. What earns them: items of topics the user likes, of high "
    "quality, in high places, and not several of one topic; a topic shown again and again gets "
    "boring. {temper} When temper falls below 1 the user closes the feed; the better the session, "
    "the sooner the user is back, with temper 10. A user who stays "
    "away for more than {days} days is lost and the rest of the rounds with it. A round pays the share of clicks and long views earned, 0 to 1, "
    "minus {weight:g} times the share of {days} days that the absence after a session lasts beyond "
    "the first day. Earn as much as "
    "possible in all rounds.",
    "Your job: choose what a feed shows, {horizon} rounds long. Every round, order {slots} "
    "different items out of {candidates}, the most prominent place first. A shown item may bring a "
    "click and a long view, the likelier the more the user likes its topic, the better it is, the "
    "higher it stands, and the fewer items of its topic stand above it; topics shown lately wear "
    "out. {temper} Below temper 1 the session is over; how soon the user returns (with temper 10) "
    "depends on how good the session was, and after {days} days of absence there is no return and "
    "no further round. Payment per round: earned clicks and long views as a share of all possible, "
    "less {weight:g} times (days away - 1) / {days} when a session ended. Maximise the sum.",
    "A user reads a feed that you fill. There are {horizon} rounds. In each, name {slots} different "
    "items of the {candidates} on offer, from the top place down. Clicks and long views (one of "
    "each per item at most) depend on the user's taste for the topic, on quality, on the place, on "
    "repeats of a topic in the list and on how often the topic was shown of late. {temper} A user "
    "with temper below 1 goes away and returns after some days, sooner after a good session, with "
    "temper 10; one who stays away for more than {days} days never returns, which ends everything. "
    "You get the share of possible clicks and long views per round, and lose {weight:g} times "
    "(days away - 1) / {days} for every absence. The total counts.",
)
BANDIT = (
    "A bandit with lists. In each of {horizon} rounds choose an ordered list of {slots} different "
    "arms out of {candidates}. Each arm has a group and a grade from 0 to 1. Every listed arm pays "
    "0, 1 or 2 units; the chances depend on its group's unknown value, its grade, its place in the "
    "list (first is best), earlier arms of its group in the list, and how much of its group was "
    "listed lately. {temper} Below level 1 a phase ends, with a cost of up to {weight:g}, less after "
    "a good phase, and the level is 10 again, or everything ends. A round's reward is the share of "
    "units earned, 0 to 1, minus such a cost. Maximise the sum of rewards.",
    "Choose lists of arms, {horizon} times: {slots} different ones out of {candidates}, in order. An "
    "arm is known by group and grade (0 to 1); each listed arm gives up to 2 units, likelier for "
    "groups of high hidden value, high grades and early places, and less likely after arms of the "
    "same group in this list or in the latest ones. {temper} If it is below 1 a phase is over: a "
    "cost of at most {weight:g} is due, smaller if the phase went well, and it starts at 10 again, "
    "unless the episode ends there. Reward: units earned as a share of all possible, minus costs. "
    "The sum counts.",
    "There are {candidates} arms, each with a group and a grade between 0 and 1, and {horizon} "
    "rounds. A round plays an ordered list of {slots} different arms; every arm in it earns 0 to 2 "
    "units. Hidden group value, grade and an early place help; repeating a group, in a list or from "
    "list to list, hurts. {temper} Falling below 1 closes a phase: you pay up to {weight:g}, less "
    "after good results; then either it is 10 again or the episode is over. You earn the share of "
    "possible units per round minus what you pay. Make the total large.",
)
STOCK = {
    (True, "fixed"): "The same items are on offer in all rounds.",
    (True, "fresh"): "Other items are on offer in every round.",
    (False, "fixed"): "The arms are the same in all rounds.",
    (False, "fresh"): "The arms are others in every round.",
}
TEMPERS = {
    (True, "response"): "The user's temper starts at 10 and falls by 2 minus the mean number of "
    "clicks and long views per item.",
    (True, "clock"): "The user's temper starts at 10 and falls by 1 per round.",
    (False, "response"): "A level starts at 10 and falls by 2 minus the mean units per arm.",
    (False, "clock"): "A level starts at 10 and falls by 1 per round.",
}
ANSWER = (
    "Answer with {slots} different numbers from 0 to {last}, for instance "
    '<tool_call>{{"name": "choose", "arguments": {{"items": {example}}}}}</tool_call>. An answer '
    "without a valid list costs the round and earns nothing."
)


class SlateRetentionText(NumericText):
    """Serve a feed in words: slates for a user who comes back, or does not.

    Observation: str, at most 8,192 characters. The result of the round, slates tried so far
        (memory), what is known of the user, and the candidates.
    Action: str, the whole message. Tools: choose. A list that is too short, repeats an item or
        names an unknown one costs a turn and moves nothing; nothing raises.
    Rewards and evidence: outcome, the default, is the mean utility of all turns, cut to 0 to 1.
        utility pays signals of the slate minus the cost of absence every round; immediate and
        retention one channel; item, page and page_item the slate itself. dense and gated equal
        utility, there being no constraint; process and potential shape with progress and patience;
        count adds a bonus for new slates, distillation one that is 0 here. Evidence: rounds,
        visits, utility, expected, violation, immediate, retention, shortfall, ndcg, item_reward,
        page_reward, relevance, ranking, diversity, redundancy, patience, sessions, days, progress,
        novelty, outcome.
    Starting state: a user and candidates, fixed by the task's world.
    End of episode: terminated after horizon turns, when the user is lost, or after the last
        session.
    Arguments: as in the numeric environment: horizon (default 50), candidates (default 6), slots
        (default 2), categories (default 3), profile (default False: interests are hidden),
        catalogue (default "fixed"), sessions, requests, days, temper, pull, base, weight, boredom,
        repeat_loss, attention, linger; memory ("none", "table" or "raw", default "table"): what is
        repeated of past rounds; under a fresh catalogue "table" shows topics alone, since numbers
        then mean other items every round; names ("shown" or "hidden", default "shown"): the story,
        or a pure bandit; wording (0, 1 or 2, default 0): paraphrase; and those of every text
        environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **NumericText.metadata,
        "stream": SlateRetentionCore.stream,
        "version": "0",
    }
    core_class: ClassVar[type[Core]] = SlateRetentionCore
    declares: ClassVar[tuple[Evidence, ...]] = DECLARES
    defaults: ClassVar[Mapping[str, Any]] = {
        "horizon": 50,
        "candidates": 6,
        "slots": 2,
        "categories": 3,
        "profile": False,
        "catalogue": "fixed",
    }
    columns: ClassVar[tuple[Column, ...]] = (Column("reward"),)
    core: SlateRetentionCore

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        if self.core.catalogue == "fresh" and self.memory == "table":
            self.memory = "none"

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return slate_presets()

    def rules(self) -> str:
        """Return the task in words."""
        core = self.core
        told = (STORY if self.shown else BANDIT)[self.wording]
        task = told.format(
            horizon=core.horizon,
            slots=core.slots,
            candidates=core.candidates,
            days=core.days,
            weight=core.weight,
            temper=TEMPERS[self.shown, core.temper],
        )
        example = list(range(core.slots))[::-1]
        answer = ANSWER.format(slots=core.slots, last=core.candidates - 1, example=example)
        return f"{task} {STOCK[self.shown, core.catalogue]}\n\n{answer}"

    def situation(self) -> str:
        """Return the user's state, what each topic earned so far, and the candidates."""
        core, scalar = self.core, self.play.scalar
        seen = scalar.observe()
        temper, ended, requests, away = seen["user"].tolist()
        if self.shown:
            back = f", back after {away:.0f} days" if ended and not requests else ""
            lines = [f"Session {ended + 1:.0f} of {core.sessions}{back}; temper {temper:.1f}."]
        else:
            lines = [f"Phase {ended + 1:.0f} of {core.sessions}; level {temper:.1f}."]
        told = []
        for group in range(core.categories):
            count, liked = int(seen["shown"][group]), seen["liked"][group]
            earned = f"shown {count}, earned {liked:.0%}" if count else "not shown yet"
            interest = f", interest {seen['interest'][group]:.2f}" if core.profile else ""
            told.append(f"{self._topic(group)} {earned}{interest}")
        lines.append(f"{'; '.join(told)}.")
        items = "; ".join(
            f"{item}: {self._topic(int(group))}, {quality:.2f}"
            for item, (group, quality) in enumerate(
                zip(seen["category"].tolist(), seen["quality"].tolist(), strict=True)
            )
        )
        what = "Items (topic, quality)" if self.shown else "Arms (group, grade)"
        return "\n".join([*lines, f"{what}: {items}."])

    def _topic(self, group: int) -> str:
        if self.shown and self.core.categories <= len(TOPICS):
            return TOPICS[group]
        return f"group {group + 1}"

    def result(self, action: Any, facts: Facts) -> str:
        """Return what the slate earned, and whether the session ended."""
        earned = self.play.scalar.earned  # type: ignore[attr-defined]  # the family's own
        units = "clicks and long views per item" if self.shown else "units per arm"
        each = ", ".join(
            f"{item}: {won}" for item, won in zip(action.tolist(), earned, strict=True)
        )
        told = f"Reward {facts['utility']:.3f}. {units.capitalize()}: {each}."
        if not facts["days"]:
            return told
        if not self.shown:
            return f"{told} The phase ended, at a cost of {-facts['retention']:.3f} of its most."
        if facts["retention"] <= -1.0:
            return f"{told} The user closed the feed and did not come back."
        return f"{told} The user closed the feed and came back after {facts['days']} days."

    def expert(self) -> Any:
        """Return the best slate of this request."""
        return self.play.scalar.expert()  # type: ignore[attr-defined]  # the family's own

    def word(self, action: Any) -> str:
        """Return a slate as "3, 1"."""
        return ", ".join(map(str, action))

    def random_choice(self, stream: Stream) -> Any:
        """Return a uniformly drawn slate."""
        return stream.sample(range(self.core.candidates), self.core.slots)

    def exploits(self) -> dict[str, list[str]]:
        """Return messages that claim, repeat an item, or show everything."""
        again = [0] * self.core.slots
        whole = list(range(self.core.candidates + 1))
        return {
            **super().exploits(),
            "shows one item in every place": [self.action_message(again)] * 8,
            "shows more than there is": [self.action_message(whole)] * 8,
        }

    @tool
    def choose(
        self,
        items: Annotated[
            list[int], Field(max_length=20, examples=[[1, 0]]), "numbers from the top"
        ],
    ) -> str:
        """Play one round with a list of different numbers."""
        return self.play_round(items)
