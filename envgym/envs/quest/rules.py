"""The quest's rules: (world, state, command) to (state, what happened). Pure, no randomness."""

from typing import NamedTuple

from envgym.envs.quest.layout import DIRECTIONS, HELD, World, inside

VERBS = ("go", "take", "drop", "open", "unlock", "put", "look", "inventory")
_SHORT = {"n": "north", "e": "east", "s": "south", "w": "west"}
_SYNONYMS = {"walk": "go", "get": "take", "grab": "take", "insert": "put", "place": "put"}
_SYNONYMS |= {"l": "look", "i": "inventory", "leave": "drop"}
_IGNORED = frozenset({"the", "a", "an"})


class State(NamedTuple):
    """Where everything is. Hashable; equal states have equal futures."""

    room: int
    """Room of the agent."""
    where: tuple[int, ...]
    """Place per thing: a room, HELD, or the inside of a container."""
    unlocked: int = 0
    """Bit i: door i is open."""
    opened: int = 0
    """Bit c: container c is open."""


class Refused(Exception):  # noqa: N818 - an outcome of play, not an error of ours
    """The command cannot be carried out; the text says why. The state is unchanged."""


def initial(world: World) -> State:
    """Return the state at reset."""
    return State(world.start, world.where)


def won(world: World, state: State) -> bool:
    """Return whether the goal is reached."""
    aim = world.aim
    if aim.kind == "exit":
        return bool(state.unlocked >> (len(world.doors) - 1) & 1)
    if aim.kind == "bring":
        return state.where[aim.thing] == aim.place
    return state.where[aim.thing] == inside(aim.place)


def visible(world: World, state: State, thing: int) -> bool:
    """Return whether a thing lies in sight: in this room, or in an open container here."""
    place = state.where[thing]
    if place >= 0:
        return place == state.room
    if place == HELD:
        return False
    container = inside(place)
    return bool(state.opened >> container & 1) and world.container_room[container] == state.room


def _move(state: State, thing: int, place: int) -> State:
    where = list(state.where)
    where[thing] = place
    return state._replace(where=tuple(where))


def _named(names: tuple[str, ...], among: list[int], words: str, verb: str) -> int:
    """Return the one of ``among`` called ``words``: its full name, or its last word."""
    exact = [i for i in among if names[i] == words]
    found = exact or [i for i in among if names[i].rpartition(" ")[2] == words]
    if len(found) == 1:
        return found[0]
    if found:
        options = " or ".join(f"the {names[i]}" for i in found)
        raise Refused(f"Which one: {options}?")
    if not words:
        raise Refused(f"Say what to {verb}.")
    raise Refused(f"You cannot {verb} that here.")


def _go(world: World, state: State, words: str) -> tuple[State, str]:
    direction = _SHORT.get(words, words)
    if direction not in DIRECTIONS:
        raise Refused("Go north, east, south or west.")
    side = DIRECTIONS.index(direction)
    room, door = world.exits[state.room][side], world.gates[state.room][side]
    if room < 0:
        raise Refused(f"You cannot go {direction}.")
    if door >= 0 and not state.unlocked >> door & 1:
        raise Refused(f"The {world.doors[door].name} is locked.")
    return state._replace(room=room), ""


def _take(world: World, state: State, words: str) -> tuple[State, str]:
    here = [t for t in range(len(world.things)) if visible(world, state, t)]
    thing = _named(world.things, here, words, "take")
    return _move(state, thing, HELD), f"You take the {world.things[thing]}."


def _held(world: World, state: State, words: str, verb: str) -> int:
    held = [t for t, place in enumerate(state.where) if place == HELD]
    try:
        return _named(world.things, held, words, verb)
    except Refused as refused:
        if str(refused).startswith("You cannot"):
            raise Refused("You do not have that.") from None
        raise


def _drop(world: World, state: State, words: str) -> tuple[State, str]:
    thing = _held(world, state, words, "drop")
    return _move(state, thing, state.room), f"You drop the {world.things[thing]}."


def _container(world: World, state: State, words: str, verb: str) -> int:
    here = [c for c, room in enumerate(world.container_room) if room == state.room]
    return _named(world.containers, here, words, verb)


def _open(world: World, state: State, words: str) -> tuple[State, str]:
    if words.endswith("door"):
        return _unlock(world, state, words)
    container = _container(world, state, words, "open")
    name = world.containers[container]
    if state.opened >> container & 1:
        raise Refused(f"The {name} is open.")
    return state._replace(opened=state.opened | 1 << container), f"You open the {name}."


def _unlock(world: World, state: State, words: str) -> tuple[State, str]:
    words = words.partition(" with ")[0]
    here = [i for i, door in enumerate(world.doors) if state.room in (door.a, door.b)]
    closed = [i for i in here if not state.unlocked >> i & 1]
    names = tuple(door.name for door in world.doors)
    try:
        door = _named(names, closed, words, "unlock")
    except Refused:
        if len(closed) < len(here) and any(names[i].endswith(words) for i in here if words):
            raise Refused("That door is open.") from None
        raise
    if state.where[door] != HELD:
        raise Refused(f"You do not have the {world.things[door]}.")
    return state._replace(unlocked=state.unlocked | 1 << door), f"You unlock the {names[door]}."


def _put(world: World, state: State, words: str) -> tuple[State, str]:
    name, _, target = words.replace(" into ", " in ").partition(" in ")
    if not target:
        raise Refused("Say put, a thing, in, and a container.")
    thing = _held(world, state, name, "put")
    container = _container(world, state, target, "put it in")
    if not state.opened >> container & 1:
        raise Refused(f"The {world.containers[container]} is closed.")
    text = f"You put the {world.things[thing]} in the {world.containers[container]}."
    return _move(state, thing, inside(container)), text


def _look(world: World, state: State, words: str) -> tuple[State, str]:
    return state, ""


def _inventory(world: World, state: State, words: str) -> tuple[State, str]:
    held = [world.things[t] for t, place in enumerate(state.where) if place == HELD]
    return state, f"You have the {' and the '.join(held)}." if held else "You have nothing."


_RULES = {
    "go": _go,
    "take": _take,
    "drop": _drop,
    "open": _open,
    "unlock": _unlock,
    "put": _put,
    "look": _look,
    "inventory": _inventory,
}


def apply(world: World, state: State, command: str) -> tuple[State, str]:
    """Return the state after one command and one sentence, empty where the view says it all.

    Case, articles, a closing full stop and common synonyms do not matter; a bare direction is
    a move. The command's text is untrusted: any string is an answer or a refusal.

    Raises:
        Refused: the command is unknown or impossible here; nothing changed.
    """
    words = [w for w in command.lower().rstrip(" .!\n").split() if w not in _IGNORED]
    if not words:
        raise Refused("Say a command.")
    verb, rest = _SYNONYMS.get(words[0], words[0]), words[1:]
    if verb == "pick" and rest[:1] == ["up"]:
        verb, rest = "take", rest[1:]
    if not rest and (verb in DIRECTIONS or verb in _SHORT):
        verb, rest = "go", [verb]
    rule = _RULES.get(verb)
    if rule is None:
        raise Refused(f"Unknown command; say {', '.join(VERBS[:-1])} or {VERBS[-1]}.")
    return rule(world, state, " ".join(rest))


def possible(world: World, state: State) -> list[str]:
    """Return every command, looking apart, that changes something in this state."""
    found = []
    for side, room in enumerate(world.exits[state.room]):
        door = world.gates[state.room][side]
        if room >= 0 and (door < 0 or state.unlocked >> door & 1):
            found.append(f"go {DIRECTIONS[side]}")
    held = [t for t, place in enumerate(state.where) if place == HELD]
    here = [c for c, room in enumerate(world.container_room) if room == state.room]
    found += [f"take {n}" for t, n in enumerate(world.things) if visible(world, state, t)]
    found += [f"drop {world.things[t]}" for t in held]
    for container in here:
        name = world.containers[container]
        if state.opened >> container & 1:
            found += [f"put {world.things[t]} in {name}" for t in held]
        else:
            found.append(f"open {name}")
    for i, door_ in enumerate(world.doors):
        if state.room in (door_.a, door_.b) and i in held and not state.unlocked >> i & 1:
            found.append(f"unlock {door_.name}")
    return found
