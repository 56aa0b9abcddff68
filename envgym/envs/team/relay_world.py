"""Questions of the relay: chains of amounts in words. The only file of the relay that draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from envgym.types import ConfigError, Stream, Task

NAMES = (
    *("Ada", "Ben", "Cora", "Dan", "Eve", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kim", "Leo"),
    *("Mona", "Nils", "Olga", "Pia", "Rosa", "Sam", "Tara", "Uma", "Vera", "Will", "Yara", "Zoe"),
)
ITEMS = ("apples", "beads", "cards", "coins", "marbles", "pens", "shells", "stamps")
HIGHEST = 400
"""Largest amount that anybody has."""
HELD_OUT_BUCKETS, BUCKETS = 64, 256
"""Questions whose digest begins with a byte below 64, a quarter, are the split "eval"."""
_TRIES = 20_000
SPLITS = {"train": 1_000_000, "eval": 10_000}

Kind = Literal["more", "fewer", "times", "half", "together"]
KINDS: tuple[Kind, ...] = ("more", "fewer", "times", "half", "together")


class Params(BaseModel):
    """``Task.params`` of a relay."""

    model_config = ConfigDict(extra="forbid", strict=True)

    world: int = Field(ge=0, lt=1 << 63)
    """Seed of the question."""
    held_out: bool = False
    """Draw from the quarter of all questions that training tasks never use."""
    steps: int = Field(default=5, ge=2, le=12)
    """Computations from the one amount that is told to the one that is asked for."""
    distractors: int = Field(default=2, ge=0, le=6)
    """People whose amounts the answer does not need."""


@dataclass(frozen=True, slots=True)
class Step:
    """One amount computed from earlier ones."""

    kind: Kind
    of: int
    """Number of the amount that it starts from."""
    with_: int
    """more, fewer, times: a number; together: the second amount's number; half: 2."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One question, its solution and its digest."""

    names: tuple[str, ...]
    """Who has which amount: the chain in order, then the distractors."""
    item: str
    start: int
    """The first amount, which is told."""
    steps: tuple[Step, ...]
    """Amount i + 1 follows by step i; those of the chain first, then the distractors'."""
    length: int
    """Steps of the chain; ``names[length]`` is asked about."""
    question: str
    amounts: tuple[int, ...]
    """What each of ``names`` has."""
    digest: str
    """32 hex digits that name the chain and its numbers; people, things, order and distractors
    make no new problem."""

    @property
    def answer(self) -> int:
        """What is asked for; no other amount or number of the question equals it."""
        return self.amounts[self.length]


def computed(step: Step, amounts: Mapping[int, int]) -> int | None:
    """Return the amount of a step, None where an amount that it needs is not in ``amounts``.

    >>> computed(Step("together", 0, 1), {0: 4, 1: 6})
    10
    """
    own = amounts.get(step.of)
    if own is None:
        return None
    match step.kind:
        case "more":
            return own + step.with_
        case "fewer":
            return own - step.with_
        case "times":
            return own * step.with_
        case "half":
            return own // 2
        case "together":
            other = amounts.get(step.with_)
            return None if other is None else own + other


def problem_of(task: Task) -> Problem:
    """Return the question that a task's ``params`` describe."""
    given = Params(**task.params)
    return draw_problem(given.world, given.held_out, given.steps, given.distractors)


@lru_cache(maxsize=512)
def draw_problem(world: int, held_out: bool, steps: int, distractors: int) -> Problem:
    """Return the question of ``world`` in the training part or the held-out one.

    Drawn until its digest falls into the part and no other amount or number of the question
    equals the answer, so that the parts share no question and an answer is never met by accident.
    """
    root = Stream(world, "relay", "question", steps, distractors)
    for attempt in range(_TRIES):
        found = _drawn(root.child(attempt), steps, distractors)
        if found is None:
            continue
        if (int(found.digest[:2], 16) < HELD_OUT_BUCKETS) is held_out:
            return found
    raise ConfigError(f"relay: no question in {_TRIES:,} draws has {steps} steps.")


def _drawn(stream: Stream, steps: int, distractors: int) -> Problem | None:
    start = stream.integers(2, 30)
    amounts, made = [start], list[Step]()
    for number in range(steps + distractors):
        chain = number < steps
        step = _step(stream, amounts, number if chain else stream.below(steps), number)
        if step is None:
            return None
        value = computed(step, dict(enumerate(amounts)))
        assert value is not None  # it starts from amounts that are there
        made.append(step)
        amounts.append(value)
    answer = amounts[steps]
    told = {start, 2} | {step.with_ for step in made if step.kind != "together"}
    if amounts.count(answer) > 1 or answer in told:
        return None
    facts = repr((start, [(s.kind, s.of, s.with_) for s in made[:steps]]))
    names = tuple(stream.sample(NAMES, len(amounts)))
    item = stream.choice(ITEMS)
    order = list(range(len(amounts)))
    stream.shuffle(order)
    told_by = [_sentence(i, names, item, start, made) for i in order]
    return Problem(
        names=names,
        item=item,
        start=start,
        steps=tuple(made),
        length=steps,
        question=f"{' '.join(told_by)} How many {item} does {names[steps]} have?",
        amounts=tuple(amounts),
        digest=blake2b(facts.encode(), digest_size=16).hexdigest(),
    )


def _step(stream: Stream, amounts: list[int], of: int, number: int) -> Step | None:
    """Return a step from amount ``of`` whose result stays between 2 and HIGHEST."""
    own = amounts[of]
    kind = stream.choice(KINDS)
    with_ = 2
    match kind:
        case "more" | "fewer":
            with_ = stream.integers(2, 19)
        case "times":
            with_ = stream.integers(2, 4)
        case "half":
            if own % 2:
                return None
        case "together":
            others = [i for i in range(min(number + 1, len(amounts))) if i != of]
            if not others:
                return None
            with_ = stream.choice(others)
    step = Step(kind, of, with_)
    value = computed(step, dict(enumerate(amounts)))
    return step if value is not None and 2 <= value <= HIGHEST else None


def _sentence(number: int, names: tuple[str, ...], item: str, start: int, steps: list[Step]) -> str:
    name = names[number]
    if number == 0:
        return f"{name} has {start} {item}."
    step = steps[number - 1]
    of = names[step.of]
    match step.kind:
        case "more":
            return f"{name} has {step.with_} {item} more than {of}."
        case "fewer":
            return f"{name} has {step.with_} {item} fewer than {of}."
        case "times":
            return f"{name} has {step.with_} times as many {item} as {of}."
        case "half":
            return f"{name} has half as many {item} as {of}."
        case "together":
            return f"{name} has as many {item} as {of} and {names[step.with_]} together."
