"""Answers kept in SQLite, by judge, prompt digest and content."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from threading import Lock

from envgym.agents.judges.template import Question
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.types import ConfigError, InfraError

_APPLICATION = int.from_bytes(b"egjc")
"""SQLite's application id: no other program's database is ever written to."""
_VERSION = 1
_PATIENCE = 60.0
"""Seconds that one process waits for another's write."""
_CHUNK = 500
"""Keys per look-up; older SQLite libraries take 999 parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """What a cache did since it was opened, and what its file holds."""

    hits: int
    """Questions answered from the file, repetitions within one call included."""
    misses: int
    """Questions handed to the judge."""
    stored: int
    """Answers added to the file."""
    entries: int
    """Answers in the file, of all judges."""


class CachedJudge:
    """Ask a judge each question once, ever; equal questions get the stored answer.

    The key is a digest over the judge's name, the prompt file's digest and every field, so a
    changed word of a prompt is a new question. Failures and stand-ins are not kept unless asked.
    Threads and processes may share one file; where two ask the same at one time, both get the
    answer that was stored first. An answer from the file has ``calls=0``.

    Args:
        judge: Asked what the file does not know.
        path: The database; made if missing.
        failures: Whether to keep invalid verdicts and stand-ins too.

    Raises:
        ConfigError: The file is damaged, another program's, of a newer version of envgym, or
            cannot be opened.
        InfraError: From ``judge``: the disk refused, or another process kept the file locked.
    """

    def __init__(self, judge: Judge, path: str | PathLike[str], *, failures: bool = False) -> None:
        self.inner, self.failures = judge, failures
        self.name = judge.name
        self.path = Path(path)
        self._lock = Lock()
        self._hits = self._misses = self._stored = 0
        self._prepare()

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        keys = [self._key(question) for question in questions]
        known = self._look_up(set(keys))
        unknown: dict[str, Question] = {}
        for key, question in zip(keys, questions, strict=True):
            if key not in known:
                unknown.setdefault(key, question)
        fresh: dict[str, Verdict] = {}
        if unknown:
            answers = self.inner.judge(list(unknown.values()))
            fresh = dict(zip(unknown, answers, strict=True))
            kept = {k: v for k, v in fresh.items() if self.failures or v.reason is None}
            fresh |= self._store(unknown, kept)
        with self._lock:
            self._hits += len(keys) - len(unknown)
            self._misses += len(unknown)
        return [fresh[key] if key in fresh else known[key] for key in keys]

    @property
    def stats(self) -> CacheStats:
        """Counters of this object and the size of the file."""
        with self._open() as base:
            entries = int(base.execute("SELECT count(*) FROM answers").fetchone()[0])
        with self._lock:
            return CacheStats(
                hits=self._hits, misses=self._misses, stored=self._stored, entries=entries
            )

    def prune(self, keep: int = 0, *, judge: str | None = None) -> int:
        """Delete all answers but the ``keep`` newest; return how many were deleted.

        Args:
            keep: 0 or more.
            judge: Only answers of the judge with this name; None: of all judges.

        Raises:
            ConfigError: ``keep`` is negative.
        """
        if keep < 0:
            raise ConfigError(f"keep must be 0 or more, got {keep}")
        chosen, values = ("WHERE judge = ?", [judge]) if judge is not None else ("", [])
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            deleted = base.execute(
                f"DELETE FROM answers WHERE number IN (SELECT number FROM answers {chosen} "
                "ORDER BY number DESC LIMIT -1 OFFSET ?)",
                [*values, keep],
            ).rowcount
            base.execute("COMMIT")
            base.execute("VACUUM")
        return deleted

    def _key(self, question: Question) -> str:
        name = self.name.encode("utf-8", "surrogatepass")
        return blake2b(name + b"\0" + question.digest.encode(), digest_size=16).hexdigest()

    def _look_up(self, keys: set[str]) -> dict[str, Verdict]:
        wanted = sorted(keys)
        rows: list[tuple[str, str]] = []
        with self._open() as base:
            for first in range(0, len(wanted), _CHUNK):
                part = wanted[first : first + _CHUNK]
                marks = ",".join("?" * len(part))
                rows += base.execute(
                    f"SELECT key, verdict FROM answers WHERE key IN ({marks})", part
                ).fetchall()
        return {key: self._read(text) for key, text in rows}

    def _store(
        self, questions: dict[str, Question], verdicts: dict[str, Verdict]
    ) -> dict[str, Verdict]:
        """Add verdicts; return, for those that another process had added before, what it stored."""
        if not verdicts:
            return {}
        now = time.time()
        rows = [
            (
                key,
                self.name,
                questions[key].template.tag,
                json.dumps(verdict.to_json(), ensure_ascii=True),
                now,
            )
            for key, verdict in verdicts.items()
        ]
        earlier: dict[str, Verdict] = {}
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            for row in rows:
                added = base.execute(
                    "INSERT OR IGNORE INTO answers (key, judge, template, verdict, created) "
                    "VALUES (?, ?, ?, ?, ?)",
                    row,
                ).rowcount
                if not added:
                    found = base.execute("SELECT verdict FROM answers WHERE key = ?", row[:1])
                    earlier[row[0]] = self._read(found.fetchone()[0])
            base.execute("COMMIT")
        with self._lock:
            self._stored += len(rows) - len(earlier)
        return earlier

    def _read(self, text: str) -> Verdict:
        try:
            return replace(Verdict.from_json(json.loads(text)), calls=0, seconds=0.0)
        except (ValueError, TypeError, RecursionError) as error:  # ConfigError is a ValueError
            raise ConfigError(f"judge cache {self.path} is damaged: {error}; delete it") from None

    def _prepare(self) -> None:
        """Make the table in an empty file; refuse a file that is not ours to write."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"judge cache {self.path} cannot be made: {error.strerror}") from None
        with self._open(opening=True) as base:
            base.execute("BEGIN IMMEDIATE")
            tables = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            application = base.execute("PRAGMA application_id").fetchone()[0]
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if tables and application != _APPLICATION:
                raise ConfigError(
                    f"{self.path} is a database of another program; give a new file for the "
                    "judge cache"
                )
            if version > _VERSION:
                raise ConfigError(
                    f"judge cache {self.path} has schema {version}, written by a newer envgym; "
                    f"this one reads schema {_VERSION}; give another file or update envgym"
                )
            if not tables:
                base.execute(
                    "CREATE TABLE answers (number INTEGER PRIMARY KEY AUTOINCREMENT, "
                    "key TEXT UNIQUE NOT NULL, judge TEXT NOT NULL, template TEXT NOT NULL, "
                    "verdict TEXT NOT NULL, created REAL NOT NULL)"
                )
                base.execute(f"PRAGMA application_id = {_APPLICATION}")
                base.execute(f"PRAGMA user_version = {_VERSION}")
            base.execute("COMMIT")

    @contextmanager
    def _open(self, *, opening: bool = False) -> Iterator[sqlite3.Connection]:
        # One connection per use: none is ever shared by threads or carried over a fork.
        try:
            with closing(
                sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            ) as base:
                yield base
        except sqlite3.OperationalError as error:
            if opening:
                raise ConfigError(f"judge cache {self.path} cannot be opened: {error}") from None
            raise InfraError("judge cache", f"{self.path}: {error}") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # names can be damaged too
            raise ConfigError(
                f"judge cache {self.path} is damaged or no database ({error}); delete it or give "
                "another file"
            ) from None
