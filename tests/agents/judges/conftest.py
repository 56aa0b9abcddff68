"""A policy that answers by a script, and questions to ask it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from envgym.agents.judges import Question, load_template
from envgym.types import Reply, Request


class Scripted:
    """Answers by ``say(request)``; keeps every request and which sessions are open."""

    def __init__(self, say: Callable[[Request], Any], name: str = "scripted") -> None:
        self.say, self.name = say, name
        self.requests: list[Request] = []
        self.sizes: list[int] = []
        self.open: set[str] = set()

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        self.sizes.append(len(requests))
        replies = []
        for request in requests:
            assert request.session not in self.open
            self.open.add(request.session)
            self.requests.append(request)
            said = self.say(request)
            replies.append(said if isinstance(said, Reply) else Reply(text=said))
        return replies

    def close(self, sessions: Sequence[str]) -> None:
        self.open -= set(sessions)


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def ask() -> Callable[..., Question]:
    """Return a pointwise question about a transcript, or one of another template."""

    def make(transcript: str = "I did it.", template: str = "pointwise", **fields: Any) -> Question:
        return load_template(template).ask(
            **{"instruction": "Do it.", "transcript": transcript, **fields}
        )

    return make


@pytest.fixture
def pair() -> Callable[..., Question]:
    def make(first: str, second: str, template: str = "pairwise") -> Question:
        return load_template(template).ask(instruction="Do it.", first=first, second=second)

    return make
