"""Scripts that must fail: near misses and known exploits of a trip. Unreachable from tools."""

from collections.abc import Callable
from dataclasses import replace

from envgym.envs.travel.conflicts import Conflict, only
from envgym.envs.travel.oracle import answer, lookup, needed, report, submission
from envgym.envs.travel.plan import MEALS, NOTHING, Day, mentions
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.schedule import meal_slot, sight_slot
from envgym.envs.travel.solver import Solution, solve
from envgym.envs.travel.verdict import judge

Change = Callable[[Request, list[Day], Solution], list[Day] | None]


def near_misses(request: Request) -> dict[str, list[str]]:
    """Return scripts for a fresh episode that come close and must not succeed."""
    found = answer(request)
    if isinstance(found, Conflict):
        return _almost_shown(request, found)
    if found is None:
        return {}
    looks = [lookup(fact) for fact in needed(request)]
    scripts = {"the expert's plan, nothing looked up": [submission(found.days)]}
    for name, change in _CHANGES.items():
        days = change(request, list(found.days), found)
        if days is not None and not judge(request, days).final_pass:
            scripts[name] = [*looks, submission(days)]
    return scripts


def _almost_shown(request: Request, conflict: Conflict) -> dict[str, list[str]]:
    looks = [lookup(fact) for fact in needed(request)]
    names, facts = sorted(conflict.names), sorted(conflict.facts)
    scripts = {
        "cites nothing": [*looks, report(names, [])],
        "looked up all but one fact": [*looks[:-1], report(names, facts)],
        "cites all but one fact": [*looks, report(names, facts[:-1])],
    }
    rest = set(request.constraints) - conflict.names
    eased = replace(only(request, rest), budget=request.budget if "budget" in rest else 10**9)
    plan = solve(eased)
    if plan is not None:
        scripts["a plan that breaks only what cannot hold"] = [submission(plan.days)]
    others = [name for name in request.constraints if name not in conflict.names]
    if others:
        scripts["names one constraint too many"] = [*looks, report([*names, others[0]], facts)]
        scripts["names the wrong constraint"] = [*looks, report(others[:1], facts)]
    return scripts


def exploits(request: Request) -> dict[str, list[str]]:
    """Return scripts that look like an answer and must gain nothing."""
    every = list(request.constraints)
    city = request.options[0]
    town = request.place.city[city].name
    home = request.place.city[request.origin].name
    hotel = request.place.hotels(city)[0]
    blank = [Day(current_city=town) for _ in range(request.days)]
    scripts = {
        "infeasible to everything": [report(every, [])],
        "infeasible, budget blamed": [report(["budget"], [])],
        "cites what it never saw": [report(["budget"], list(needed(request)))],
        "a plan of dashes": [submission(blank)],
        "an empty plan": [submission([])],
        "the same house as everything": [
            submission(
                [
                    Day(
                        current_city=f"from {home} to {town}" if i == 0 else town,
                        transportation="taxi",
                        breakfast=hotel.id,
                        lunch=hotel.id,
                        dinner=hotel.id,
                        attractions=hotel.id,
                        accommodation=hotel.id,
                    )
                    for i in range(request.days)
                ]
            )
        ],
        "writes notes and stops": ["I have a plan.", "<think>submit</think>"],
    }
    found = answer(request)
    if isinstance(found, Solution):
        days = list(found.days)
        for name, change in _INVENTIONS.items():
            changed = change(request, days, found)
            if changed is not None:
                scripts[name] = [submission(changed)]
    return scripts


def _on_full_day(days: list[Day], change: Callable[[Day], Day]) -> list[Day]:
    """Change the first day that has attractions."""
    i = next(i for i, day in enumerate(days) if mentions(day.attractions))
    return [*days[:i], change(days[i]), *days[i + 1 :]]


def _sights(day: Day, *more: str) -> Day:
    return replace(day, attractions="; ".join([*mentions(day.attractions), *more]))


def _invented(request: Request, days: list[Day], found: Solution) -> list[Day]:
    return _on_full_day(days, lambda day: _sights(day, "Invented Tower"))


def _hotel_as_sight(request: Request, days: list[Day], found: Solution) -> list[Day]:
    house = next(day.accommodation for day in days if mentions([day.accommodation]))
    return _on_full_day(days, lambda day: _sights(day, house))


def _ride_as_sight(request: Request, days: list[Day], found: Solution) -> list[Day]:
    code = found.verdict.plan[0].cities[1]
    ride = f"F-{request.origin}-{code}-1-{request.place.date(request.start):%m%d}"
    return _on_full_day(days, lambda day: _sights(day, ride))


def _substring(request: Request, days: list[Day], found: Solution) -> list[Day]:
    row = next(row for day in found.verdict.plan for row in day.sights)
    part = row.name.rpartition(" ")[0]
    return _on_full_day(days, lambda day: replace(day, attractions=part))


def _dearer(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Change meals for the dearest open ones until the budget is broken."""
    world, used = request.place, {m for day in days for m in (day.breakfast, day.lunch, day.dinner)}
    out = list(days)
    for i, day in enumerate(found.verdict.plan):
        for meal, old in zip(MEALS, day.meals, strict=True):
            if old is None:
                continue
            open_ = [
                row
                for row in world.restaurants(old.city)
                if row.id not in used
                and row.seats >= request.people
                and meal_slot(row, meal, world.weekday(day.day)) is not None
            ]
            if open_:
                dear = max(open_, key=lambda row: (row.price, row.id))
                used.add(dear.id)
                changes: dict[str, str] = {meal: dear.id}
                out[i] = replace(out[i], **changes)
                if "budget" in judge(request, out).broken:
                    return out
    return None


def _other_kitchen(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Drop every meal of a cuisine that was asked for."""
    if not request.cuisines:
        return None
    wanted = request.cuisines[0]
    out = list(days)
    for i, day in enumerate(found.verdict.plan):
        for meal, row in zip(MEALS, day.meals, strict=True):
            if row is not None and wanted in row.cuisines:
                others = [
                    r.id
                    for r in request.place.restaurants(row.city)
                    if wanted not in r.cuisines
                    and meal_slot(r, meal, request.place.weekday(day.day)) is not None
                ]
                changes: dict[str, str] = {meal: others[0] if others else NOTHING}
                out[i] = replace(out[i], **changes)
    return out


def _closed(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Add an attraction on a day on which it is closed."""
    world = request.place
    for i, day in enumerate(found.verdict.plan):
        if day.travels:
            continue
        for row in world.attractions(day.cities[0]):
            shut = sight_slot(row, world.weekday(day.day), day.day) is None
            if shut and all(row not in other.sights for other in found.verdict.plan):
                return [*days[:i], _sights(days[i], row.id), *days[i + 1 :]]
    return None


def _other_date(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Take the flight or train of another date."""
    world = request.place
    for i, day in enumerate(found.verdict.plan):
        if day.leg is None or not isinstance(day.leg.way, Ride):
            continue
        for other in (day.day + 1, day.day - 1, day.day + 2, day.day - 2):
            if 0 <= other < 30:
                rides = world.rides(day.leg.mode, day.leg.origin, day.leg.dest, other)
                if rides:
                    return [
                        *days[:i],
                        replace(days[i], transportation=rides[0].id),
                        *days[i + 1 :],
                    ]
    return None


def _too_early(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Have breakfast where the flight or train arrives after breakfast."""
    for i, day in enumerate(found.verdict.plan):
        if day.leg is None or not isinstance(day.leg.way, Ride) or day.leg.way.arrives < 660:
            continue
        for row in request.place.restaurants(day.leg.dest):
            if meal_slot(row, "breakfast", request.place.weekday(day.day)) is not None:
                return [*days[:i], replace(days[i], breakfast=row.id), *days[i + 1 :]]
    return None


def _mixed(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Drive out in one's own car and come home without it."""
    out = list(days)
    ends = (0, len(days) - 1)
    for i, mode in zip(ends, ("self-driving", "taxi"), strict=True):
        a, b = found.verdict.plan[i].cities
        if request.place.drive(a, b) is None:
            return None
        out[i] = replace(out[i], transportation=mode)
    return out


def _no_dinner(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    i = next((i for i, day in enumerate(found.verdict.plan) if not day.travels), None)
    return None if i is None else [*days[:i], replace(days[i], dinner=NOTHING), *days[i + 1 :]]


def _twice(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    i = next((i for i, day in enumerate(found.verdict.plan) if not day.travels), None)
    if i is None:
        return None
    return [*days[:i], replace(days[i], dinner=days[i].lunch), *days[i + 1 :]]


def _stays_away(request: Request, days: list[Day], found: Solution) -> list[Day]:
    here = request.place.city[found.verdict.plan[-1].cities[0]].name
    return [*days[:-1], replace(days[-1], current_city=here, transportation=NOTHING)]


def _too_much(request: Request, days: list[Day], found: Solution) -> list[Day] | None:
    """Put every attraction of the city into one day."""
    i = next((i for i, day in enumerate(found.verdict.plan) if not day.travels), None)
    if i is None:
        return None
    used = {row.id for day in found.verdict.plan for row in day.sights}
    code = found.verdict.plan[i].cities[0]
    more = [row.id for row in request.place.attractions(code) if row.id not in used]
    return [*days[:i], _sights(days[i], *more), *days[i + 1 :]]


_CHANGES: dict[str, Change] = {
    "over budget": _dearer,
    "wrong cuisine": _other_kitchen,
    "one invented attraction": _invented,
    "closed attraction": _closed,
    "ride of another date": _other_date,
    "broken connection": _too_early,
    "own car left behind": _mixed,
    "no dinner": _no_dinner,
    "same restaurant twice": _twice,
    "does not come home": _stays_away,
    "more than a day holds": _too_much,
}

_INVENTIONS: dict[str, Change] = {
    "invented attraction at the end of the list": _invented,
    "part of a name": _substring,
    "a hotel as attraction": _hotel_as_sight,
    "a flight as attraction": _ride_as_sight,
}
