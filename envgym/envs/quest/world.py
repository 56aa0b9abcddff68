"""Worlds of the quest, drawn from (knobs, seed, part). The only file here that draws."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from envgym.envs.quest import rules, solver
from envgym.envs.quest.knobs import Knobs
from envgym.envs.quest.layout import Aim, Door, World, grid, inside, region
from envgym.types import ConfigError, Stream, Task

COLOURS = ("red", "blue", "green", "white")
CONTAINERS = ("chest", "box", "drawer", "basket", "crate", "cupboard")
THINGS = (
    *("lamp", "book", "coin", "cup", "rope", "apple", "bowl", "candle", "brush", "plate"),
    *("spoon", "map", "bell", "shoe", "hat", "stone", "flute", "knife", "ring", "mirror", "pen"),
)
_ROOMS = (
    *("hall", "kitchen", "attic", "cellar", "library", "garden", "studio", "pantry", "chapel"),
    *("stable", "tower", "vault", "office", "bedroom", "bathroom", "workshop", "gallery"),
    *("porch", "nursery", "laundry"),
)
ROOM_NAMES = _ROOMS + tuple(
    f"{size} {room}" for size in ("big", "small", "old", "new") for room in _ROOMS
)

HELD_OUT_BUCKETS, BUCKETS = 64, 256
"""Worlds whose digest begins with a byte below 64, a quarter, are the test part."""

TRIES = 20_000
"""Draws before a combination of knobs counts as impossible; a usual one needs fewer than 50."""


def _passages(knobs: Knobs, stream: Stream) -> list[tuple[int, int, int]]:
    """Return open pairs: a random spanning tree plus ``openness`` percent of the rest."""
    pairs = grid(knobs.width, knobs.height)
    if knobs.openness == 100:
        return pairs
    stream.shuffle(pairs)
    leader = list(range(knobs.rooms))

    def find(room: int) -> int:
        while leader[room] != room:
            leader[room] = room = leader[leader[room]]
        return room

    kept = []
    for a, b, direction in pairs:
        one, other = find(a), find(b)
        leader[one] = other
        if one != other or stream.chance(knobs.openness, 100):
            kept.append((a, b, direction))
    return sorted(kept)


def _locked(
    knobs: Knobs, edges: list[tuple[int, int, int]], stream: Stream
) -> list[tuple[int, int, int]]:
    """Return the pairs that get a door, preferring those that cut the map in two."""
    if not knobs.doors:
        return []
    order = list(edges)
    stream.shuffle(order)
    cuts: list[tuple[int, int, int]] = []
    for edge in order:
        if len(cuts) == knobs.doors:
            break
        if len(region(edge[0], (e for e in edges if e != edge))) < knobs.rooms:
            cuts.append(edge)
    return (cuts + [edge for edge in order if edge not in cuts])[: knobs.doors]


def _hide(rooms: list[int], container_room: list[int], used: set[int], stream: Stream) -> int:
    """Return a place in ``rooms``: half of the time a container there, if there is one.

    Rooms in ``used`` are avoided while others are left.
    """
    closed = [c for c, room in enumerate(container_room) if room in rooms]
    if closed and stream.chance(1, 2):
        return inside(stream.choice(closed))
    return stream.choice([room for room in rooms if room not in used] or rooms)


def _core(knobs: Knobs, stream: Stream) -> dict[str, Any]:
    """Draw everything but names and distractors; solvable by construction.

    Keys are hidden in the order in which their doors are met: each lies in the part that is
    open before its door is, so no key is locked behind itself.
    """
    edges = _passages(knobs, stream.child("passages"))
    locked = _locked(knobs, edges, stream.child("doors"))
    draw = stream.child("things")
    start = draw.below(knobs.rooms)
    container_room = [draw.below(knobs.rooms) for _ in range(knobs.containers)]
    goal: str = knobs.goal
    if goal == "any":
        goal = draw.choice(("exit", "bring", "store"))

    shut = list(locked)
    doors: list[tuple[int, int, int]] = []
    where: list[int] = []
    used = {start}
    while shut:
        reach = region(start, (e for e in edges if e not in shut))
        met = [e for e in shut if e[0] in reach or e[1] in reach]
        doors.append(met[0])
        where.append(_hide(sorted(reach), container_room, used, draw))
        shut.remove(met[0])
    rooms = list(range(knobs.rooms))
    # What lies behind locked doors, so that the keys matter; without such a part, anywhere.
    open_part = region(start, (e for e in edges if e not in locked))
    behind = [r for r in rooms if r not in open_part] or [r for r in rooms if r != start]
    thing = place = way_out = -1
    if goal == "exit":
        way_out = draw.choice(behind)
        used.add(way_out)
        where.append(_hide(rooms, container_room, used, draw))
    else:
        thing = len(doors)
        if goal == "bring":
            place = target_room = draw.choice(behind)
            away = [room for room in rooms if room != target_room]
        else:
            place = draw.below(knobs.containers)
            target_room = container_room[place]
            away = [room for room in behind if room != target_room] or [
                room for room in rooms if room != target_room
            ]
        where.append(_hide(away, container_room, used, draw))
    return {
        "start": start,
        "edges": tuple(edges),
        "doors": tuple(doors),
        "way_out": way_out,
        "where": tuple(where),
        "container_room": tuple(container_room),
        "aim": Aim(goal, thing, place),
    }


def _build(knobs: Knobs, core: Mapping[str, Any], digest: str, stream: Stream) -> World:
    """Give a core its names and its distractors."""
    exits = [[-1] * 4 for _ in range(knobs.rooms)]
    gates = [[-1] * 4 for _ in range(knobs.rooms)]
    for a, b, direction in core["edges"]:
        exits[a][direction], exits[b][direction + 2] = b, a
    doors: list[Door] = []
    for i, (a, b, direction) in enumerate(core["doors"]):
        gates[a][direction] = gates[b][direction + 2] = i
        doors.append(Door(f"{COLOURS[i]} door", a, b))
    if core["way_out"] >= 0:
        doors.append(Door("gold door" if doors else "door", core["way_out"], -1))

    names = ROOM_NAMES if knobs.rooms > len(_ROOMS) else _ROOMS
    rooms = stream.child("rooms").sample(names, knobs.rooms) if knobs.named else []
    containers = stream.child("containers").sample(CONTAINERS, knobs.containers)
    # Names and places have streams of their own: one more object changes no other.
    things = stream.child("names").sample(THINGS, knobs.objects + (core["aim"].thing >= 0))
    where = list(core["where"])
    everywhere = list(range(knobs.rooms))
    hosts, draw = list(core["container_room"]), stream.child("objects")
    where += [_hide(everywhere, hosts, set(), draw) for _ in range(knobs.objects)]
    return World(
        width=knobs.width,
        height=knobs.height,
        start=core["start"],
        names=tuple(rooms),
        walled=knobs.openness < 100,
        exits=tuple(map(tuple, exits)),
        gates=tuple(map(tuple, gates)),
        doors=tuple(doors),
        things=(*(door.name.replace("door", "key") for door in doors), *things),
        where=tuple(where),
        containers=tuple(containers),
        container_room=core["container_room"],
        aim=core["aim"],
        digest=digest,
    )


@lru_cache(maxsize=512)
def draw_world(knobs: Knobs, seed: int, held_out: bool) -> World:
    """Return the world of ``seed`` in the training part or, with ``held_out``, the test part.

    Layouts are drawn until one falls in the part (by its digest's first byte) and its best
    solution has ``min_steps`` to ``max_steps`` commands, so the two parts share no digest.

    Raises:
        ConfigError: no such layout turned up; the knobs contradict each other.
    """
    root = Stream(seed, "quest", "world")
    for attempt in range(TRIES):
        stream = root.child(attempt)
        core = _core(knobs, stream)
        facts = repr((knobs.width, knobs.height, sorted(core.items())))
        digest = blake2b(facts.encode(), digest_size=16).hexdigest()
        if (int(digest[:2], 16) < HELD_OUT_BUCKETS) is not held_out:
            continue
        world = _build(knobs, core, digest, stream)
        steps = solver.steps_left(world, rules.initial(world))
        if knobs.min_steps <= steps <= knobs.max_steps:
            return world
    raise ConfigError(
        f"Quest: no world in {TRIES:,} draws has a solution of {knobs.min_steps} to"
        f" {knobs.max_steps} commands; widen min_steps and max_steps or change the other knobs"
        f" ({knobs.width} x {knobs.height} rooms, {knobs.doors} doors, goal '{knobs.goal}')."
    )


def world_of(task: Task) -> World:
    """Return the world that a task's ``params`` describe."""
    params = dict(task.params)
    seed, held_out = params.pop("world"), params.pop("held_out", False)
    return draw_world(Knobs(**params), seed, held_out)


def world_digest(task: Task) -> str:
    """Return 32 hex digits that name a task's world up to names and distractors.

    Two tasks with one digest have the same start, walls, doors, keys, containers and goal, so
    "never seen in training" means that the problem is new and not only its scenery.
    """
    return world_of(task).digest
