"""How much of a draft is right so far: dense progress."""

from collections.abc import Mapping, Sequence

from envgym.envs.travel.plan import FIELDS, MEALS, Day, mentions, resolve
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.schedule import meal_slot, sight_slot


def slots_of(plan: Sequence[Day]) -> int:
    """Return how many fields of a plan hold something."""
    return sum(bool(mentions(getattr(day, field))) for day in plan for field in FIELDS)


def valid_slots(request: Request, draft: Mapping[int, Day]) -> int:
    """Return how many fields of a draft are right by themselves.

    Right: it exists, lies in the day's cities, runs on that date, is open on that day.

    Args:
        draft: number of the day (from 1) to what is written so far.
    """
    count = 0
    weekday_of = request.place.weekday
    for number, day in draft.items():
        (found,) = resolve(request, [day])
        today = request.start + number - 1
        weekday = weekday_of(today)
        count += bool(found.cities)
        leg = found.leg
        if leg is not None and found.cities == (leg.origin, leg.dest):
            count += not isinstance(leg.way, Ride) or leg.way.day == today
        for meal, row in zip(MEALS, found.meals, strict=True):
            if row is not None and row.city in found.cities:
                count += meal_slot(row, meal, weekday) is not None
        named = len(mentions(day.attractions))
        count += named > 0 and named == len(
            [
                row
                for row in found.sights
                if row.city in found.cities and sight_slot(row, weekday, today) is not None
            ]
        )
        hotel = found.hotel
        if hotel is not None and found.cities and hotel.city == found.cities[-1]:
            count += today not in hotel.full
    return count
