"""Exact shortest solutions from any state, for the oracle and for progress.

Without a limit on what is carried, dropping or stowing a thing never helps unless it is the
goal itself. So along a best solution the *stage* (which needed things are held, which doors
and containers are open) only advances, and between two advances the agent walks. Distances
are solved stage by stage, later stages first: within one stage every advance at room r seeds
``1 + distance in the next stage at r``, and one breadth-first flood spreads the seeds.
"""

from typing import NamedTuple

from envgym.envs.quest.layout import DIRECTIONS, HELD, World, inside
from envgym.envs.quest.rules import State

FAR = 1_000_000
"""More steps than any solution has: the goal cannot be reached from here."""


class Stage(NamedTuple):
    """A state without the agent's room and without what no solution needs."""

    where: tuple[int, ...]
    """Place of each needed thing; the key of an open door counts as held."""
    unlocked: int
    opened: int
    """Only containers that hold a needed thing, or the goal container."""


class Advance(NamedTuple):
    """One useful command that is not a move."""

    room: int
    command: str
    after: Stage | None
    """None: the goal is reached."""


def stage_of(world: World, state: State) -> Stage:
    """Return the stage of a state."""
    doors = len(world.doors)
    where = tuple(
        HELD if thing < doors and state.unlocked >> thing & 1 else state.where[thing]
        for thing in range(world.needed)
    )
    return _trim(world, where, state.unlocked, state.opened)


def _trim(world: World, where: tuple[int, ...], unlocked: int, opened: int) -> Stage:
    if opened:
        relevant = 1 << world.aim.place if world.aim.kind == "store" else 0
        for place in where:
            if place < HELD:
                relevant |= 1 << inside(place)
        opened &= relevant
    return Stage(where, unlocked, opened)


def _advances(world: World, stage: Stage) -> list[Advance]:
    """Return every command that brings a stage forward, in any room."""
    where, unlocked, opened = stage
    found = []

    def opens(container: int) -> None:
        after = _trim(world, where, unlocked, opened | 1 << container)
        room = world.container_room[container]
        found.append(Advance(room, f"open {world.containers[container]}", after))

    for thing, place in enumerate(where):
        if place != HELD:
            if place < HELD and not opened >> inside(place) & 1:
                opens(inside(place))
            else:
                held = (*where[:thing], HELD, *where[thing + 1 :])
                after = _trim(world, held, unlocked, opened)
                room = world.room_of(place)
                found.append(Advance(room, f"take {world.things[thing]}", after))
        elif thing < len(world.doors) and not unlocked >> thing & 1:
            door = world.doors[thing]
            goal = world.aim.kind == "exit" and door.b < 0
            later = None if goal else _trim(world, where, unlocked | 1 << thing, opened)
            found.extend(
                Advance(side, f"unlock {door.name}", later)
                for side in (door.a, door.b)
                if side >= 0
            )
        elif thing == world.aim.thing:
            name, goal_place = world.things[thing], world.aim.place
            if world.aim.kind == "bring":
                found.append(Advance(goal_place, f"drop {name}", None))
            elif opened >> goal_place & 1:
                command = f"put {name} in {world.containers[goal_place]}"
                found.append(Advance(world.container_room[goal_place], command, None))
            else:
                opens(goal_place)
    return found


def _links(world: World, unlocked: int) -> tuple[list[list[int]], list[bool]]:
    """Return the rooms next to each room, and which rooms the agent can be in."""
    key = ("links", unlocked)
    if key not in world.memo:
        links = [
            [
                b
                for b, door in zip(exits, gates, strict=True)
                if b >= 0 and _passable(door, unlocked)
            ]
            for exits, gates in zip(world.exits, world.gates, strict=True)
        ]
        reach, front = [False] * len(links), [world.start]
        reach[world.start] = True
        while front:
            for room in links[front.pop()]:
                if not reach[room]:
                    reach[room] = True
                    front.append(room)
        world.memo[key] = links, reach
    found: tuple[list[list[int]], list[bool]] = world.memo[key]
    return found


def _passable(door: int, unlocked: int) -> bool:
    return door < 0 or bool(unlocked >> door & 1)


def distances(world: World, stage: Stage) -> list[int]:
    """Return per room the number of commands to the goal from there in this stage."""
    known: list[int] | None = world.memo.get(stage)
    if known is not None:
        return known
    links, reach = _links(world, stage.unlocked)
    seeds: dict[int, list[int]] = {}
    for room, _, after in _advances(world, stage):
        # A room that cannot be reached yet would only open stages that never occur.
        if reach[room]:
            cost = 1 if after is None else 1 + distances(world, after)[room]
            if cost < FAR:
                seeds.setdefault(cost, []).append(room)
    result = [FAR] * len(links)
    cost = min(seeds, default=FAR)
    front: list[int] = []
    while front or seeds:
        if not front:
            cost = min(seeds)
        rooms, front = front + seeds.pop(cost, []), []
        for room in rooms:
            if result[room] > cost:
                result[room] = cost
                front.extend(links[room])
        cost += 1
    world.memo[stage] = result
    return result


def steps_left(world: World, state: State) -> int:
    """Return the length of the shortest solution from ``state`` in commands; FAR if none."""
    return distances(world, stage_of(world, state))[state.room]


def best_command(world: World, state: State) -> str | None:
    """Return the first command of a shortest solution, None where there is none."""
    stage = stage_of(world, state)
    here = distances(world, stage)
    left = here[state.room]
    if left >= FAR:
        return None
    for room, command, after in _advances(world, stage):
        if room == state.room:
            cost = 1 if after is None else 1 + distances(world, after)[room]
            if cost == left:
                return command
    open_rooms = _links(world, stage.unlocked)[0][state.room]
    for side, room in enumerate(world.exits[state.room]):
        if room in open_rooms and here[room] == left - 1:
            return f"go {DIRECTIONS[side]}"
    return None
