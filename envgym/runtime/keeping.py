"""What of an episode outlives its process: the recorded file and the snapshot."""

import pickle
import time
from collections.abc import Iterable, Mapping
from typing import Any

from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded

from envgym.rewards import Books, Program
from envgym.runtime import settings
from envgym.runtime.evidence import KERNEL
from envgym.runtime.family import Family
from envgym.runtime.recording import Recorder, note_late
from envgym.types import ConfigError, Evidence

MAX_ACTION_CHARS = 1_000_000
"""Longest message that the action space admits; longer ones are cut, never refused."""

NOT_RUNNING = "the episode is over or has not begun; call reset() before step()."

_SNAPSHOT: Iterable[str] = (
    "state", "task", "seed", "stream", "turn", "_errors", "_extra", "_tokens", "_cost",
    "_finished", "_success", "_end", "_books", "_last",
)  # fmt: skip


class Kept(Family):
    """Recording and snapshots of the running episode; the middle floor of ``TaskEnv``."""

    seed: int
    """Seed of the running episode."""
    program: Program
    declared: Mapping[str, Evidence]
    _books: Books
    _budgeted: bool
    _last: tuple[str, str]
    _live: bool
    _max_obs: int
    _recorder: Recorder | None
    _replayed: Mapping[int, str] | None = None
    _schemas: bytes
    _spec: EnvSpec | None = None
    _started: float

    def _evidence(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def spec(self) -> EnvSpec | None:
        """What ``gym.make`` was asked for, its arguments as JSON: never live objects."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        if spec is not None:
            spec.kwargs = settings.to_json(spec.kwargs)
        self._spec = spec

    @property
    def env_id(self) -> str:
        """The registered id, or the class's name outside ``gym.make``."""
        return self.spec.id if self.spec is not None else type(self).__name__

    def _head(self, group: Any, parent: Mapping[str, Any] | None) -> dict[str, Any]:
        config = dict(self.spec.kwargs) if self.spec is not None else {}
        config.pop("record", None)
        config.pop("append", None)
        volatile = [f"/ev/agent/{e.key}" for e in self.declared.values() if e.volatile]
        if any(e.volatile and e.key in self.program.needs for e in self.declared.values()):
            volatile.append("/pay/agent")
        return {
            "env": self.env_id,
            "version": str(self.metadata.get("version", "0")),
            "config": settings.to_json(config),
            "seed": self.seed,
            "task": self.task.to_json(),
            "agents": ["agent"],
            "spaces": {
                "agent": {
                    "observation": {"type": "text", "max_length": self._max_obs},
                    "action": {"type": "text", "max_length": MAX_ACTION_CHARS},
                }
            },
            "tools": list(pickle.loads(self._schemas)),
            "program": self.program.spec(),
            "parent": parent,
            "group": group,
            "masks": list(self.metadata.get("masks", ())),
            "volatile": volatile,
        }

    def note(self, evidence: Mapping[str, Any], source: str) -> None:
        """Append late evidence to the recorded episode, dated to the latest event.

        A judge's answer may come after the end; arrays (token ids) are stored beside the file.
        Without a recording nothing happens.

        Raises:
            ConfigError: a key is one that the kernel counts itself, such as "tokens".
        """
        note_late(self._recorder, self.turn, KERNEL, evidence, source)

    def evidence_so_far(self) -> tuple[Mapping[str, Any], ...]:
        """Return the running or latest episode's records as its reward program read them."""
        return tuple(self._books.records)

    def replay_cuts(self, cuts: Mapping[int, str]) -> None:
        """Let recorded cuts instead of the clock decide the wall-clock budget from now on."""
        self._replayed = dict(cuts)
        self._budgeted = True

    def snapshot(self) -> bytes:
        """Return the running episode whole: state, streams, budgets, reward books.

        Raises:
            ResetNeeded: no episode is running.
            ConfigError: this family cannot (``metadata["snapshot"]`` is False).
        """
        if not self.metadata.get("snapshot"):
            raise ConfigError(f"{type(self).__name__} cannot take snapshots.")
        if not self._live:
            raise ResetNeeded(NOT_RUNNING)
        kept = {name: getattr(self, name) for name in _SNAPSHOT}
        elapsed = time.monotonic() - self._started
        ep = self._recorder.ep if self._recorder is not None else None
        return pickle.dumps((type(self).__name__, kept, elapsed, ep), protocol=5)

    def restore(self, snapshot: bytes) -> str:
        """Continue from a snapshot of the same family and arguments; return its observation.

        The running episode, if any, ends as ``external``; a recorded one opens a child episode.
        Gymnasium's wrappers count resets: inside them, reset once before. Only for snapshots of
        your own: unpickling runs code.

        Raises:
            ConfigError: it is no snapshot, or one of another family or reward program.
        """
        where = type(self).__name__
        try:
            family, kept, elapsed, ep = pickle.loads(snapshot)
        except (pickle.UnpicklingError, EOFError, TypeError, ValueError):
            raise ConfigError(f"{where}: these bytes are no snapshot, or not all of one.") from None
        if family != where:
            raise ConfigError(f"this is a snapshot of {family}, not of {where}.")
        if (program := kept["_books"].program) != self.program:
            raise ConfigError(
                f"{where}: the snapshot was taken under reward '{program}', this environment"
                f" pays '{self.program}'."
            )
        self._abandon()
        for name, value in kept.items():
            setattr(self, name, value)
        self._started = time.monotonic() - elapsed
        self._live = True
        observation = str(self._last[1])
        if self._recorder is not None:
            head = self._head(None, {"ep": ep, "e": self.turn})
            self._recorder.begin(head, self._books, observation, self._evidence())
        return observation

    def _abandon(self) -> None:
        self._live = False
        if self._recorder is not None:
            self._recorder.abandon()
