"""A policy as a writer: every question a conversation of its own, seeded by its place."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envgym.types import ConfigError, Message, Policy, Request, derive

_FENCE = re.compile(r"[ \t]*(```+|~~~+)[ \t]*([\w+-]*)")
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one question."""

    text: str | None
    """None: the policy failed."""
    problem: str = ""
    """Why there is no text, or that it was cut."""


class Writer:
    """Ask a policy; sessions are closed again, and equal places get equal sampling seeds.

    Args:
        policy: anything that answers.
        seed: of the loop.
        batch: most questions handed over at a time, 1 or more.
    """

    def __init__(self, policy: Policy, *, seed: int = 0, batch: int = 16) -> None:
        if batch < 1:
            raise ConfigError(f"Writer.batch must be 1 or more, got {batch}.")
        self.policy, self.seed, self.batch = policy, seed, batch
        self.name = policy.name

    def ask(self, questions: Sequence[tuple[str, Sequence[Message]]]) -> list[Answer]:
        """Return one answer per question.

        Args:
            questions: a place such as ``"round 0 candidate 3"``, which names the session and
                decides the sampling seed, and the messages.
        """
        answers: list[Answer] = []
        for start in range(0, len(questions), self.batch):
            chunk = questions[start : start + self.batch]
            sessions = [f"writer:{self.seed}:{place}" for place, _ in chunk]
            requests = [
                Request(
                    session=session,
                    messages=tuple(messages),
                    agent="writer",
                    seed=derive(self.seed, "writer", place) % (1 << 63),
                )
                for session, (place, messages) in zip(sessions, chunk, strict=True)
            ]
            try:
                replies = self.policy.act(requests)
            finally:
                self.policy.close(sessions)
            if len(replies) != len(chunk):
                raise ConfigError(
                    f"policy '{self.name}' returned {len(replies)} replies to {len(chunk)} requests"
                )
            for reply in replies:
                if reply.finish == "error":
                    answers.append(Answer(None, f"the writer failed: {reply.text[:300]}"))
                else:
                    cut = "the answer was cut at the length limit" if reply.finish != "stop" else ""
                    answers.append(Answer(_THOUGHT.sub("", reply.text), cut))
        return answers

    def ask_one(self, place: str, messages: Sequence[Message]) -> Answer:
        """Return the answer to one question."""
        return self.ask([(place, messages)])[0]


def python_block(text: str) -> str | None:
    """Return the last fenced Python block; None if there is none.

    >>> python_block("So:\\n```python\\nx = 1\\n```\\nDone.")
    'x = 1\\n'
    """
    lines = text.split("\n")
    bare = [line.strip(" \t\r") for line in lines]
    # Where each bare fence comes next: a search per fence would be quadratic in a long answer.
    places: dict[str, list[int]] = {}
    for at in reversed(range(len(bare))):
        if bare[at][:3] in ("```", "~~~"):
            places.setdefault(bare[at], []).append(at)
    found, at = None, 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        at += 1
        if fence is None:
            continue
        closing = places.get(fence[1], [])
        while closing and closing[-1] < at:
            closing.pop()
        if closing:
            if fence[2].lower() in _PYTHON:
                found = "".join(f"{line}\n" for line in lines[at : closing[-1]])
            at = closing[-1] + 1
    return found


_PYTHON = ("python", "py", "python3", "")


def json_block(text: str) -> Any:
    """Return the last JSON object, fenced or plain; None if there is none.

    >>> json_block('I choose {"a": 1}, since it is {"a": 2}.')
    {'a': 2}
    """
    found = None
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found = value
        at = text.find("{", end)
    return found
