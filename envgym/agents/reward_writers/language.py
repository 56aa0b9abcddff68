"""F4: the writer sets the parameters of fixed terms, and nothing else."""

import json
from collections.abc import Callable, Sequence

from envgym.agents.reward_writers.eureka import Evolved
from envgym.agents.reward_writers.grading import better
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.prompt import load_prompt
from envgym.agents.reward_writers.writer import Writer, json_block
from envgym.rewards.generated.fitness import ranking
from envgym.rewards.generated.terms import FixedTerms
from envgym.rewards.generated.value import GeneratedReward
from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced
from envgym.types import ConfigError, Policy

Fitness = Callable[[Program], float | None]


def language_to_reward(
    policy: Policy,
    *,
    task: str,
    terms: FixedTerms,
    wishes: Sequence[str] = ("Set the parameters for the task.",),
    fitness: Fitness | None = None,
    history: History | None = None,
    seed: int = 0,
) -> Evolved:
    """Return the reward whose parameters the writer chose, one answer per wish.

    Source:  cookbook F4, Language to Rewards (inferred: parameters of fixed terms, set from
             language and corrected in words; the selection by fitness is ours)
    Laws:    no code is run; a parameter that is unknown, no number or out of its range changes
             nothing, and the next question says so

    Args:
        policy: the writer.
        task: the goal in words.
        terms: the form of the reward.
        wishes: what a person asks for, in order.
        fitness: of a program by the true metric; None: the last accepted answer is returned,
            else the best.
        history: logs and continues; None: in memory.
        seed: of the writer's sampling.
    """
    writer, log = Writer(policy, seed=seed), history or History()
    log.begin("language_to_reward", {"task": task, "terms": terms.digest, "seed": seed})
    current: GeneratedReward = terms.accept({})
    best: GeneratedReward | None = None
    told = ""
    for number, wish in enumerate(wishes):
        step = f"wish {number}"
        if step not in log.steps:
            prompt = load_prompt("language")
            messages = prompt.fill(
                task=task,
                parameters=terms.describe(),
                current=current.body,
                feedback=f"{wish}\n{told}".strip(),
            )
            made = _read(writer.ask_one(step, messages).text, terms, current)
            if isinstance(made, str):
                log.add(step, problem=made, wish=wish, prompt=prompt.tag)
            else:
                value = None if fitness is None else fitness(terms.program(made))
                made = made.examined(made.checks, value)
                log.add(step, made, current, wish=wish, prompt=prompt.tag)
        chosen = log.reward(step)
        if chosen is None:
            told = f"The last answer was refused: {log.steps[step]['problem']}"
            continue
        told = "" if chosen.fitness is None else f"The last answer's fitness: {chosen.fitness:.3f}"
        current = chosen
        best = chosen if fitness is None else better(best, chosen)
    return Evolved(best, log)


def program_ranking(
    episodes: Sequence[Sequence[Evidenced]], truth: Sequence[float | None]
) -> Fitness:
    """Return a fitness: the share of episode pairs that a program orders as the metric does."""

    def measure(program: Program) -> float | None:
        totals = []
        for records in episodes:
            books = program.replay(records, ended=records[-1].get("end") is not None)
            totals.append(books.total if books.valid else None)
        return ranking(totals, truth)

    return measure


def _read(text: str | None, terms: FixedTerms, current: GeneratedReward) -> GeneratedReward | str:
    values = json_block(text or "")
    if not isinstance(values, dict):
        return "the answer holds no JSON object"
    try:
        merged = {**json.loads(current.body), **values}
        return terms.accept(merged, parent=current.version)
    except ConfigError as error:
        return str(error)
