"""The sizes of a quest: state space, object count, solution length."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from envgym.types import ConfigError
from envgym.types.errors import unknown

Goal = Literal["exit", "bring", "store", "any"]
GOALS = ("exit", "bring", "store", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What a world is drawn from besides its seed. The defaults are the level "small"."""

    width: int = 4
    """Rooms from west to east, 2 to 10."""
    height: int = 4
    """Rooms from south to north, 2 to 10."""
    goal: Goal = "exit"
    """exit: unlock the way out; bring: drop a thing in a named room; store: put a thing in a
    container; any: one of the three, drawn per world."""
    doors: int = 0
    """Locked doors between rooms, 0 to 4, each with its own key; the way out is not counted."""
    containers: int = 0
    """Closed containers, 0 to 6; keys and things may lie in them. store needs at least one."""
    objects: int = 2
    """Things that no goal needs, 0 to 20."""
    openness: int = 100
    """Percent of the walls between neighbouring rooms that are open, beyond those needed to
    connect all rooms; 0: a maze without loops, 100: an open field."""
    min_steps: int = 4
    """Shortest allowed length of the best solution, in commands, at least 2."""
    max_steps: int = 10
    """Longest allowed length of the best solution, in commands."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, limits = getattr(self, field.name), LIMITS.get(field.name)
            if limits is None:
                continue
            if type(value) is not int or not limits[0] <= value <= limits[1]:
                raise ConfigError(
                    f"Quest: {field.name} must be an integer from {limits[0]} to {limits[1]},"
                    f" got {value!r}."
                )
        if self.goal not in GOALS:
            raise ConfigError(f"Quest: {unknown('goal', str(self.goal), GOALS)}")
        if self.goal in ("store", "any") and not self.containers:
            raise ConfigError(f"Quest: goal='{self.goal}' needs containers of at least 1, got 0.")
        if self.max_steps < self.min_steps:
            raise ConfigError(
                f"Quest: max_steps must be at least min_steps ({self.min_steps}),"
                f" got {self.max_steps}."
            )

    @property
    def rooms(self) -> int:
        """Number of rooms."""
        return self.width * self.height

    @property
    def named(self) -> bool:
        """Whether rooms have names: an open field without a goal room needs none."""
        return self.openness < 100 or self.goal in ("bring", "any")

    def to_json(self) -> dict[str, Any]:
        """Return the knobs as a task's ``params`` hold them."""
        return asdict(self)


LIMITS: Mapping[str, tuple[int, int]] = {
    "width": (2, 10),
    "height": (2, 10),
    "doors": (0, 4),
    "containers": (0, 6),
    "objects": (0, 20),
    "openness": (0, 100),
    "min_steps": (2, 200),
    "max_steps": (2, 200),
}
"""Lowest and highest value of each number."""

LEVELS: Mapping[str, Knobs] = {
    "small": Knobs(),
    "medium": Knobs(
        width=5,
        height=5,
        goal="store",
        doors=1,
        containers=3,
        objects=4,
        openness=30,
        min_steps=8,
        max_steps=20,
    ),
    "large": Knobs(
        width=8,
        height=8,
        goal="any",
        doors=3,
        containers=5,
        objects=8,
        openness=20,
        min_steps=16,
        max_steps=40,
    ),
}
"""Named settings; every knob given beside a level replaces the level's value."""

TURNS: Mapping[str, int] = {"small": 12, "medium": 40, "large": 80}
"""Default ``max_turns`` per level: never below ``max_steps``."""


def knobs_for(level: str, given: Mapping[str, Any]) -> Knobs:
    """Return the knobs of ``level`` with those in ``given`` that are not None replaced."""
    if level not in LEVELS:
        raise ConfigError(f"Quest: {unknown('level', str(level), LEVELS)}")
    base = LEVELS[level].to_json()
    return Knobs(**(base | {name: value for name, value in given.items() if value is not None}))
