"""Writing episodes: one line per thing that happened, one ``write`` per line."""

import contextlib
import json
import multiprocessing
import os
import platform
import re
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.episodes import arrays
from envgym.runtime.episodes.encode import encode
from envgym.runtime.episodes.redact import redact
from envgym.runtime.episodes.schema import AGENT, VERSION, Obs
from envgym.types.call import Call
from envgym.types.entry import Entry
from envgym.types.errors import EpisodeFileError, InfraError
from envgym.types.record import Record
from envgym.types.task import Task

EPISODE_FILE = re.compile(r"episodes(-\d+)?\.jsonl")
"""Names of episode files in a folder."""

_INLINE = 64
"""Arrays of at most this many finite numbers are written as lists."""

_open: "weakref.WeakValueDictionary[tuple[int, str], EpisodeWriter]" = weakref.WeakValueDictionary()
"""Shared writers by process and absolute folder; the process id keeps a forked child apart."""
_open_lock = threading.Lock()


class EpisodeWriter:
    """Appends episodes to ``folder/episodes.jsonl``, or to ``episodes-K.jsonl`` in a worker.

    Safe to share between threads. A killed process loses at most the line in flight.

    Args:
        folder: where the file lies; made if missing.
        append: continue a folder that already holds episodes.
        fsync: also wait for the disk after each line (about 0.2 ms); survives a power cut.

    Raises:
        EpisodeFileError: the folder is not empty and ``append`` is False, or it is a file.
        InfraError: the disk refused.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, append: bool = False, fsync: bool = False
    ) -> None:
        self.folder = Path(folder).absolute()
        worker = multiprocessing.parent_process() is not None
        self._fsync = fsync
        self._lock = threading.Lock()
        self._holders = 1
        self._torn = False
        self._attempts: dict[str, int] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # A worker joins the folder that its parent was allowed to use.
            if not append and not worker and (found := _content(self.folder)):
                raise EpisodeFileError(
                    f"{folder} is not empty (it holds {found}); give a new folder, or append "
                    "to it (--append)"
                )
            self.path, self._fd = _open_worker(self.folder) if worker else _open_own(self.folder)
        except FileExistsError:
            raise EpisodeFileError(f"{folder} is a file; give a folder for the episodes") from None
        except OSError as error:
            raise InfraError("disk", f"cannot write to {folder}: {error.strerror}") from error
        self._close_file = weakref.finalize(self, os.close, self._fd)
        if append and not worker:
            self._resume()

    @classmethod
    def shared(
        cls, folder: str | os.PathLike[str], *, append: bool = False, fsync: bool = False
    ) -> "EpisodeWriter":
        """Return this process's writer of ``folder``, made on first use.

        Each call needs its own ``close``; the last one closes the file.
        """
        key = (os.getpid(), str(Path(folder).absolute()))
        with _open_lock:
            writer = _open.get(key)
            if writer is None:
                writer = _open[key] = cls(folder, append=append, fsync=fsync)
            else:
                writer._holders += 1
            return writer

    def head(
        self,
        *,
        env: str,
        version: str,
        config: Mapping[str, Any],
        seed: int,
        task: Task | Mapping[str, Any],
        agents: Sequence[str] = (AGENT,),
        spaces: Mapping[str, Any] | None = None,
        tools: Iterable[Mapping[str, Any]] | Mapping[str, Any] = (),
        program: Mapping[str, Any] | None = None,
        parent: Mapping[str, Any] | None = None,
        group: Mapping[str, Any] | None = None,
        volatile: Sequence[str] = (),
        masks: Sequence[str] = (),
        libs: Mapping[str, str] | None = None,
        batch: Mapping[str, Any] | None = None,
    ) -> str:
        """Open an episode and return its name, such as ``"train/17-s5-g0-a0"``.

        The name is made of task, seed, group index and attempt, so equal runs give equal names.
        ``config`` is redacted. ``libs`` adds to the versions that every head holds; ``batch`` says
        where a row of a numeric vector stood.
        """
        task = task.to_json() if isinstance(task, Task) else dict(task)
        if not isinstance(tools, Mapping):
            tools = {_digest(tool): tool for tool in tools}
        stem = f"{task.get('id', 'task')}-s{seed}-g{group['index'] if group else 0}"
        with self._lock:
            attempt = self._attempts.get(stem, 0)
            self._attempts[stem] = attempt + 1
        ep = f"{stem}-a{attempt}"
        line: dict[str, Any] = {
            "kind": "head",
            "ep": ep,
            "v": VERSION,
            "env": env,
            "version": version,
            "config": redact(config),
            "seed": seed,
            "task": task,
            "agents": list(agents),
            "spaces": spaces or {},
            "tools": tools,
            "program": program or {},
            "parent": parent,
            "group": group,
            "libs": {**library_versions(), **(libs or {})},
            "volatile": list(volatile),
        }
        if masks:
            line["masks"] = list(masks)
        if batch is not None:
            line["batch"] = batch
        self._write(line)
        return ep

    def reset(self, ep: str, obs: Obs | NDArray[Any], ev: Mapping[str, Any]) -> None:
        """Write what ``reset`` returned: the observation and record 0."""
        obs = obs if obs.__class__ is str else self._obs(obs)
        self._write({"kind": "reset", "ep": ep, "obs": {AGENT: obs}, "ev": {AGENT: _items(ev)}})

    def event(
        self,
        ep: str,
        e: int,
        act: Obs | NDArray[Any],
        calls: Iterable[Call | Mapping[str, Any]],
        err: str | None,
        obs: Obs | NDArray[Any],
        ev: Mapping[str, Any],
        pay: float,
        ended: str | None = None,
    ) -> None:
        """Write step ``e``: message, calls, the agent's mistake, observation, evidence, float.

        ``ended`` is None, "terminated" or "truncated".
        """
        line = {
            "kind": "e",
            "ep": ep,
            "e": e,
            "acts": {AGENT: act if act.__class__ is str else self._obs(act)},
            "calls": {
                AGENT: [
                    {"name": call[0], "args": call[1]}
                    if isinstance(call, tuple)
                    else {"name": call["name"], "args": call["args"]}
                    for call in calls
                ]
            },
            "err": {} if err is None else {AGENT: err},
            "obs": {AGENT: obs if obs.__class__ is str else self._obs(obs)},
            "ev": {AGENT: ev._items if isinstance(ev, Record) else dict(ev)},
            "pay": {AGENT: pay},
            "ended": {} if ended is None else {AGENT: ended},
        }
        self._write(line)

    def late(self, ep: str, e: int, agent: str, ev: Mapping[str, Any], source: str) -> None:
        """Add evidence to event ``e`` (-1: the reset) after it was written, even after the end.

        Arrays are stored like observations: small ones as lists, others by reference.
        """
        shown = {key: self._obs(value) for key, value in ev.items()}
        self._write(
            {"kind": "late", "ep": ep, "e": e, "agent": agent, "ev": shown, "source": source}
        )

    def cut(self, ep: str, e: int, cause: str) -> None:
        """Write that a wall-clock budget ran out at event ``e``; before or after its ``event``."""
        self._write({"kind": "cut", "ep": ep, "e": e, "cause": cause})

    def end(
        self,
        ep: str,
        cause: str,
        valid: bool = True,
        reason: str | None = None,
        success: bool | None = None,
        returns: float | None = None,
        ledger: Iterable[Entry] = (),
    ) -> None:
        """Close the episode: ``cause`` is task, budget, external or invalid."""
        self._write(
            {
                "kind": "end",
                "ep": ep,
                "cause": cause,
                "valid": valid,
                "reason": reason,
                "success": {AGENT: success},
                "returns": {AGENT: returns},
                "ledger": [
                    [*entry[:6], None if entry[6] is None else _items(entry[6])] for entry in ledger
                ],
            }
        )

    def array(self, array: NDArray[Any]) -> dict[str, Any]:
        """Store an array or image beside the file; return {"ref", "dtype", "shape"}."""
        return arrays.put(self.folder, np.asarray(array))

    def close(self) -> None:
        """Give the writer back; the file closes when every holder has. Idempotent after that."""
        with _open_lock:
            self._holders = max(0, self._holders - 1)
            if self._holders == 0:
                if _open.get(key := (os.getpid(), str(self.folder))) is self:
                    del _open[key]
                self._close_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy or a worker's unpickled twin joins its process's writer of the same folder.
        return (_rejoin, (str(self.folder), self._fsync))

    def line(self, line: dict[str, Any]) -> None:
        """Write one line of the schema, all its fields given."""
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        data = encode(line)
        with self._lock:
            if self._holders == 0:
                raise EpisodeFileError(f"{self.path}: the writer is closed")
            if self._torn:
                data = b"\n" + data
            try:
                done = os.write(self._fd, data)
                while done < len(data):  # a short write: signals, quotas, full disks
                    self._torn = True
                    done += os.write(self._fd, data[done:])
                self._torn = False
                if self._fsync:
                    os.fsync(self._fd)
            except OSError as error:
                raise InfraError(
                    "disk", f"cannot write to {self.path}: {error.strerror}"
                ) from error

    def _obs(self, value: Obs | NDArray[Any]) -> Any:
        """Return a JSON form of an observation or action; large or unfinite arrays by reference."""
        if not isinstance(value, np.ndarray):
            return value
        small = value.size <= _INLINE and value.dtype.kind in "biuf"
        return value.tolist() if small and np.isfinite(value).all() else self.array(value)

    def _resume(self) -> None:
        """Go on counting attempts, and put a line that a killed writer left open on its own."""
        data = b"\n"
        for path in sorted(self.folder.glob("episodes*.jsonl")):
            with path.open("rb") as file:
                for data in file:
                    if data.startswith(b'{"kind":"head"'):
                        with contextlib.suppress(ValueError, KeyError):
                            stem, _, attempt = json.loads(data)["ep"].rpartition("-a")
                            seen = self._attempts.get(stem, 0)
                            self._attempts[stem] = max(seen, int(attempt) + 1)
            if path == self.path:
                self._torn = not data.endswith(b"\n")


def _rejoin(folder: str, fsync: bool) -> EpisodeWriter:
    return EpisodeWriter.shared(folder, append=True, fsync=fsync)


def _items(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return mapping._items if isinstance(mapping, Record) else dict(mapping)


def _content(folder: Path) -> str | None:
    """Return the name of something in ``folder``; files of runs that wrote nothing do not count."""
    for entry in sorted(folder.iterdir()):
        if not (EPISODE_FILE.fullmatch(entry.name) and entry.stat().st_size == 0):
            return entry.name
    return None


def _open_own(folder: Path) -> tuple[Path, int]:
    path = folder / "episodes.jsonl"
    return path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _open_worker(folder: Path) -> tuple[Path, int]:
    """Open the first free ``episodes-K.jsonl``; O_EXCL settles races between workers."""
    k = 1
    while True:
        path = folder / f"episodes-{k}.jsonl"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return path, os.open(path, flags, 0o644)
        except FileExistsError:
            k += 1


def _digest(tool: Mapping[str, Any]) -> str:
    return blake2b(
        json.dumps(tool, sort_keys=True, default=str).encode(), digest_size=8
    ).hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """Return the versions that every head holds, measured once per process."""
    found = {"python": platform.python_version()}
    for name in ("envgym", "numpy", "gymnasium"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
