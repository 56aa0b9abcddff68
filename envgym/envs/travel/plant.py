"""Make a request impossible, in a way that search results can show."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from envgym.envs.travel.conflicts import conflicts, floor, only
from envgym.envs.travel.hard import mode_allowed
from envgym.envs.travel.legs import leg_options
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import CUISINES, ROOM_TYPES, RULES
from envgym.envs.travel.schedule import sight_slot
from envgym.types import Stream


def plant(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    """Return a variant of a solvable request that has a conflict, or None if none was found.

    Args:
        types: local constraint types that the task has; the conflict uses some of them, or the
            budget.
    """
    kinds: list[Callable[[Request, frozenset[str], Stream], Request | None]] = [
        _house,
        _kitchen,
        _sight,
        _way,
        _money,
    ]
    stream.shuffle(kinds)
    for kind in kinds:
        found = kind(request, types, stream)
        if found is not None and conflicts(found):
            return found
    return None


def _pairs(types: frozenset[str]) -> Iterator[tuple[str, tuple[object, ...]]]:
    values: dict[str, tuple[object, ...]] = {
        "room_rule": RULES,
        "room_type": ROOM_TYPES,
        "min_stars": (3, 4, 5),
    }
    yield from ((name, values[name]) for name in values if name in types)


def _house(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    """Ask for two properties of a house that no city's houses (or too few) have together."""
    found = []
    wishes = list(_pairs(types))
    for i, (one, firsts) in enumerate(wishes):
        for two, seconds in wishes[i + 1 :]:
            for a in firsts:
                for b in seconds:
                    trial = replace(request, **{one: a, two: b})  # type: ignore[arg-type]
                    names = {name for c in conflicts(trial) for name in c.names}
                    if {one, two} == names:
                        found.append(trial)
    return stream.choice(found) if found else None


def _kitchen(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    if "cuisines" not in types:
        return None
    cooked = {
        cuisine
        for code in request.options
        for row in request.place.restaurants(code)
        for cuisine in row.cuisines
    }
    lacking = [cuisine for cuisine in CUISINES if cuisine not in cooked]
    if not lacking:
        return None
    wished = {*request.cuisines, stream.choice(lacking)}
    return replace(request, cuisines=tuple(sorted(wished)))


def _sight(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    if "must_see" not in types:
        return None
    world = request.place
    days = range(request.start, request.start + request.days)
    closed = [
        row.id
        for code in request.options
        for row in world.attractions(code)
        if all(sight_slot(row, world.weekday(day), day) is None for day in days)
    ]
    return replace(request, must_see=stream.choice(closed)) if closed else None


def _way(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    """Accept only journeys shorter than the shortest that is allowed."""
    if "max_travel" not in types:
        return None
    if "transportation" in types:
        request = replace(request, transportation="no flight")
    times = [
        leg.minutes
        for code in request.options
        for leg in leg_options(request, request.origin, code, request.start)
        if mode_allowed(request, leg.mode)
    ]
    least = min(times, default=0)
    longest = (least - 1) // 30 * 30
    return replace(request, max_travel=longest) if longest >= 30 else None


def _money(request: Request, types: frozenset[str], stream: Stream) -> Request | None:
    """Put the budget below what journeys and nights cost at least.

    Where the other constraints make them dearer, between the two costs, so that only together
    they cannot be paid.
    """
    least, bare = floor(request), floor(only(request, ()))
    if least is None or bare is None:
        return None
    share = stream.integers(100, 900)
    if least[0] > bare[0] * 11 // 10:
        budget = bare[0] + (least[0] - bare[0]) * share // 1000
    else:
        budget = least[0] * (600 + share // 3) // 1000
    budget = budget // 100 * 100
    return replace(request, budget=budget) if budget > 0 else None
