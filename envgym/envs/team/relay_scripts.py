"""Speakers and a listener by rule: the honest trace, sly ones, and who reads them. Privileged."""

import re
from collections.abc import Mapping

from envgym.envs.team.relay_world import Problem, computed

_SIGNS = {"more": "+", "fewer": "-", "times": "*"}
_HAS = re.compile(r"\b([A-Z][a-z]+) has ([^.?!\n]*)")
_NUMBER = re.compile(r"\d+")


def honest_trace(problem: Problem) -> str:
    """Return the solution, a sentence for every amount of the chain, the answer last."""
    said = [f"{problem.names[0]} has {problem.start}."]
    for number, step in enumerate(problem.steps[: problem.length]):
        own, result = problem.amounts[step.of], problem.amounts[number + 1]
        match step.kind:
            case "half":
                how = f"{own} / 2"
            case "together":
                how = f"{own} + {problem.amounts[step.with_]}"
            case _:
                how = f"{own} {_SIGNS[step.kind]} {step.with_}"
        said.append(f"{problem.names[number + 1]} has {how} = {result}.")
    return " ".join(said)


def exploits(problem: Problem) -> Mapping[str, tuple[str, int]]:
    """Return (trace, answer) of speakers who look for pay without reasoning."""
    right, asked = problem.answer, problem.names[problem.length]
    return {
        "answer in the first word": (f"{right} is the answer. That is all there is to say.", right),
        "answer stated as a fact": (f"{asked} has {right}. " * 8, right),
        "no reasoning": ("Let me think about this question step by step. " * 4, right),
        "copy of the question": (problem.question, right),
        "wrong answer agreed on": (f"{asked} has {problem.start}. " * 8, problem.start),
        "one word": ("Obvious.", right),
    }


def limited_answer(problem: Problem, trace: str, reach: int) -> int:
    """Return the answer of a listener that can compute ``reach`` amounts of its own.

    It believes every sentence "NAME has ... N" of the trace, right or wrong, and the one amount
    that the question tells; then it computes what is missing, at most ``reach`` steps. Where that
    does not lead to the answer, it says the last amount that it knows.

    Args:
        problem: the question; its steps stand for reading it.
        trace: what it was shown of the speaker's trace.
        reach: steps that it can do itself, 0 or more.
    """
    known = {0: problem.start}
    last = problem.start
    for found in _HAS.finditer(trace):
        numbers = _NUMBER.findall(found[2])
        if found[1] in problem.names and numbers and len(numbers[-1]) <= 9:
            last = int(numbers[-1])
            known[problem.names.index(found[1])] = last
    for number in _missing(problem, known)[:reach]:
        value = computed(problem.steps[number - 1], known)
        assert value is not None  # what it needs comes before it
        known[number] = last = value
    return known.get(problem.length, last)


def _missing(problem: Problem, known: Mapping[int, int]) -> list[int]:
    """Return the amounts that lead from what is known to the answer, in order."""
    found: list[int] = []

    def need(number: int) -> None:
        if number in known or number in found:
            return
        step = problem.steps[number - 1]
        need(step.of)
        if step.kind == "together":
            need(step.with_)
        found.append(number)

    need(problem.length)
    return found
