"""Which tokens spell an answer: a small tree over the possible answers of a template."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

from envgym.agents.judges.template import Template
from envgym.types import ConfigError


@dataclass(slots=True)
class Fork:
    """A place in the tree: what has been spelt so far, and which tokens go on."""

    path: tuple[int, ...]
    """Ids since the lead."""
    ends: int | None = None
    """Place of the answer that is complete here."""
    next: "dict[int, Fork]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readout:
    """How the answers of one template are read off next-token distributions."""

    lead: tuple[int, ...]
    """Ids that open the judge's reply, up to where answers differ."""
    forks: tuple[Fork, ...]
    """Places with more than one continuation to weigh, the root first."""
    grid: tuple[float, ...]
    """Value of each answer."""


def readout_for(template: Template, tokenizer: Any) -> Readout:
    """Return how to read the answers of ``template`` from a model with this tokenizer.

    Raises:
        ConfigError: the kind has several answers per reply, or two answers share their tokens.
    """
    match template.kind:
        case "grid":
            lead, grid = "SCORE:", tuple(float(s) for s in range(template.lo, template.hi + 1))
            spellings = [[str(s)] for s in range(template.lo, template.hi + 1)]
        case "yes_no":
            lead, grid, spellings = "ANSWER:", (0.0, 1.0), [["no", "No"], ["yes", "Yes"]]
        case "choice":
            lead, grid, spellings = "BETTER:", (0.0, 1.0), [["B"], ["A"]]
        case _:
            raise ConfigError(
                f"prompt '{template.id}' has several answers per reply, which cannot be read from "
                "one distribution; use the parsed read-out, or the prompts principle or preference"
            )
    ids = [
        (place, tuple(tokenizer.encode(f"{lead} {word}", add_special_tokens=False)))
        for place, words in enumerate(spellings)
        for word in words
    ]
    shared = _common([spelt for _, spelt in ids])
    root = Fork(())
    for place, spelt in ids:
        fork = root
        for token in spelt[shared:]:
            fork = fork.next.setdefault(token, Fork((*fork.path, token)))
        if fork.ends is not None or not spelt[shared:]:
            raise ConfigError(
                f"the tokenizer spells two answers to prompt '{template.id}' alike; use the "
                "parsed read-out"
            )
        fork.ends = place
    return Readout(ids[0][1][:shared], tuple(_open(root)), grid)


def probabilities(readout: Readout, log_probs: Sequence[dict[int, float]]) -> list[float]:
    """Return the probability of each answer, not normalised.

    A complete answer that other answers continue ("1" before "10") has what its continuations
    leave of it.

    Args:
        readout: the tree.
        log_probs: per fork, in order: natural log-probability of each token that goes on.
    """
    found = [0.0] * len(readout.grid)
    mass: dict[tuple[int, ...], float] = {(): 1.0}
    for fork, known in zip(readout.forks, log_probs, strict=True):
        here = mass[fork.path]
        onward = {token: exp(known[token]) for token in fork.next}
        for token, share in onward.items():
            below = fork.next[token]
            mass[below.path] = here * share
            if not below.next and below.ends is not None:
                found[below.ends] += here * share
        if fork.ends is not None:
            found[fork.ends] += here * max(0.0, 1.0 - sum(onward.values()))
    return found


def _open(fork: Fork) -> list[Fork]:
    """Return this fork and all below it that have continuations, parents first."""
    if not fork.next:
        return []
    return [fork, *(below for child in fork.next.values() for below in _open(child))]


def _common(rows: Sequence[Sequence[int]]) -> int:
    """Return how many leading ids all rows share."""
    width = min(map(len, rows))
    return next((i for i in range(width) if len({row[i] for row in rows}) > 1), width)
