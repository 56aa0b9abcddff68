"""F5: a judge's points that are analysed, refined and merged while training goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envgym.agents.judges.template import Template, load_template
from envgym.agents.judges.verdict import Judge
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import load_prompt
from envgym.agents.reward_writers.writer import Writer, json_block
from envgym.rewards.generated.value import Check, GeneratedReward
from envgym.types import Candidate, ConfigError, Policy

Scored = tuple[Candidate, float | None]
"""An attempt and the judge's score; None: the judge could not answer."""

_POINT = 300
"""Characters of one point."""
_SHOWN = 4_000
"""Characters of one attempt that the meta-judge reads: its beginning and its end."""


def first_prompt(points: Sequence[str], template: str = "pointwise") -> GeneratedReward:
    """Return the judge prompt that an evolution starts from: one point per line.

    Args:
        points: what the judge weighs.
        template: the packaged prompt they are put into; it keeps the form of the answer, which
            no edit can break.

    >>> first_prompt(["It is shown by a tool result."]).kind
    'prompt'
    """
    _template(template)
    checked = _checked(list(points), len(points))
    if isinstance(checked, str):
        raise ConfigError(f"first_prompt: {checked}.")
    body = "\n".join(checked)
    return GeneratedReward("prompt", body, schema=_template(template).tag).examined(
        (Check("points", True),)
    )


def judge_scores(
    judge: Judge,
    reward: GeneratedReward,
    candidates: Sequence[Candidate],
    template: str = "pointwise",
) -> list[float | None]:
    """Return the judge's score of each attempt under this version's points; None if invalid.

    Raises:
        ConfigError: the reward is no judge prompt, or was made for another template.
    """
    asked = _template(template)
    if reward.kind != "prompt" or reward.schema != asked.tag:
        raise ConfigError(
            f"generated reward {reward.version} is no prompt for {asked.tag}: it is a "
            f"{reward.kind} for {reward.schema}."
        )
    questions = [
        asked.ask(
            instruction=each.instruction,
            transcript=each.text,
            criteria=tuple(reward.body.splitlines()),
        )
        for each in candidates
    ]
    return [verdict.value for verdict in judge.judge(questions)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaPolicy:
    """The meta-judge: every ``every`` training steps it edits the judge's points.

    Source:  cookbook F5, MPO (inferred: every n steps a meta-judge reads task, rollouts, scores
             and rubric, and edits it by analysing, refining and merging; all numbers are ours)
    Laws:    it edits between groups, never inside one (``pin_for_group``); an answer that cannot
             be read keeps the points as they are
    """

    policy: Policy
    every: int = 10
    """Steps between edits, 1 or more."""
    most: int = 8
    """Points kept at most."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.every < 1 or self.most < 1:
            raise ConfigError(
                f"MetaPolicy needs every and most of 1 or more, got {self.every}, {self.most}."
            )

    def due(self, step: int) -> bool:
        """Return True after each ``every`` steps; step 0 is the first.

        >>> from envgym.agents import RandomPolicy
        >>> [step for step in range(9) if MetaPolicy(policy=RandomPolicy(), every=4).due(step)]
        [3, 7]
        """
        return (step + 1) % self.every == 0

    def begin(self, history: History, start: GeneratedReward) -> None:
        """Write or compare the head of a history."""
        history.begin("mpo", {"start": start.version, "seed": self.seed, "most": self.most})

    def edit(
        self,
        current: GeneratedReward,
        attempts: Mapping[str, Sequence[Scored]],
        step: int,
        history: History | None = None,
    ) -> GeneratedReward:
        """Return the next version of the judge's points, or ``current`` if nothing came of it.

        Args:
            current: the version that gave the scores.
            attempts: per task (in words) the attempts and their scores.
            step: training step, which names the edit.
            history: logs it, and answers if it holds this step already.
        """
        log, name = history or History(), f"step {step}"
        if name in log.steps:
            return log.reward(name) or current
        writer = Writer(self.policy, seed=self.seed)
        points = "\n".join(f"{i}. {p}" for i, p in enumerate(current.body.splitlines(), 1))
        tasks = list(attempts)
        analyses = writer.ask(
            [
                (
                    f"{name} analyse {i}",
                    load_prompt("mpo_analyse").fill(
                        task=task, rubric=points, attempts=_attempts(attempts[task])
                    ),
                )
                for i, task in enumerate(tasks)
            ]
        )
        refined = writer.ask(
            [
                (
                    f"{name} refine {i}",
                    load_prompt("mpo_refine").fill(task=task, rubric=points, analysis=found.text),
                )
                for i, (task, found) in enumerate(zip(tasks, analyses, strict=True))
                if found.text
            ]
        )
        proposals = [point for answer in refined for point in _points(answer.text)]
        if not proposals:
            log.add(name, problem="no proposal could be read")
            return current
        merge = load_prompt("mpo_merge").fill(
            rubric=points, proposals="\n".join(proposals), most=str(self.most)
        )
        merged = _checked(_points(writer.ask_one(f"{name} merge", merge).text), self.most)
        if isinstance(merged, str):
            log.add(name, problem=merged, proposals=proposals)
            return current
        made = current.edited("\n".join(merged)).examined((Check("points", True),))
        if made.version == current.version:
            log.add(name, problem="the points stay as they are", proposals=proposals)
            return current
        log.add(name, made, current, proposals=proposals, analyses=[a.text for a in analyses])
        return made


def _template(name: str) -> Template:
    found = load_template(name)
    if "criteria" not in (*found.needs, *found.may) or "transcript" not in found.needs:
        raise ConfigError(f"prompt '{name}' has no fields 'criteria' and 'transcript' to fill.")
    return found


def _attempts(scored: Sequence[Scored]) -> str:
    texts = []
    for number, (candidate, score) in enumerate(scored, 1):
        shown = "no answer" if score is None else f"{score:g}"
        text = candidate.text
        if len(text) > _SHOWN:
            text = f"{text[: _SHOWN // 2]}\n[...]\n{text[-_SHOWN // 2 :]}"
        texts.append(f"attempt {number}, score {shown}:\n{text}")
    return "\n\n".join(texts)


def _points(text: str | None) -> list[str]:
    found = json_block(text or "")
    listed = found.get("points") if isinstance(found, dict) else None
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _checked(points: list[str], most: int) -> list[str] | str:
    """Return the points, each one line and once; or why they cannot be used."""
    kept = list(dict.fromkeys(" ".join(point.split()) for point in points))
    kept = [point for point in kept if point]
    if not kept:
        return "there is no point"
    if len(kept) > most:
        return f"there are {len(kept)} points, at most {most} are allowed"
    if long := next((point for point in kept if len(point) > _POINT), None):
        return f"a point has {len(long)} characters, at most {_POINT} are allowed"
    return kept
