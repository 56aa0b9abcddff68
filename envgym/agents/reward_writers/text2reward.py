"""F2: a dense reward from a typed description, then edits as a person asks."""

from collections.abc import Callable, Sequence

from envgym.agents.reward_writers.drafts import draft
from envgym.agents.reward_writers.eureka import Evolved
from envgym.agents.reward_writers.grading import Grader
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import contract, load_prompt
from envgym.agents.reward_writers.writer import Writer
from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import GeneratedReward
from envgym.types import ConfigError, Policy

Feedback = Callable[[GeneratedReward, str], str | None]
"""A person: sees a version and its reflection, says what should change; None: content."""


def text2reward(
    policy: Policy,
    *,
    task: str,
    schema: ObservationSchema,
    grade: Grader,
    feedback: Feedback | Sequence[str] = (),
    repairs: int = 3,
    most: int = 10,
    history: History | None = None,
    seed: int = 0,
) -> Evolved:
    """Return the last sound reward: a first draft, repaired until it runs, then edited.

    Source:  cookbook F2, Text2Reward (inferred: a typed description, execution errors and human
             feedback go back to the writer; numbers are ours)
    Laws:    an edit that cannot be used is repaired or dropped, and the version before stays;
             feedback decides, not fitness, which is only logged

    Args:
        policy: the writer.
        task: the goal in words.
        schema: described as a typed class.
        grade: sets checks and fitness.
        feedback: what should change, one text per edit, or a function that is shown each version.
        repairs: times that the problems of one edit go back to the writer, 0 or more.
        most: edits at most, where ``feedback`` is a function.
        history: logs and continues; None: in memory.
        seed: of the writer's sampling.

    Raises:
        ConfigError: a number is out of range, or the history is of other settings.
    """
    if repairs < 0 or most < 0:
        raise ConfigError(
            f"text2reward needs repairs and most of 0 or more, got {repairs}, {most}."
        )
    writer, log = Writer(policy, seed=seed), history or History()
    log.begin("text2reward", {"task": task, "schema": schema.digest, "seed": seed})
    told = ""

    def attempt(stage: str, base: GeneratedReward | None, wish: str) -> GeneratedReward | None:
        """Return the sound version that one wish led to; None if the repairs did not help."""
        nonlocal told
        problems, current = "", base
        for i in range(repairs + 1):
            step = f"{stage} try {i}"
            if step not in log.steps:
                fields = {"task": task, "environment": schema.describe(), "contract": contract()}
                if current is None and not problems:
                    prompt = load_prompt("text2reward_write")
                else:
                    prompt = load_prompt("text2reward_edit")
                    fields |= {
                        "current": "nothing yet" if current is None else current.body,
                        "results": problems or told or "nothing was run yet",
                        "feedback": wish or "make it run without problems",
                    }
                drafted = draft(writer.ask_one(step, prompt.fill(**fields)), schema, base)
                if isinstance(drafted, str):
                    log.add(step, problem=drafted, wish=wish, prompt=prompt.tag)
                else:
                    found = grade(drafted)
                    log.add(
                        step,
                        found.reward,
                        base,
                        reflection=found.reflection,
                        wish=wish,
                        prompt=prompt.tag,
                    )
            made, line = log.reward(step), log.steps[step]
            if made is not None and made.sound:
                told = str(line["reflection"])
                return made
            current = made or current
            problems = str(line.get("problem") or line.get("reflection"))
        return None

    best = attempt("draft", None, "")
    for number in range(most if callable(feedback) else len(feedback)):
        if best is None:
            break
        wish = feedback(best, told) if callable(feedback) else feedback[number]
        if wish is None:
            break
        best = attempt(f"edit {number}", best, wish) or best
    return Evolved(best, log)
