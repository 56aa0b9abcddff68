"""What any sensible plan satisfies: TravelPlanner's eight rules, then four of ours.

Stricter than TravelPlanner's checkers (OSU-NLP-Group/TravelPlanner, evaluation/) where those
have holes: every mention is looked up, the last one too, and names match whole.
"""

from collections.abc import Callable, Sequence

from envgym.envs.travel.cost import groups
from envgym.envs.travel.plan import MEALS, Resolved
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.schedule import day_slots, fits

Plan = Sequence[Resolved]


def _within_sandbox(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        for field, words in day.missing:
            return f"day {i}: {field} '{words[:60]}' is not in this world"
    return ""


def filled(plan: Plan) -> float:
    """Return the share of the six fields beside current_city that hold something, 0 to 1."""
    count = 0
    for day in plan:
        count += sum(meal is not None for meal in day.meals)
        count += bool(day.leg) + bool(day.sights) + bool(day.hotel)
    return count / (6 * len(plan)) if plan else 0.0


def _complete_information(request: Request, plan: Plan) -> str:
    if len(plan) != request.days:
        return f"the plan has {len(plan)} days, the trip {request.days}"
    for i, day in enumerate(plan, 1):
        last = i == len(plan)
        if not day.cities:
            return f"day {i}: no city"
        if day.travels and day.leg is None:
            return f"day {i}: no transportation"
        if day.hotel is None and not last:
            return f"day {i}: no accommodation"
        if day.travels and not any(day.meals):
            return f"day {i}: no meal at all"
        if not day.travels:
            for meal, row in zip(MEALS, day.meals, strict=True):
                if row is None:
                    return f"day {i}: no {meal}"
            if not day.sights:
                return f"day {i}: no attraction"
    return "" if filled(plan) >= 0.5 else "more than half of the plan is empty"


def _within_current_city(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        for row in day.venues():
            if row.city not in day.cities:
                return f"day {i}: {row.id} is in {row.city}"
        if day.hotel is not None and day.cities and day.hotel.city != day.cities[-1]:
            return f"day {i}: {day.hotel.id} is not where the night is spent"
    return ""


def _reasonable_city_route(request: Request, plan: Plan) -> str:
    if not plan:
        return "no days"
    here, visited = request.origin, list[str]()
    for i, day in enumerate(plan, 1):
        if not day.cities or day.cities[0] != here:
            return f"day {i} does not begin where the day before ended"
        if day.leg is None:
            if day.travels:
                return f"day {i}: no way to {day.cities[1]}"
            continue
        if day.cities != (day.leg.origin, day.leg.dest):
            return f"day {i}: the transportation does not join the day's cities"
        if isinstance(day.leg.way, Ride) and day.leg.way.day != day.day:
            return f"day {i}: {day.leg.way.id} leaves on another date"
        here = day.leg.dest
        if here in visited:
            return f"day {i}: {here} is visited twice"
        visited.append(here)
    if not plan[0].travels or here != request.origin or not plan[-1].travels:
        return "the trip does not leave on its first day and come home on its last"
    stays = visited[:-1]
    if len(stays) != request.cities or any(code not in request.options for code in stays):
        return f"the trip does not stay in {request.cities} of the cities asked for"
    return ""


def _diverse_restaurants(request: Request, plan: Plan) -> str:
    seen: set[str] = set()
    for i, day in enumerate(plan, 1):
        for row in day.meals:
            if row is not None and row.id in seen:
                return f"day {i}: {row.id} again"
            if row is not None:
                seen.add(row.id)
    return ""


def _diverse_attractions(request: Request, plan: Plan) -> str:
    seen: set[str] = set()
    for i, day in enumerate(plan, 1):
        for row in day.sights:
            if row.id in seen:
                return f"day {i}: {row.id} again"
            seen.add(row.id)
    return ""


def _one_way_of_travel(request: Request, plan: Plan) -> str:
    modes = {day.leg.mode for day in plan if day.leg is not None}
    if "self-driving" in modes and len(modes) > 1:
        return f"the car is left behind: {', '.join(sorted(modes))}"
    return ""


def _minimum_nights(request: Request, plan: Plan) -> str:
    i = 0
    while i < len(plan):
        hotel, nights = plan[i].hotel, 0
        while i < len(plan) and plan[i].hotel == hotel:
            i, nights = i + 1, nights + 1
        if hotel is not None and nights < hotel.min_nights:
            return f"{hotel.id} wants {hotel.min_nights} nights, the plan has {nights}"
    return ""


def _opening_hours(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        for _, what, slot in day_slots(request, day):
            if slot is None:
                return f"day {i}: {what} is closed then"
    return ""


def _connection_times(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        if day.leg is None:
            continue
        if not fits(request, day, []):
            return f"day {i}: the journey does not fit the day"
        for city, what, slot in day_slots(request, day):
            if slot is not None and not fits(request, day, [(city, slot)]):
                return f"day {i}: {what} cannot be joined with the journey"
    return ""


def _daily_time(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        items = [(city, slot) for city, _, slot in day_slots(request, day) if slot is not None]
        if not fits(request, day, items):
            return f"day {i} holds more than fits between 06:00 and 23:00"
    return ""


def _availability(request: Request, plan: Plan) -> str:
    for i, day in enumerate(plan, 1):
        ride = day.leg.way if day.leg is not None else None
        if isinstance(ride, Ride) and ride.seats < request.people:
            return f"day {i}: {ride.id} has {ride.seats} seats"
        hotel = day.hotel
        if hotel is not None:
            if day.day in hotel.full:
                return f"day {i}: {hotel.id} is sold out"
            if groups(request.people, hotel.sleeps) > hotel.rooms:
                return f"day {i}: {hotel.id} has {hotel.rooms} rooms"
        for row in day.meals:
            if row is not None and row.seats < request.people:
                return f"day {i}: {row.id} seats {row.seats}"
    return ""


TRAVELPLANNER: dict[str, Callable[[Request, Plan], str]] = {
    "within_sandbox": _within_sandbox,
    "complete_information": _complete_information,
    "within_current_city": _within_current_city,
    "reasonable_city_route": _reasonable_city_route,
    "diverse_restaurants": _diverse_restaurants,
    "diverse_attractions": _diverse_attractions,
    "non_conflicting_transportation": _one_way_of_travel,
    "minimum_nights": _minimum_nights,
}
"""The eight of TravelPlanner. A check returns "" or what is wrong."""

CHECKS: dict[str, Callable[[Request, Plan], str]] = {
    **TRAVELPLANNER,
    "opening_hours": _opening_hours,
    "connection_times": _connection_times,
    "daily_time": _daily_time,
    "availability": _availability,
}
"""All twelve."""


def check_commonsense(request: Request, plan: Plan) -> dict[str, str]:
    """Return "" per rule that holds, else what breaks it."""
    return {name: check(request, plan) for name, check in CHECKS.items()}
