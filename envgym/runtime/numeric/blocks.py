"""Writing a numeric vector's episodes: a head each, and blocks of actions for all of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from envgym.runtime import registry, settings
from envgym.runtime.episodes import EpisodeWriter
from envgym.runtime.episodes.arrays import put_several
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.tape import Cut, Segment, Tape, seal

STEPS = 1024
"""Most steps between two blocks: what a killed process loses."""
BYTES = 1 << 26
"""Most bytes held back."""

Obs = Any
"""What a vector shows: an array [B, ...], or several by name."""


class BlockRecorder:
    """Records a ``NumericVectorEnv``; its ``record``, ``append`` and ``record_evidence``.

    By default actions are stored, and a digest of observations, rewards and ends. With
    ``record_evidence="all"`` observations, rewards and evidence are stored too. Holds no reference
    to the vector, so that losing the vector closes the file.

    Args:
        vector: whose episodes are written.
        kernel: its arguments, those of its core left out.
        own: the core's.

    Raises:
        EpisodeFileError: the folder is not empty and ``append`` is False.
        InfraError: the disk refused.
    """

    def __init__(self, vector: Any, kernel: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        self._size: int = vector.num_envs
        self._ar = vector.ar
        self._core = vector.core
        self._late = str(getattr(vector.autoreset_mode, "value", vector.autoreset_mode))
        self._stored = kernel.get("record_evidence") == "all"
        apart = ("record", "append", "backend", "device", "dtype", "streams", "autoreset_mode")
        config = {**{k: v for k, v in kernel.items() if k not in apart}, **own}
        self._head: dict[str, Any] = {
            "env": registered_id(vector.family),
            "version": str(vector.family.metadata["version"]),
            "config": settings.to_json(config),
            "spaces": {
                "agent": {
                    "observation": str(vector.single_observation_space),
                    "action": str(vector.single_action_space),
                }
            },
            "program": vector.program.spec(),
        }
        self._where = {
            "size": self._size,
            "evidence": self._stored,
            "vector": {
                "backend": "torch" if self._ar.torch else "numpy",
                "device": None if self._ar.device is None else str(self._ar.device),
                "dtype": str(self._ar.dtype).removeprefix("torch.")
                if self._ar.torch
                else self._ar.dtype.__name__,
                "streams": vector.streams,
                "autoreset_mode": self._late,
            },
        }
        self._tape: Tape | None = None
        self._names: list[str] = []
        self._calls = 0
        self._writer: EpisodeWriter | None = EpisodeWriter.shared(
            kernel["record"], append=kernel.get("append", False)
        )

    def begin(
        self,
        rows: NDArray[Any],
        seeds: Sequence[int],
        obs: Obs,
        evidence: Mapping[str, Any],
        asked: bool,
    ) -> None:
        """Open the episodes that now begin in some rows.

        Args:
            rows: int64 indices; all of them begin a new batch.
            seeds: one per row of ``rows``.
            obs: observations of the whole vector.
            evidence: of the whole vector, arrays [B].
            asked: whether ``reset`` asked for some rows.
        """
        if self._writer is None:
            return
        shown = leaves(obs, self._ar)
        if len(rows) == self._size:
            self._finish()
            self._tape, self._names, self._calls = Tape(self._size), [], 0
        tape = self._tape
        assert tape is not None  # a vector's first reset is of all rows
        asked = asked and len(rows) < self._size
        self._calls += asked
        skipped = starts_late(self._late, rows, self._size, asked)
        tape.begin(rows, shown, skipped)
        for row, seed in zip(rows.tolist(), seeds, strict=True):
            place = {
                "id": self._names[0] if self._names else None,
                "row": row,
                "start": tape.steps + skipped,
                "asked": self._calls if asked else 0,
                **self._where,
            }
            task = {"id": f"seed/{seed}", "instruction": "", "split": "train"}
            name = self._writer.head(**self._head, seed=seed, task=task, batch=place)
            self._names.append(name)
            if self._stored:
                facts = {k: self._ar.numpy(v)[row].tolist() for k, v in evidence.items()}
                facts.pop("outcome", None)
                first = {key: value[row] for key, value in shown.items()}
                self._writer.reset(name, whole_obs(first), {**facts, "end": None})

    def step(
        self,
        actions: Any,
        obs: Obs,
        rewards: Any,
        done: Any,
        waiting: Any,
        evidence: Mapping[str, Any],
    ) -> None:
        """Add one step; rows that are ``waiting`` (bool [B], or None) have no event."""
        tape = self._tape
        if self._writer is None or tape is None:
            return
        kept = evidence if self._stored else None
        add_step(tape, self._ar, actions, obs, rewards, done, waiting, kept)
        if tape.held >= BYTES or tape.steps % STEPS == 0:
            self._write(tape.cut())

    def close(self) -> None:
        """Write what is left; running episodes end as ``external``. Idempotent."""
        writer, stored = self._writer, self._tape is not None
        if writer is None:
            return
        try:
            if stored:
                self._finish()
        finally:
            self._writer = None
            writer.close()

    def _finish(self) -> None:
        if self._tape is not None:
            self._tape.finish()
            self._write(self._tape.cut())

    def _write(self, cut: Cut) -> None:
        """Write arrays first, then the blocks that name them, then ends."""
        assert self._writer is not None
        groups: dict[tuple[int, int, int], list[Segment]] = {}
        for segment in cut.segments:
            if segment.n:
                groups.setdefault(segment[2:5], []).append(segment)
        if groups:
            several = {"actions": cut.actions, "marks": cut.marks, **cut.more}
            ref = put_several(self._writer.folder, several)
            for (t0, n, e0), members in groups.items():
                self._writer.line(
                    {
                        "kind": "block",
                        "eps": [self._names[segment.number] for segment in members],
                        "e0": e0,
                        "n": n,
                        "ref": ref,
                        "hash": seal(members),
                        "t0": t0,
                    }
                )
        for segment in cut.segments:
            if segment.end:
                self._end(self._names[segment.number], segment)

    def _end(self, name: str, segment: Segment) -> None:
        assert self._writer is not None
        if segment.end == "task" and not math.isfinite(segment.total):
            reason = "reward:" + str(self._head["program"].get("program", ""))
            self._writer.end(name, "invalid", valid=False, reason=reason)
        else:
            total = segment.total if segment.end == "task" else None
            self._writer.end(name, segment.end, returns=total)


def add_step(
    tape: Tape,
    ar: Any,
    actions: Any,
    obs: Obs,
    rewards: Any,
    done: Any,
    waiting: Any,
    kept: Mapping[str, Any] | None,
) -> None:
    """Add a vector's step to a tape; ``kept``: evidence to keep beside observation and pay."""
    shown, paid, ended = leaves(obs, ar), ar.numpy(rewards), ar.numpy(done)
    more: dict[str, NDArray[Any]] | None = None
    if kept is not None:
        more = {**shown, "pay": paid, "ended": ended}
        more.update((f"ev/{key}", ar.numpy(value)) for key, value in kept.items())
    idle = None if waiting is None else ar.numpy(waiting)
    tape.step(ar.numpy(actions), shown, paid, ended, idle, more)


def starts_late(mode: str, rows: NDArray[Any], size: int, asked: bool) -> bool:
    """Return whether the step that is going on is no event of the episodes that now begin."""
    return mode == "NextStep" and not asked and len(rows) < size


def leaves(obs: Obs, ar: Any) -> dict[str, NDArray[Any]]:
    """Return observations as NumPy arrays by name: "obs", or "obs/KEY" for each of several."""
    if isinstance(obs, Mapping):
        return {f"obs/{key}": ar.numpy(value) for key, value in obs.items()}
    return {"obs": ar.numpy(obs)}


def whole_obs(found: Mapping[str, Any]) -> Any:
    """Return one row's named arrays as the JSON that a single environment would record."""
    if "obs" in found:
        return NumericEnv.as_recorded(found["obs"])
    ordered = {key.removeprefix("obs/"): found[key] for key in found}
    return NumericEnv.as_recorded(ordered)


def registered_id(family: Any) -> str:
    """Return the id under which a numeric family is registered, or its class's name."""
    for env_id in registry.numeric_ids():
        entry = registry.find(env_id).entry_point
        if entry is family or (
            isinstance(entry, str)
            and entry.endswith(f":{family.__name__}")
            and registry.env_class(env_id) is family
        ):
            return env_id
    return str(family.__name__)
