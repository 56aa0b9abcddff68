"""What a law is asked about: an id, its arguments, and how much testing it can afford."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from envgym.runtime import registry
from envgym.types import ConfigError, Stream, Task
from envgym.types.errors import unknown


class LawError(AssertionError):
    """An environment breaks a law; one sentence saying where, and what was seen."""


class Requires(Protocol):
    """A subject of either kit, as checks see it that both share."""

    def require(self, holds: bool, message: str) -> None:
        """Raise LawError with the subject's name and ``message`` unless ``holds``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is sampled. Every number counts episodes unless it says otherwise."""

    tasks: int
    """Tasks per split for the proof."""
    seeds: int
    """Seeds for determinism, in this process."""
    hostile: int
    """Hostile messages; the corpus is sampled evenly below its size."""
    turns: int
    """Most turns played of one episode where the end does not matter."""
    copies: int
    """Environments stepped in shuffled order."""


EFFORTS: Mapping[str, Effort] = {
    "cheap": Effort(tasks=12, seeds=6, hostile=1000, turns=60, copies=16),
    "moderate": Effort(tasks=5, seeds=3, hostile=60, turns=30, copies=16),
    "costly": Effort(tasks=2, seeds=2, hostile=20, turns=12, copies=4),
}
"""Chosen by ``metadata["cost"]``: cheap takes under a millisecond per step, moderate under 0.1 s,
costly starts containers or browsers."""


@dataclass(frozen=True)
class Subject:
    """One environment under test."""

    env_id: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Arguments for every instance that a law makes; laws add their own."""

    @cached_property
    def cls(self) -> Any:
        """The environment's class."""
        return registry.env_class(self.env_id)

    @cached_property
    def entry_point(self) -> str:
        """Where the class can be imported from in another process, "module:Class"."""
        return f"{self.cls.__module__}:{self.cls.__qualname__}"

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The class's metadata."""
        found: Mapping[str, Any] = self.cls.metadata
        return found

    @property
    def effort(self) -> Effort:
        """How much to sample."""
        cost = str(self.metadata.get("cost"))
        if cost not in EFFORTS:
            raise ConfigError(f"{self.env_id}: {unknown('cost in metadata', cost, EFFORTS)}")
        return EFFORTS[cost]

    def make(self, **more: Any) -> Any:
        """Return a new environment; ``more`` overrides the subject's arguments."""
        kwargs = {"disable_env_checker": True, **self.kwargs, **more}
        return registry.make(self.env_id, **kwargs)

    def sampled_tasks(self, tasks: Any) -> Iterator[Task]:
        """Yield tasks of every split of a TaskSet: the first, the last, and some between."""
        for split, size in tasks.splits.items():
            count = min(size, self.effort.tasks)
            middle = Stream(0, "conformance", "tasks", split).sample(
                range(1, max(1, min(size, 100_000) - 1)), max(0, min(count, size) - 2)
            )
            for index in sorted({0, size - 1, *middle}):
                yield tasks.pick(split, index)

    def require(self, holds: bool, message: str) -> None:
        """Raise LawError with this id and ``message`` unless ``holds``."""
        if not holds:
            raise LawError(f"{self.env_id}: {message}")


def register_from(env_id: str, entry_point: str) -> None:
    """Register an id in a fresh process, unless importing envgym or a plugin did."""
    import gymnasium

    try:
        registry.find(env_id)
    except ConfigError:
        registry.register(env_id, entry_point)
    assert env_id in gymnasium.registry
