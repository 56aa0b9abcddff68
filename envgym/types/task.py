"""A task is data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do. Holds everything that decides the world, so files can carry it whole."""

    id: str
    """Unique in its set: "train/17" for procedural sets, free text in files."""
    instruction: str = ""
    """What the agent is told. Empty: the environment words it from ``params``."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """JSON values of the family, checked by its ``Params`` model; procedural tasks hold ``world``."""
    split: str = "train"
    """Name of the part of the set it belongs to."""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    """Rough class, for filters and curricula."""
    tags: tuple[str, ...] = ()
    """Free words for filters."""
    checker: str | None = None
    """Name of a checker that the family registered, never an import path; None: the default."""
    solution: tuple[str, ...] | None = None
    """Messages that solve it, where the family has no solver."""

    def to_json(self) -> dict[str, Any]:
        """Return the task as JSON-ready dict, all fields present."""
        data = asdict(self)
        data["tags"] = list(self.tags)
        data["solution"] = None if self.solution is None else list(self.solution)
        return data
