"""The data of a quest world: rooms, doors, things, goal. Nothing here is random."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DIRECTIONS = ("north", "east", "south", "west")
STEP = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""(dx, dy) of each direction; x grows to the east, y to the north."""

HELD = -1
"""Place of a thing that is carried. Rooms are 0, 1, ...; container c is ``inside(c)``."""


def inside(container: int) -> int:
    """Return the place number of a container's inside; its own inverse."""
    return -2 - container


@dataclass(frozen=True, slots=True)
class Door:
    """A locked door. Door i is opened by thing i, its key."""

    name: str
    """"door", or with a colour where there are several."""
    a: int
    """Room on one side."""
    b: int
    """Room on the other side; -1 for the way out."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The goal of one world."""

    kind: str
    """exit, bring or store."""
    thing: int = -1
    """Index of the thing to bring or store; -1 for exit."""
    place: int = -1
    """Goal room (bring) or goal container (store); -1 for exit."""


@dataclass(frozen=True, eq=False)
class World:
    """Everything that never changes in one episode."""

    width: int
    height: int
    start: int
    """Room of the agent at reset; room r lies at x = r % width, y = r // width."""
    names: tuple[str, ...]
    """Name per room; empty where rooms have none."""
    walled: bool
    """Whether some neighbouring rooms are not connected."""
    exits: tuple[tuple[int, ...], ...]
    """[rooms][4] neighbour in each direction, doors included; -1: none."""
    gates: tuple[tuple[int, ...], ...]
    """[rooms][4] door in each direction; -1: none."""
    doors: tuple[Door, ...]
    things: tuple[str, ...]
    """Keys first (thing i opens door i), then the goal's thing, then distractors."""
    where: tuple[int, ...]
    """Place per thing at reset."""
    containers: tuple[str, ...]
    container_room: tuple[int, ...]
    aim: Aim
    digest: str
    """32 hex digits over all that decides the solution; distractors are left out."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    """The solver's distance maps; grows while the world is played, never pickled."""

    @property
    def needed(self) -> int:
        """Things 0 to needed - 1 matter to the goal: the keys and the goal's thing."""
        return len(self.doors) + (self.aim.thing >= 0)

    def at(self, room: int) -> tuple[int, int]:
        """Return (x, y) of a room."""
        return room % self.width, room // self.width

    def room_of(self, place: int) -> int:
        """Return the room of a place that is a room or the inside of a container."""
        return place if place >= 0 else self.container_room[inside(place)]


def grid(width: int, height: int) -> list[tuple[int, int, int]]:
    """Return (room, neighbour, direction) for each adjacent pair, east and north only."""
    pairs = []
    for room in range(width * height):
        if room % width + 1 < width:
            pairs.append((room, room + 1, 1))
        if room + width < width * height:
            pairs.append((room, room + width, 0))
    return pairs


def region(start: int, edges: Iterable[tuple[int, int, int]]) -> set[int]:
    """Return the rooms that can be reached from ``start`` along ``edges``."""
    links: dict[int, list[int]] = {}
    for a, b, _ in edges:
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)
    found, front = {start}, [start]
    while front:
        for room in links.get(front.pop(), ()):
            if room not in found:
                found.add(room)
                front.append(room)
    return found
