"""F3: a designer writes, a critic checks before the run, an analyser reads what came of it."""

import json
from collections.abc import Sequence

from envgym.agents.reward_writers.drafts import draft
from envgym.agents.reward_writers.eureka import Evolved
from envgym.agents.reward_writers.grading import Grade, RecordedGrader, better
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import contract, load_prompt
from envgym.agents.reward_writers.writer import Writer, json_block
from envgym.rewards.generated.code import read_statically
from envgym.rewards.generated.evaluate import evaluate, records_of
from envgym.rewards.generated.value import GeneratedReward
from envgym.types import ConfigError, Policy

_RECORDS = 8
"""Records of an episode that the analyser reads: evenly spread, first and last included."""


def auto_mc_reward(
    policy: Policy,
    *,
    task: str,
    grade: RecordedGrader,
    iterations: int = 3,
    reviews: int = 3,
    shown: int = 4,
    critic: Policy | None = None,
    analyser: Policy | None = None,
    history: History | None = None,
    seed: int = 0,
) -> Evolved:
    """Return the best reward of a designer, a critic and a trajectory analyser.

    Source:  cookbook F3, Auto MC-Reward (inferred: the three roles, and a critic that looks at
             syntax, schema, self-consistency and range; prompts and numbers are ours)
    Laws:    nothing is run that the critic or the static checks refuse; the best's fitness never
             falls

    Args:
        policy: the designer.
        task: the goal in words.
        grade: recorded episodes with their true metric, the schema and the runner.
        iterations: designs that are run, 1 or more.
        reviews: times that a design goes back before the iteration is given up, 1 or more.
        shown: episodes that the analyser reads.
        critic: another policy as critic; None: the designer's.
        analyser: likewise.
        history: logs and continues; None: in memory.
        seed: of the writers' sampling.

    Raises:
        ConfigError: a number is out of range, or the history is of other settings.
    """
    if iterations < 1 or reviews < 1 or shown < 1:
        raise ConfigError(
            "auto_mc_reward needs iterations, reviews and shown of 1 or more, got "
            f"{iterations}, {reviews}, {shown}."
        )
    schema, log = grade.schema, history or History()
    log.begin("auto_mc_reward", {"task": task, "schema": schema.digest, "seed": seed})
    designer = Writer(policy, seed=seed)
    reviewer, reader = (Writer(each or policy, seed=seed) for each in (critic, analyser))
    about = {"task": task, "environment": schema.describe()}
    best: GeneratedReward | None = None
    remarks = "Nothing was said yet."
    for number in range(iterations):
        refused = ""
        for review in range(reviews):
            step = f"iteration {number} design {review}"
            if step not in log.steps:
                prompt = load_prompt("designer")
                messages = prompt.fill(
                    **about,
                    contract=contract(),
                    current="nothing yet" if best is None else best.body,
                    remarks=refused or remarks,
                )
                drafted = draft(designer.ask_one(step, messages), schema, best)
                if isinstance(drafted, str):
                    log.add(step, problem=drafted, prompt=prompt.tag)
                elif refusal := _refusal(drafted, about, grade, reviewer, step):
                    log.add(step, drafted, best, problem=refusal, prompt=prompt.tag)
                else:
                    found = grade(drafted)
                    analysis = _analysis(found, about, grade, reader, step, shown)
                    log.add(
                        step,
                        found.reward,
                        best,
                        reflection=found.reflection,
                        analysis=analysis,
                        prompt=prompt.tag,
                    )
            line = log.steps[step]
            if "problem" not in line:
                best = better(best, log.reward(step))
                remarks = f"{line['reflection']}\n{line['analysis']}"
                break
            refused = str(line["problem"])
    return Evolved(best, log)


def _refusal(
    reward: GeneratedReward,
    about: dict[str, str],
    grade: RecordedGrader,
    reviewer: Writer,
    step: str,
) -> str:
    """Return why a design must not be run; "" if it may."""
    failed = [check for check in read_statically(reward, grade.schema) if not check.passed]
    if failed:
        return "\n".join(f"{check.name}: {check.detail}" for check in failed)
    prompt = load_prompt("critic")
    answer = reviewer.ask_one(f"{step} critic", prompt.fill(**about, code=reward.body))
    verdict = json_block(answer.text or "")
    if not isinstance(verdict, dict) or verdict.get("accept") is not False:
        return ""  # a critic that cannot be read stops nobody: the checks still run
    reasons = verdict.get("reasons")
    told = [str(each) for each in reasons] if isinstance(reasons, list) else []
    return "\n".join(told) or "the critic refused it and gave no reason"


def _analysis(
    found: Grade,
    about: dict[str, str],
    grade: RecordedGrader,
    reader: Writer,
    step: str,
    shown: int,
) -> str:
    if not found.reward.sound:
        return "It could not be used, so there are no trajectories to analyse."
    texts = "\n\n".join(misjudged(found.reward, grade, shown))
    prompt = load_prompt("analyser")
    messages = prompt.fill(**about, episodes=texts, statistics=found.reflection)
    return reader.ask_one(f"{step} analyser", messages).text or ""


def misjudged(reward: GeneratedReward, grade: RecordedGrader, count: int) -> list[str]:
    """Return the episodes that the reward ranks most wrongly, as texts, worst first.

    The distance is between the places in the order by reward and in the order by true metric.
    """
    found = evaluate(reward, grade.schema, grade.episodes, grade.runner, limits=grade.limits)
    totals = found.totals()
    places = _places(totals), _places(grade.truth)
    order = sorted(range(len(totals)), key=lambda i: (-abs(places[0][i] - places[1][i]), i))
    texts = []
    for i in order[:count]:
        records = records_of(grade.episodes[i])
        picked = sorted({round(k * (len(records) - 1) / (_RECORDS - 1)) for k in range(_RECORDS)})
        lines = [f"result {grade.truth[i]}, return {totals[i]}, {len(records) - 1} events"]
        for at in picked:
            values = dict(found.values[i][at].items())
            seen = json.dumps(grade.schema.project(records[at]))
            lines.append(f"  {at}: {seen} -> {json.dumps(values)}")
        texts.append("\n".join(lines))
    return texts


def _places(values: Sequence[float | None]) -> list[float]:
    """Return each value's place from 0 (lowest) to 1, ties at their mean; None is lowest."""
    keyed = [float("-inf") if value is None else value for value in values]
    last = max(len(keyed) - 1, 1)
    return [
        (sum(other < value for other in keyed) + (sum(other == value for other in keyed) - 1) / 2)
        / last
        for value in keyed
    ]
