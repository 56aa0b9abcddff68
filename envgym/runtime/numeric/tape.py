"""What a batch of numeric environments did, as arrays: actions, and a digest of all the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

Leaves = Mapping[str, NDArray[Any]]
"""Arrays [B, ...] by name."""

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_NARROW = (np.uint8, np.int16, np.int32)


class Segment(NamedTuple):
    """Consecutive events of one episode within one cut of the tape."""

    number: int
    """Which episode of the batch, counted from 0 in order of beginning."""
    row: int
    t0: int
    """First index along the cut's arrays."""
    n: int
    """Events; 0 for an episode that ended before the cut's first one."""
    e0: int
    """Number of its first event within the episode."""
    digest: int
    """After its last event, below 2**64."""
    end: str
    """"task", "external", or "" for an episode that goes on."""
    total: float
    """Sum of its rewards so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch of T steps."""

    actions: NDArray[Any]
    """[T, B, ...], integers in the smallest type that holds them."""
    marks: NDArray[np.uint16]
    """[T, B]: the low 16 bits of the running digests, so that a first difference has a place."""
    more: dict[str, NDArray[Any]]
    """What else was kept, [T, B, ...] by name."""
    segments: list[Segment]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.marks)


@dataclass(slots=True)
class Tape:
    """Follows one batch from the reset of all its rows on.

    A digest per row runs over the reset's observation, then over observation, reward and end of
    every event. It is the same on every machine that computes the same numbers, and differs for
    others but for one chance in about 2**64; it guards against accidents, not against forgers.

    Args:
        size: B.
    """

    size: int
    steps: int = 0
    """Steps so far, whether or not they were cut off already."""
    count: int = 0
    """Episodes so far."""
    held: int = 0
    """Bytes that the next cut will hold."""
    _row: dict[str, NDArray[Any]] = field(init=False)
    _actions: list[NDArray[Any]] = field(default_factory=list)
    _marks: list[NDArray[np.uint16]] = field(default_factory=list)
    _more: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    _closed: list[Segment] = field(default_factory=list)
    _words: NDArray[np.uint64] = field(default_factory=lambda: np.empty((0, 0), np.uint64))
    _keys: NDArray[np.uint64] = field(default_factory=lambda: np.empty((0, 1), np.uint64))

    def __post_init__(self) -> None:
        whole = {key: np.zeros(self.size, np.int64) for key in ("number", "t0", "e0")}
        self._row = {
            **whole,
            "digest": np.zeros(self.size, np.uint64),
            "total": np.zeros(self.size),
            "running": np.zeros(self.size, bool),
        }

    def begin(self, rows: NDArray[Any], obs: Leaves, skipped: bool = False) -> None:
        """Begin an episode in some rows; one that still ran there was cut from outside.

        Args:
            rows: int64 indices.
            obs: observations of all rows.
            skipped: the step now beginning is no event of theirs.
        """
        self._close(rows[self._row["running"][rows]], "external")
        mixed = self._mixed(obs, np.zeros(self.size), np.zeros(self.size, bool))
        found = self._row
        found["number"][rows] = self.count + np.arange(len(rows))
        self.count += len(rows)
        found["t0"][rows] = len(self._actions) + skipped
        found["e0"][rows] = 0
        found["digest"][rows] = mixed[rows]
        found["total"][rows] = 0.0
        found["running"][rows] = True

    def step(
        self,
        actions: NDArray[Any],
        obs: Leaves,
        rewards: NDArray[Any],
        done: NDArray[Any],
        waiting: NDArray[Any] | None,
        more: Leaves | None = None,
    ) -> None:
        """Add one step of all rows.

        Args:
            actions: [B, ...].
            obs: observations.
            rewards: [B].
            done: bool [B].
            waiting: rows for which it is no event, bool [B]; None: none.
            more: what else to keep.
        """
        found = self._row
        active = found["running"] if waiting is None else found["running"] & ~waiting
        mixed = self._mixed(obs, rewards, done)
        mixed += found["digest"]
        np.copyto(found["digest"], _mix(mixed), where=active)
        found["total"] += np.where(active, rewards, 0.0)
        self._actions.append(np.array(actions))
        self._marks.append(found["digest"].astype(np.uint16))
        self.held += self._actions[-1].nbytes + 2 * self.size
        for name, value in (more or {}).items():
            self._more.setdefault(name, []).append(np.array(value))
            self.held += value.nbytes
        self.steps += 1
        ended = np.nonzero(active & done)[0]
        if len(ended):
            self._close(ended, "task")

    def finish(self) -> None:
        """Close the episodes that still run: they were cut from outside."""
        self._close(np.nonzero(self._row["running"])[0], "external")

    def cut(self) -> Cut:
        """Return what happened since the last cut, and go on."""
        length, found = len(self._actions), self._row
        going = np.nonzero(found["running"])[0]
        segments = [*self._closed, *(s for s in self._segments(going, "") if s.n)]
        behind = np.maximum(length - found["t0"][going], 0)
        found["e0"][going] += behind
        found["t0"][going] = np.maximum(found["t0"][going] - length, 0)
        done = Cut(
            actions=_narrow(_stack(self._actions)),
            marks=_stack(self._marks) if length else np.zeros((0, self.size), np.uint16),
            more={name: _stack(values) for name, values in self._more.items()},
            segments=segments,
        )
        self._actions, self._marks, self._more, self._closed = [], [], {}, []
        self.held = 0
        return done

    def _close(self, rows: NDArray[Any], end: str) -> None:
        self._closed += self._segments(rows, end)
        self._row["running"][rows] = False

    def _segments(self, rows: NDArray[Any], end: str) -> list[Segment]:
        found, length = self._row, len(self._actions)
        columns = [found[key][rows].tolist() for key in ("number", "t0", "e0", "digest", "total")]
        return [
            Segment(number, row, t0, max(0, length - t0), e0, digest, end, total)
            for row, number, t0, e0, digest, total in zip(rows.tolist(), *columns, strict=True)
        ]

    def _mixed(self, obs: Leaves, rewards: NDArray[Any], done: NDArray[Any]) -> NDArray[np.uint64]:
        """Return 64 bits per row for what was seen, uint64 [B]."""
        parts = [*(obs[name] for name in sorted(obs)), rewards, done]
        flat = [np.asarray(part).reshape(self.size, -1) for part in parts]
        width = sum(part.shape[1] for part in flat)
        if len(self._words) != width:
            self._words = np.empty((width, self.size), np.uint64)
            # One key per place: words that trade places must not cancel out.
            self._keys = PCG64(width).random_raw(width)[:, None]
        at = 0
        for part in flat:
            self._words[at : at + part.shape[1]] = _bits(part).T
            at += part.shape[1]
        words = self._words
        words ^= self._keys
        mixed: NDArray[np.uint64] = np.add.reduce(_mix(words), axis=0, dtype=np.uint64)
        return mixed


def seal(segments: list[Segment]) -> str:
    """Return the hash of a block from the digests of its segments, in order of rows."""
    ordered = sorted(segments, key=lambda segment: segment.row)
    digests = np.asarray([segment.digest for segment in ordered], dtype="<u8")
    return blake2b(digests.tobytes(), digest_size=16).hexdigest()


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble words in place so that every bit depends on all of them, and return them."""
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        words ^= words >> np.uint64(shift)
        words *= factor
    words ^= words >> np.uint64(31)
    return words


def _bits(array: NDArray[Any]) -> NDArray[np.uint64]:
    """Return numbers as words of 64 bits, the same on every machine."""
    if array.dtype.kind == "f":
        return np.ascontiguousarray(array, np.float64).view(np.uint64)
    return np.ascontiguousarray(array, np.int64).view(np.uint64)


def _stack(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return np.stack(arrays) if arrays else np.zeros(0)


def _narrow(array: NDArray[Any]) -> NDArray[Any]:
    """Return integers in the smallest type that holds them all."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    for kind in _NARROW:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return array.astype(kind)
    return array
