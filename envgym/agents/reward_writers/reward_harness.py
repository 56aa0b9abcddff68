"""F6: a judge's library of skills and tools that grows only where held-out agreement rises."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from envgym.agents.judges.template import load_template
from envgym.agents.judges.verdict import Judge
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import load_prompt
from envgym.agents.reward_writers.writer import Writer, json_block
from envgym.rewards.generated.value import Check, GeneratedReward
from envgym.types import Candidate, CodeLimits, CodeRunner, ConfigError, Policy, Stream
from envgym.types.errors import unknown

FUNCTION = "measure"
_LONGEST = 2_000
_SHOWN = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One labelled comparison."""

    better: Candidate
    worse: Candidate


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the library."""

    kind: Literal["skill", "tool"]
    name: str
    text: str
    """Advice, or code that defines ``measure(text)``."""


@dataclass(frozen=True, slots=True)
class Library:
    """Skills and tools, in the order they were added; at most one per name."""

    entries: tuple[Entry, ...] = ()

    def edited(self, edit: Any, *, tools: bool = True) -> "Library":
        """Return the library after one edit.

        Args:
            edit: {"op": add, replace or remove, "kind", "name", "text"}.
            tools: whether tools are allowed, which needs a code runner.

        Raises:
            ConfigError: one sentence for the writer.
        """
        if not isinstance(edit, Mapping):
            raise ConfigError("the answer holds no JSON object with an edit.")
        op, name = str(edit.get("op")), str(edit.get("name", ""))
        if op not in ("add", "replace", "remove"):
            raise ConfigError(unknown("op", op, ("add", "replace", "remove")))
        there = {entry.name: entry for entry in self.entries}
        if not name.isidentifier():
            raise ConfigError(f"a name must be letters, digits and underscores, got {name!r:.60}.")
        if (op == "add") == (name in there):
            raise ConfigError(
                f"'{name}' is in the library already."
                if op == "add"
                else unknown("entry", name, there)
            )
        if op == "remove":
            return Library(tuple(entry for entry in self.entries if entry.name != name))
        kind, text = edit.get("kind", "skill"), edit.get("text")
        if kind not in ("skill", "tool"):
            raise ConfigError(unknown("kind of entry", str(kind), ("skill", "tool")))
        if kind == "tool" and not tools:
            raise ConfigError("tools are not allowed here: there is no code runner.")
        if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
            raise ConfigError(f"an entry's text must have 1 to {_LONGEST} characters.")
        if kind == "skill":
            text = " ".join(text.split())
        new = Entry(kind, name, text)
        if op == "add":
            return Library((*self.entries, new))
        return Library(tuple(new if entry.name == name else entry for entry in self.entries))

    def to_reward(self, parent: "Library | None" = None) -> GeneratedReward:
        """Return the library as a versioned prompt."""
        made = GeneratedReward("prompt", str(self), schema="reward_harness")
        version = "" if parent is None else parent.to_reward().version
        return replace(made, parent=version).examined((Check("form", True),))

    @classmethod
    def from_reward(cls, reward: GeneratedReward) -> "Library":
        """Return the library that ``to_reward`` wrote."""
        lines = json.loads(reward.body)
        return cls(tuple(Entry(**each) for each in lines))

    def __str__(self) -> str:
        rows = [{"kind": e.kind, "name": e.name, "text": e.text} for e in self.entries]
        return json.dumps(rows, indent=1, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Harnessed:
    """How a loop ended."""

    library: Library
    agreement: float
    """With the held-out preferences."""
    history: History


class LibraryJudge:
    """Scores attempts with a judge that is shown the library's advice and its tools' results.

    Args:
        judge: asked once per attempt, on the packaged prompt ``template``.
        runner: runs the tools; None: libraries with tools are refused.
        template: a pointwise prompt with the field ``criteria``.
        limits: of one tool over all attempts.
    """

    def __init__(
        self,
        judge: Judge,
        runner: CodeRunner | None = None,
        *,
        template: str = "pointwise",
        limits: CodeLimits | None = None,
    ) -> None:
        self.judge, self.runner = judge, runner
        self.template = load_template(template)
        self.limits = limits or CodeLimits(seconds=10.0, memory_mb=256)

    def scores(self, library: Library, candidates: Sequence[Candidate]) -> list[float | None]:
        """Return a score per attempt; None where the judge could not answer."""
        measured = [self._measure(e, candidates) for e in library.entries if e.kind == "tool"]
        skills = [entry.text for entry in library.entries if entry.kind == "skill"]
        questions = []
        for i, each in enumerate(candidates):
            criteria = (*skills, *(told[i] for told in measured if told[i]))
            questions.append(
                self.template.ask(
                    instruction=each.instruction,
                    transcript=each.text,
                    criteria=criteria or None,
                )
            )
        return [verdict.value for verdict in self.judge.judge(questions)]

    def agreement(
        self, library: Library, preferences: Sequence[Preference]
    ) -> tuple[float, list[Preference]]:
        """Return the share of preferences the judge agrees with, and those it does not.

        A tie counts half, and a score that is missing not at all; both are mistakes.
        """
        asked = [c for p in preferences for c in (p.better, p.worse)]
        found = self.scores(library, asked)
        won, wrong = 0.0, []
        for p, high, low in zip(preferences, found[::2], found[1::2], strict=True):
            value = 0.0 if high is None or low is None else (high > low) + 0.5 * (high == low)
            won += value
            if value < 1.0:
                wrong.append(p)
        return won / len(preferences), wrong

    def _measure(self, tool: Entry, candidates: Sequence[Candidate]) -> list[str]:
        """Return what a tool says about each attempt; "" where it says nothing that can be used."""
        if self.runner is None:
            raise ConfigError(f"tool '{tool.name}' needs a code runner, and there is none.")
        inputs = [{"text": each.text} for each in candidates]
        result = self.runner.call(tool.text, FUNCTION, inputs, self.limits)
        if result.status != "ok":
            return [""] * len(candidates)
        return [
            f"{tool.name}: {value!s:.200}" if isinstance(value, str | int | float) else ""
            for value in result.values
        ]


def reward_harness(
    policy: Policy,
    judge: LibraryJudge,
    preferences: Sequence[Preference],
    *,
    held_out: float = 0.5,
    edits: int = 20,
    start: Library | None = None,
    shown: int = 5,
    history: History | None = None,
    seed: int = 0,
) -> Harnessed:
    """Return the library after ``edits`` proposals, each kept only if held-out agreement rises.

    Source:  cookbook F6, RewardHarness (inferred: a library of tools and skills, about 100
             labelled preferences, edits accepted by held-out agreement; the split, the form of an
             edit and all numbers are ours)
    Laws:    agreement on the held-out part rises with every accepted edit and never falls; the
             writer is shown mistakes of the other part only

    Args:
        policy: the writer.
        judge: uses the library.
        preferences: labelled comparisons.
        held_out: share of them that decides, between 0 and 1.
        edits: proposals, 0 or more.
        start: the library to begin with.
        shown: mistakes per question.
        history: logs and continues; None: in memory.
        seed: of the split and of the writer's sampling.

    Raises:
        ConfigError: either part would be empty, or the history is of other settings.
    """
    order = list(range(len(preferences)))
    Stream(seed, "reward_harness", "split").shuffle(order)
    cut = round(len(order) * held_out)
    if not 0 < cut < len(order):
        raise ConfigError(
            f"reward_harness needs preferences on both sides of the split, got {cut} held out of "
            f"{len(order)}."
        )
    test, train = ([preferences[i] for i in part] for part in (order[:cut], order[cut:]))
    library = start or Library()
    log = history or History()
    log.begin("reward_harness", {"start": str(library), "seed": seed, "held_out": held_out})
    writer, prompt = Writer(policy, seed=seed), load_prompt("reward_harness")
    agreement, _ = judge.agreement(library, test)
    refused = ""
    for number in range(edits):
        step = f"edit {number}"
        if step not in log.steps:
            _, wrong = judge.agreement(library, train)
            picked = wrong[:shown] or train[:shown]
            mistakes = "\n\n".join(map(_mistake, picked))
            messages = prompt.fill(library=f"{library}\n{refused}".strip(), mistakes=mistakes)
            answer = json_block(writer.ask_one(step, messages).text or "")
            try:
                tried = library.edited(answer, tools=judge.runner is not None)
            except ConfigError as error:
                log.add(step, problem=str(error), accepted=False, prompt=prompt.tag)
            else:
                reached, _ = judge.agreement(tried, test)
                made = replace(tried.to_reward(library), fitness=reached)
                log.add(
                    step,
                    made,
                    library.to_reward(),
                    accepted=reached > agreement,
                    before=agreement,
                    prompt=prompt.tag,
                )
        line, proposed = log.steps[step], log.reward(step)
        if line["accepted"] and proposed is not None:
            library, agreement = Library.from_reward(proposed), float(proposed.fitness or 0.0)
            refused = ""
        else:
            why = line.get("problem") or "agreement on other comparisons did not rise"
            refused = f"The last proposal was refused: {why}"
    return Harnessed(library, agreement, log)


def _mistake(preference: Preference) -> str:
    parts = [f"task: {preference.better.instruction}"]
    parts += [f"better: {_cut(preference.better.text)}", f"worse: {_cut(preference.worse.text)}"]
    return "\n".join(parts)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}\n[...]\n{text[-_SHOWN // 2 :]}"
