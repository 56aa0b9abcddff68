"""The request in words: what the agent reads first."""

from envgym.envs.travel.request import Request
from envgym.envs.travel.show import dated

RULES = """\
Prices and timetables are invented; the cities are real.
A good plan has one entry per day. It leaves home on the first day and returns on the last, stays \
in each city on consecutive nights, and makes at most one journey a day.
- Name only what the searches show, by id or whole name, in the city where the day is spent.
- A day without a journey needs three meals, at least one attraction and a bed; a day with a \
journey needs its transportation, one meal, and a bed unless it is the last.
- No restaurant and no attraction twice. Your own car goes all the way or not at all.
- Keep minimum nights, opening hours, free seats and rooms; be at the airport 90 minutes early \
(leaving it takes 45), at the station 20 (10). A day lasts from 06:00 to 23:00; breakfast takes \
45 minutes between 06:30 and 11:00, lunch 60 between 11:30 and 15:30, dinner 75 between 17:00 \
and 22:30.
- Fares, meals and fees are per person; rooms and cars per group that fits.
Better plans have more hotel stars, better attractions (class 3 is best) and money left.
Some requests cannot be met. Then call report_infeasible with the smallest set of constraints \
that cannot hold together and the ids of the search results that show it."""


def request_text(request: Request) -> str:
    """Return the request with the names of its constraints."""
    world = request.place
    home = world.city[request.origin]
    last = request.start + request.days - 1
    where = request.destination
    if request.cities == 1:
        city = world.city[request.options[0]]
        where = f"{city.name} ({city.code}, {city.area})"
    else:
        where = f"{request.cities} cities of {where}"
    people = "one person" if request.people == 1 else f"{request.people} people"
    lines = [
        f"Plan a trip of {request.days} days for {people} from {home.name} ({home.code},"
        f" {home.area}) to {where}, from {dated(world, request.start)} to {dated(world, last)}.",
        "Constraints:",
        f"- budget: at most ${request.budget // 100} for everything and everyone",
    ]
    sight = request.sight()
    wishes = {
        "room_rule": f"every accommodation allows {request.room_rule}",
        "cuisines": f"eat {', '.join(request.cuisines)} food away from home",
        "room_type": f"every accommodation offers: {request.room_type}",
        "transportation": f"{request.transportation}",
        "min_stars": f"every accommodation has at least {request.min_stars} stars",
        "max_travel": f"no journey takes more than {request.max_travel} minutes under way",
        "must_see": (
            f"visit {sight.name} in {world.city[sight.city].name}" if sight is not None else ""
        ),
    }
    lines += [f"- {name}: {wishes[name]}" for name in request.constraints if name != "budget"]
    return "\n".join(lines)
