"""Can a day be lived: opening hours, journeys and the hours between them."""

from collections.abc import Sequence
from functools import lru_cache

from envgym.envs.travel.plan import MEALS, Leg, Resolved
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Attraction, Restaurant, Ride

DAY_START, DAY_END = 360, 1380
"""A day lasts from 06:00 to 23:00, local."""
MEAL_TIMES = {"breakfast": (390, 660, 45), "lunch": (690, 930, 60), "dinner": (1020, 1350, 75)}
"""Meal to earliest start, latest end and length in minutes."""
BUFFERS = {"flight": (90, 45), "train": (20, 10), "self-driving": (0, 0), "taxi": (0, 0)}
"""Minutes at the station or airport before departure and after arrival."""

Slot = tuple[int, int, int]
"""Earliest start, latest end, minutes."""


def meal_slot(row: Restaurant, meal: str, weekday: int) -> Slot | None:
    """Return when a meal can be had, or None if the house is closed then."""
    first, last, minutes = MEAL_TIMES[meal]
    first, last = max(first, row.opens), min(last, row.closes)
    if weekday in row.closed or first + minutes > last:
        return None
    return first, last, minutes


def sight_slot(row: Attraction, weekday: int, day: int) -> Slot | None:
    """Return when an attraction can be visited on a day of the world, or None if it is closed."""
    if weekday in row.closed or (row.shut and row.shut[0] <= day <= row.shut[1]):
        return None
    return (row.opens, row.closes, row.minutes) if row.opens + row.minutes <= row.closes else None


@lru_cache(maxsize=1 << 15)
def earliest_end(slots: tuple[Slot, ...], start: int) -> int | None:
    """Return the earliest time at which all slots can be done one after another, or None.

    Exact: dynamic programming over subsets, each with its earliest end. At most ten slots; more
    do not fit a day.
    """
    if len(slots) > 10:
        return None
    if slots and start + sum(slot[2] for slot in slots) > max(slot[1] for slot in slots):
        return None
    best: dict[int, int] = {0: start}
    for _ in range(len(slots)):
        following: dict[int, int] = {}
        for done, now in best.items():
            for j, (first, last, minutes) in enumerate(slots):
                bit = 1 << j
                if done & bit:
                    continue
                end = max(now, first) + minutes
                if end <= last:
                    old = following.get(done | bit)
                    if old is None or end < old:
                        following[done | bit] = end
        if not following:
            return None
        best = following
    return best[(1 << len(slots)) - 1]


def travel_times(request: Request, leg: Leg, free: int) -> tuple[int, int] | None:
    """Return when the traveller must be ready and is free again, or None if it cannot be caught.

    Args:
        free: minutes after midnight, local, at which everything before the journey is done.
    """
    before, after = BUFFERS[leg.mode]
    if isinstance(leg.way, Ride):
        ready = leg.way.departs - before
        return (ready, leg.way.arrives + after) if free <= ready else None
    world = request.place
    shift = world.city[leg.dest].utc - world.city[leg.origin].utc
    return free, free + leg.way.minutes + shift


def day_slots(request: Request, day: Resolved) -> list[tuple[str, str, Slot | None]]:
    """Return (city, what, slot) of every meal and visit; None where it is closed."""
    weekday = request.place.weekday(day.day)
    found: list[tuple[str, str, Slot | None]] = [
        (row.city, meal, meal_slot(row, meal, weekday))
        for meal, row in zip(MEALS, day.meals, strict=True)
        if row is not None
    ]
    found += [(row.city, row.id, sight_slot(row, weekday, day.day)) for row in day.sights]
    return found


def fits(request: Request, day: Resolved, items: Sequence[tuple[str, Slot]]) -> bool:
    """Return whether (city, slot) items fit around the day's journey and end by 23:00.

    A flight or train itself may arrive later; a road may not.
    """
    leg = day.leg
    if leg is None:
        end = earliest_end(tuple(slot for _, slot in items), DAY_START)
        return end is not None and end <= DAY_END
    first = tuple(slot for city, slot in items if city == leg.origin)
    # Whatever is not at the origin can only come after the journey.
    then = tuple(slot for city, slot in items if city != leg.origin)
    free = earliest_end(first, DAY_START)
    times = None if free is None else travel_times(request, leg, free)
    if times is None:
        return False
    if not then and isinstance(leg.way, Ride):
        return True
    end = earliest_end(then, times[1])
    return end is not None and end <= DAY_END
