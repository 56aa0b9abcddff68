"""What this traveller asks for: one check per type of hard constraint."""

from collections.abc import Callable, Sequence

from envgym.envs.travel.cost import plan_cost
from envgym.envs.travel.plan import Leg, Resolved
from envgym.envs.travel.request import NO_SHARED, Request
from envgym.envs.travel.rows import Hotel

Plan = Sequence[Resolved]


def rule_allowed(request: Request, hotel: Hotel) -> bool:
    """Return whether the house allows what the traveller needs."""
    return request.room_rule is None or request.room_rule not in hotel.forbids


def type_wanted(request: Request, hotel: Hotel) -> bool:
    """Return whether the rooms are of the type asked for."""
    if request.room_type == NO_SHARED:
        return hotel.room_type != "shared room"
    return request.room_type in (None, hotel.room_type)


def stars_enough(request: Request, hotel: Hotel) -> bool:
    """Return whether the house has the stars asked for."""
    return request.min_stars is None or hotel.stars >= request.min_stars


def mode_allowed(request: Request, mode: str) -> bool:
    """Return whether a way of travelling is not excluded."""
    return request.transportation != f"no {mode}"


def short_enough(request: Request, leg: Leg) -> bool:
    """Return whether a journey is no longer than the traveller accepts."""
    return request.max_travel is None or leg.minutes <= request.max_travel


def _houses(plan: Plan) -> list[Hotel]:
    return [day.hotel for day in plan if day.hotel is not None]


def _budget(request: Request, plan: Plan) -> str:
    cost = plan_cost(plan, request.people)
    over = cost - request.budget
    return f"costs {over // 100} dollars more than the budget" if over > 0 else ""


def _room_rule(request: Request, plan: Plan) -> str:
    bad = [hotel.id for hotel in _houses(plan) if not rule_allowed(request, hotel)]
    return f"{bad[0]} forbids {request.room_rule}" if bad else ""


def _cuisines(request: Request, plan: Plan) -> str:
    # As in TravelPlanner, meals at home do not count.
    eaten = {
        cuisine
        for day in plan
        for meal in day.meals
        if meal is not None and meal.city != request.origin
        for cuisine in meal.cuisines
    }
    lacking = [cuisine for cuisine in request.cuisines if cuisine not in eaten]
    return f"no {lacking[0]} meal" if lacking else ""


def _room_type(request: Request, plan: Plan) -> str:
    bad = [hotel for hotel in _houses(plan) if not type_wanted(request, hotel)]
    return f"{bad[0].id} has {bad[0].room_type}s" if bad else ""


def _transportation(request: Request, plan: Plan) -> str:
    for day in plan:
        if day.leg is not None and not mode_allowed(request, day.leg.mode):
            return f"{day.leg.mode} is used"
    return ""


def _min_stars(request: Request, plan: Plan) -> str:
    bad = [hotel for hotel in _houses(plan) if not stars_enough(request, hotel)]
    return f"{bad[0].id} has {bad[0].stars} stars" if bad else ""


def _max_travel(request: Request, plan: Plan) -> str:
    for day in plan:
        if day.leg is not None and not short_enough(request, day.leg):
            return f"a journey takes {day.leg.minutes} minutes"
    return ""


def _must_see(request: Request, plan: Plan) -> str:
    seen = {row.id for day in plan for row in day.sights}
    return "" if request.must_see in seen else f"{request.must_see} is not visited"


CHECKS: dict[str, Callable[[Request, Plan], str]] = {
    "budget": _budget,
    "room_rule": _room_rule,
    "cuisines": _cuisines,
    "room_type": _room_type,
    "transportation": _transportation,
    "min_stars": _min_stars,
    "max_travel": _max_travel,
    "must_see": _must_see,
}
"""Type to check; a check returns "" or what is wrong."""


def check_hard(request: Request, plan: Plan) -> dict[str, str]:
    """Return "" per applicable constraint that holds, else what breaks it."""
    return {name: CHECKS[name](request, plan) for name in request.constraints}
