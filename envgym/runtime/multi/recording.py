"""An environment's hand on its episode file, for several agents."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from envgym.rewards import Books
from envgym.runtime.episodes import EpisodeWriter
from envgym.types import InfraError


class TeamRecorder:
    """Writes one environment's episodes, one after the other.

    Holds no reference to the environment, so that losing the environment closes the episode.
    ``ep`` is the running episode's name, None between episodes.
    """

    __slots__ = ("_books", "ep", "latest", "writer")
    _books: Mapping[str, Books]

    def __init__(self, writer: EpisodeWriter) -> None:
        self.writer = writer
        self.ep: str | None = None
        self.latest: str | None = None

    def begin(
        self,
        head: Mapping[str, Any],
        books: Mapping[str, Books],
        obs: Mapping[str, str],
        ev: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Open an episode: write its head and its reset line."""
        self._books = books
        self.ep = self.latest = self.writer.head(**head)
        self.writer.line({"kind": "reset", "ep": self.ep, "obs": obs, "ev": ev})

    def event(self, line: Mapping[str, Any]) -> None:
        """Write one event; ``line`` holds the fields of ``schema.Event`` but ``ep``."""
        if self.ep is not None:
            self.writer.line({"kind": "e", "ep": self.ep, **line})

    def cut(self, number: int, cause: str) -> None:
        """Write that nobody answered for the agent at this event, so that a replay concedes too."""
        if self.ep is not None:
            self.writer.cut(self.ep, number, cause)

    def late(self, number: int, agent: str, evidence: Mapping[str, Any], source: str) -> None:
        """Append evidence that arrived after its event."""
        if self.latest is not None:
            self.writer.late(self.latest, number, agent, evidence, source)

    def end(
        self, cause: str, success: Mapping[str, bool | None], valid: bool, reason: str | None
    ) -> None:
        """Write the end line; later calls do nothing."""
        if self.ep is None:
            return
        ep, self.ep = self.ep, None
        self.writer.line(
            {
                "kind": "end",
                "ep": ep,
                "cause": cause,
                "valid": valid,
                "reason": reason,
                "success": success,
                "returns": {a: b.total if valid else None for a, b in self._books.items()},
                "ledger": [
                    [*entry[:6], None if entry[6] is None else dict(entry[6])]
                    for books in self._books.values()
                    for entry in books.ledger
                ],
            }
        )

    def abandon(self) -> None:
        """Close an episode that was cut from outside: terminal parts are void."""
        if self.ep is not None:
            for books in self._books.values():
                books.void()
            with suppress(InfraError):  # without its end line the episode counts as cut
                self.end("external", dict.fromkeys(self._books), True, None)
