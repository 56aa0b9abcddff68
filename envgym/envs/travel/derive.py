"""Turn a plan that exists into a request that it satisfies."""

from dataclasses import replace

from envgym.envs.travel.request import NO_SHARED, TRANSPORT, Request
from envgym.envs.travel.rows import RULES
from envgym.envs.travel.verdict import Verdict
from envgym.types import Stream


def derive_request(
    request: Request, hidden: Verdict, types: frozenset[str], stream: Stream
) -> Request | None:
    """Return the request with constraints of the given types that the hidden plan meets.

    None where the plan offers nothing for one of them (all its houses of different types...).
    The budget is 1.05 to 1.30 times the plan's cost, rounded up to a whole dollar.
    """
    days = hidden.plan
    hotels = [day.hotel for day in days if day.hotel is not None]
    legs = [day.leg for day in days if day.leg is not None]
    given: dict[str, object] = {}
    if "room_rule" in types:
        allowed = [rule for rule in RULES if all(rule not in h.forbids for h in hotels)]
        given["room_rule"] = stream.choice(allowed) if allowed else None
    if "room_type" in types:
        kinds = {hotel.room_type for hotel in hotels}
        wishes = sorted(kinds) if len(kinds) == 1 else []
        if "shared room" not in kinds:
            wishes.append(NO_SHARED)
        given["room_type"] = stream.choice(wishes) if wishes else None
    if "cuisines" in types:
        eaten = sorted(
            {
                cuisine
                for day in days
                for meal in day.meals
                if meal is not None and meal.city != request.origin
                for cuisine in meal.cuisines
            }
        )
        count = min(len(eaten), stream.integers(1, 2 if request.cities == 1 else 3))
        given["cuisines"] = tuple(sorted(stream.sample(eaten, count))) or None
    if "transportation" in types:
        modes = {f"no {leg.mode}" for leg in legs}
        wishes = [wish for wish in TRANSPORT if wish not in modes]
        given["transportation"] = stream.choice(wishes) if wishes else None
    if "min_stars" in types:
        least = min(hotel.stars for hotel in hotels)
        given["min_stars"] = least if least >= 2 else None
    if "max_travel" in types:
        given["max_travel"] = -(-max(leg.minutes for leg in legs) // 30) * 30
    if "must_see" in types:
        seen = [row.id for day in days for row in day.sights if row.city != request.origin]
        given["must_see"] = stream.choice(seen) if seen else None
    if None in given.values():
        return None
    budget = -(-hidden.cost * stream.integers(1050, 1300) // 100_000) * 100
    return replace(request, budget=budget, **given)  # type: ignore[arg-type]
