"""What of a numeric episode outlives its process: the recorded file and the snapshot."""

import json
import pickle
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded

from envgym.rewards import Books, Program
from envgym.runtime import settings
from envgym.runtime.numeric.core import Core, Scalar
from envgym.runtime.numeric.evidence import NUMERIC_KERNEL
from envgym.runtime.recording import Recorder, note_late
from envgym.types import ConfigError

NOT_RUNNING = "the episode is over or has not begun; call reset() before step()."
_KEPT = (
    "scalar",
    "_rng",
    "_more",
    "turn",
    "seed",
    "_errors",
    "_total",
    "_facts",
    "_books",
    "_shown",
)


class NumericKept(gymnasium.Env[Any, Any]):
    """Recording and snapshots of the running episode; the floor below ``NumericEnv``."""

    core: Core
    """The parameters and rules."""
    program: Program
    scalar: Scalar
    seed: int
    """Seed of the running episode."""
    turn: int
    """Steps taken in this episode."""
    _books: Books
    _live: bool
    _recorder: Recorder | None
    _shown: Any
    _spec: EnvSpec | None = None
    _valid: Any

    @property
    def spec(self) -> EnvSpec | None:
        """What ``gym.make`` was asked for, its arguments as JSON."""
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

    @staticmethod
    def as_recorded(value: Any) -> Any:
        """Return an observation or action as JSON; what cannot be told is written as text."""
        if isinstance(value, Mapping):
            return {str(key): NumericKept.as_recorded(item) for key, item in value.items()}
        if isinstance(value, np.ndarray | np.generic):
            value = value.tolist()
        try:
            return json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            return f"{value!r:.200}"

    def note(self, evidence: Mapping[str, Any], source: str) -> None:
        """Append late evidence to the recorded episode, dated to the latest event.

        Without a recording nothing happens.

        Raises:
            ConfigError: a key is one that the kernel counts itself, such as "turn".
        """
        note_late(self._recorder, getattr(self, "turn", 0), NUMERIC_KERNEL, evidence, source)

    def replay_cuts(self, cuts: Mapping[int, str]) -> None:
        """Do nothing: no clock ends these episodes."""

    def _head(self, group: Any, parent: Mapping[str, Any] | None) -> dict[str, Any]:
        config = dict(self.spec.kwargs) if self.spec is not None else {}
        for name in ("record", "append"):
            config.pop(name, None)
        return {
            "env": self.env_id,
            "version": str(self.metadata["version"]),
            "config": settings.to_json(config),
            "seed": self.seed,
            "task": {"id": f"seed/{self.seed}", "instruction": "", "split": "train"},
            "spaces": {
                "agent": {
                    "observation": str(self.observation_space),
                    "action": str(self.action_space),
                }
            },
            "program": self.program.spec(),
            "parent": parent,
            "group": group,
        }

    def snapshot(self) -> bytes:
        """Return the running episode whole: scalar state, generators, books.

        Raises:
            ResetNeeded: no episode is running.
        """
        if not self._live:
            raise ResetNeeded(NOT_RUNNING)
        ep = self._recorder.ep if self._recorder is not None else None
        kept = {name: getattr(self, name) for name in _KEPT}
        return pickle.dumps((type(self).__name__, self.core, kept, ep), protocol=5)

    def restore(self, snapshot: bytes) -> Any:
        """Continue from a snapshot of the same family and arguments; return its observation.

        Only for snapshots of your own: unpickling runs code.

        Raises:
            ConfigError: it is no snapshot, or one of other arguments or another reward program.
        """
        where = type(self).__name__
        try:
            family, core, kept, ep = pickle.loads(snapshot)
        except (pickle.UnpicklingError, EOFError, TypeError, ValueError):
            raise ConfigError(f"{where}: these bytes are no snapshot, or not all of one.") from None
        if family != where or core != self.core or kept["_books"].program != self.program:
            raise ConfigError(
                f"{where}: this snapshot is of {family} with other arguments or another reward."
            )
        self._abandon()
        for name, value in kept.items():
            setattr(self, name, value)
        self._valid = getattr(self.scalar, "valid", None)
        self._live = True
        if self._recorder is not None:
            evidence = dict(self._books.records[-1])
            head = self._head(None, {"ep": ep, "e": self.turn})
            self._recorder.begin(head, self._books, self.as_recorded(self._shown), evidence)
        return self._shown

    def evidence_so_far(self) -> tuple[Mapping[str, Any], ...]:
        """Return the running or latest episode's records as its reward program read them."""
        return tuple(self._books.records)

    def _abandon(self) -> None:
        self._live = False
        if self._recorder is not None:
            self._recorder.abandon()
