"""F1: many candidates a round, the best by the true metric, and a reflection on its numbers."""

from dataclasses import dataclass

from envgym.agents.reward_writers.drafts import draft
from envgym.agents.reward_writers.grading import Grade, Grader, better
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import contract, load_prompt
from envgym.agents.reward_writers.writer import Writer
from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import GeneratedReward
from envgym.types import ConfigError, Policy


@dataclass(frozen=True, slots=True)
class Evolved:
    """How a loop ended."""

    best: GeneratedReward | None
    """The soundest, by fitness; None if nothing could be used."""
    history: History


def eureka(
    policy: Policy,
    *,
    task: str,
    schema: ObservationSchema,
    grade: Grader,
    rounds: int = 5,
    candidates: int = 16,
    start: GeneratedReward | None = None,
    history: History | None = None,
    seed: int = 0,
    batch: int = 16,
) -> Evolved:
    """Return the best of ``rounds`` times ``candidates`` written rewards.

    Source:  cookbook F1, Eureka, arXiv 2310.12931 (recalled: K = 16 candidates, 5 rounds, best by
             task fitness, reflection on component statistics). Ours: fitness over recorded
             episodes by default, reflection on the best version so far rather than on the
             round's.
    Laws:    the best's fitness never falls from round to round; the writer sees the task metric
             as numbers about its reward, never an episode's answer; a stopped loop goes on from
             its history

    Args:
        policy: the writer; asked once per candidate, with differing sampling seeds.
        task: what the agent should achieve, in words.
        schema: what the reward may read.
        grade: sets checks and fitness.
        rounds: 1 or more.
        candidates: 1 or more per round.
        start: a graded version to beat; None: begin with nothing.
        history: logs and continues; None: in memory.
        seed: of the writer's sampling.
        batch: most questions handed to the policy at a time.

    Raises:
        ConfigError: a number is out of range, or the history is of other settings.
    """
    if rounds < 1 or candidates < 1:
        raise ConfigError(
            f"eureka needs rounds and candidates of 1 or more, got {rounds}, {candidates}."
        )
    writer, log = Writer(policy, seed=seed, batch=batch), history or History()
    log.begin(
        "eureka", {"task": task, "schema": schema.digest, "candidates": candidates, "seed": seed}
    )
    best, told = start, "It was not measured yet." if start is not None else ""
    for number in range(rounds):
        fields = {"task": task, "environment": schema.describe(), "contract": contract()}
        if best is not None:
            prompt = load_prompt("eureka_next")
            fields |= {"best": best.body, "reflection": told}
        elif told:
            prompt = load_prompt("eureka_repair")
            fields |= {"problems": told}
        else:
            prompt = load_prompt("eureka_first")
        filled = prompt.fill(**fields)
        steps = [f"round {number} candidate {i}" for i in range(candidates)]
        todo = [step for step in steps if step not in log.steps]
        answers = writer.ask([(step, filled) for step in todo])
        for step, answer in zip(todo, answers, strict=True):
            drafted = draft(answer, schema, best)
            if isinstance(drafted, str):
                log.add(step, problem=drafted, prompt=prompt.tag)
            else:
                found: Grade = grade(drafted)
                log.add(step, found.reward, best, reflection=found.reflection, prompt=prompt.tag)
        before = best
        for step in steps:
            best = better(best, log.reward(step))
        if best is not before and best is not None:
            told = _told(log, steps, best)
        elif best is None:
            told = "\n".join(sorted({_problem(log, step) for step in steps}))
    return Evolved(best, log)


def _told(log: History, steps: list[str], best: GeneratedReward) -> str:
    for step in steps:
        made = log.reward(step)
        if made is not None and made.version == best.version:
            return str(log.steps[step]["reflection"])
    return ""


def _problem(log: History, step: str) -> str:
    made = log.reward(step)
    if made is None:
        return str(log.steps[step]["problem"])
    return "; ".join(made.complaints) or str(log.steps[step]["reflection"])
