"""What the agent reads: a few regular sentences, the same words every time."""

from envgym.envs.quest.layout import DIRECTIONS, HELD, World, inside
from envgym.envs.quest.rules import State, visible

STYLES = ("relational", "coordinates")


def bearing(world: World, here: int, there: int) -> str:
    """Return "north west" and the like, "here" for the same room."""
    (x, y), (goal_x, goal_y) = world.at(here), world.at(there)
    north = "north" if goal_y > y else "south" if goal_y < y else ""
    east = "east" if goal_x > x else "west" if goal_x < x else ""
    return f"{north} {east}".strip() or "here"


def goal_text(world: World) -> str:
    """Return the task in one sentence."""
    aim = world.aim
    if aim.kind == "exit":
        return (
            f"Take the {world.things[len(world.doors) - 1]} and unlock the {world.doors[-1].name}."
        )
    if aim.kind == "bring":
        return f"Drop the {world.things[aim.thing]} in the {world.names[aim.place]}."
    return f"Put the {world.things[aim.thing]} in the {world.containers[aim.place]}."


def _hints(world: World, state: State, style: str) -> list[str]:
    """Return where the goal's things, doors and place are; opened doors are left out."""
    places: list[tuple[str, int]] = []
    sentences: list[str] = []
    for thing in range(world.needed):
        if thing < len(world.doors) and state.unlocked >> thing & 1:
            continue
        place = state.where[thing]
        if place == HELD:
            sentences.append(f"You have the {world.things[thing]}.")
        elif place < 0 and world.room_of(place) == state.room:
            sentences.append(
                f"The {world.things[thing]} is in the {world.containers[inside(place)]}."
            )
        else:
            places.append((world.things[thing], world.room_of(place)))
    for i, door in enumerate(world.doors):
        if not state.unlocked >> i & 1:
            # Of a door between two rooms the side that the agent can stand on first: its own.
            places.append((door.name, state.room if door.b == state.room else door.a))
    if world.aim.kind == "bring":
        places.append((world.names[world.aim.place], world.aim.place))
    elif world.aim.kind == "store":
        places.append((world.containers[world.aim.place], world.container_room[world.aim.place]))
    for name, room in places:
        where = bearing(world, state.room, room)
        if style == "coordinates":
            x, y = world.at(room)
            where = f"at {x} {y}"
        sentences.append(f"The {name} is {where}.")
    return sentences


def _room(world: World, state: State, hinted: bool) -> list[str]:
    """Return what is in sight. With hints, things that they already placed are left out."""
    sentences = []
    if world.walled:
        open_sides = []
        for side, room in enumerate(world.exits[state.room]):
            door = world.gates[state.room][side]
            if room >= 0 and (door < 0 or state.unlocked >> door & 1):
                open_sides.append(DIRECTIONS[side])
        sentences.append(f"You can go {' or '.join(open_sides) or 'nowhere'}.")
    for side, door in enumerate(world.gates[state.room]):
        if door >= 0 and not state.unlocked >> door & 1:
            sentences.append(f"The {world.doors[door].name} {DIRECTIONS[side]} is locked.")
    if not hinted:
        for i, door_ in enumerate(world.doors):
            if door_.b < 0 and door_.a == state.room and not state.unlocked >> i & 1:
                sentences.append(f"The {door_.name} is here.")
    contents: dict[int, list[str]] = {}
    for thing, name in enumerate(world.things):
        if visible(world, state, thing):
            place = state.where[thing]
            if place < 0:
                contents.setdefault(inside(place), []).append(name)
            elif not hinted or thing >= world.needed:
                sentences.append(f"The {name} is here.")
    for container, room in enumerate(world.container_room):
        if room == state.room:
            name = world.containers[container]
            if not state.opened >> container & 1:
                sentences.append(f"The {name} is closed.")
            elif container in contents:
                sentences.append(f"In the {name}: the {', the '.join(contents[container])}.")
            else:
                sentences.append(f"The {name} is empty.")
    return sentences


def view(world: World, state: State, *, style: str, hint: bool) -> str:
    """Return the observation of a state on one line.

    Args:
        style: "relational" gives directions in words, "coordinates" gives "at x y".
        hint: whether the places of the goal's things are told from afar.
    """
    sentences: list[str] = []
    if world.names:
        sentences.append(f"You are in the {world.names[state.room]}.")
    if style == "coordinates":
        x, y = world.at(state.room)
        sentences.append(f"You are at {x} {y}.")
    if hint:
        sentences += _hints(world, state, style)
    sentences += _room(world, state, hint)
    return " ".join(sentences) or "Nothing is here."
