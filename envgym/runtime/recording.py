"""An environment's hand on its episode file, and what becomes of an episode nobody ends."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from envgym.rewards import Books
from envgym.runtime.episodes import EpisodeWriter
from envgym.types import Call, ConfigError, Evidence, InfraError


class Recorder:
    """Writes one environment's episodes, one after the other.

    Holds no reference to the environment, so that losing the environment closes the episode.
    ``ep`` is the running episode's name, None between episodes; ``latest`` that of the last one
    begun, which late evidence still belongs to.
    """

    __slots__ = ("_books", "ep", "latest", "writer")
    _books: Books

    def __init__(self, writer: EpisodeWriter) -> None:
        self.writer = writer
        self.ep: str | None = None
        self.latest: str | None = None

    def begin(
        self,
        head: Mapping[str, Any],
        books: Books,
        observation: str,
        evidence: Mapping[str, Any],
    ) -> None:
        """Open an episode: write its head and its reset line."""
        self._books = books
        self.ep = self.latest = self.writer.head(**head)
        self.writer.reset(self.ep, observation, evidence)

    def event(
        self,
        number: int,
        action: str,
        calls: Sequence[Call],
        error: str | None,
        observation: str,
        evidence: Mapping[str, Any],
        amount: float,
        ended: str | None,
    ) -> None:
        """Write one event."""
        if self.ep is not None:
            self.writer.event(
                self.ep, number, action, calls, error, observation, evidence, amount, ended
            )

    def cut(self, number: int, cause: str) -> None:
        """Write that the wall clock ended the episode at this event, so a replay can too."""
        if self.ep is not None:
            self.writer.cut(self.ep, number, cause)

    def late(self, number: int, evidence: Mapping[str, Any], source: str) -> None:
        """Append evidence that arrived after its event."""
        if self.latest is not None:
            self.writer.late(self.latest, number, "agent", evidence, source)

    def end(self, cause: str, success: bool | None, valid: bool, reason: str | None) -> None:
        """Write the end line; later calls do nothing."""
        if self.ep is not None:
            books, ep, self.ep = self._books, self.ep, None
            total = books.total if valid else None
            self.writer.end(ep, cause, valid, reason, success, total, books.ledger)

    def abandon(self) -> None:
        """Close an episode that was cut from outside: terminal parts are void.

        A disk that refuses costs nothing here: without its end line the episode counts as cut.
        """
        if self.ep is not None:
            self._books.void()
            with suppress(InfraError):
                self.end("external", None, True, None)


def note_late(
    recorder: Recorder | None,
    turn: int,
    counted: Iterable[Evidence],
    evidence: Mapping[str, Any],
    source: str,
) -> None:
    """Append late evidence to the latest event of what ``recorder`` writes, if anything does.

    Args:
        recorder: the environment's hand on its file, or None.
        turn: steps so far.
        counted: what the kernel counts itself.
        evidence: values by key.
        source: who supplied them.

    Raises:
        ConfigError: a key is one that the kernel counts itself, such as "turn".
    """
    for item in counted:
        if item.key in evidence:
            raise ConfigError(f"late evidence cannot replace the kernel's '{item.key}'.")
    if recorder is not None:
        recorder.late(turn - 1, evidence, source)
