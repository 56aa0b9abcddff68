"""Each hard constraint: kept by the solution, broken by one change of the request or plan."""

from dataclasses import replace

import pytest

from envgym.envs.travel.hard import CHECKS, check_hard
from envgym.envs.travel.plan import resolve
from envgym.envs.travel.request import TYPES, from_params
from envgym.types import TaskError


def broken(request, days):
    return {name for name, why in check_hard(request, resolve(request, days)).items() if why}


def test_every_type_has_a_check():
    assert tuple(CHECKS) == TYPES


def test_the_solution_keeps_all(trip, short_trip):
    assert broken(trip.request, trip.days) == set()
    assert broken(short_trip.request, short_trip.days) == set()


def test_budget_to_the_cent(trip):
    cost = trip.solution.verdict.cost
    assert broken(replace(trip.request, budget=cost), trip.days) == set()
    assert broken(replace(trip.request, budget=cost - 1), trip.days) == {"budget"}


def hotels(trip):
    return [day.hotel for day in trip.solution.verdict.plan if day.hotel is not None]


def test_room_rule(trip):
    for rule in ("smoking", "parties", "children under 10", "visitors", "pets"):
        expected = any(rule in hotel.forbids for hotel in hotels(trip))
        request = replace(trip.request, room_rule=rule)
        assert ("room_rule" in broken(request, trip.days)) is expected


def test_room_type(trip):
    kinds = {hotel.room_type for hotel in hotels(trip)}
    for kind in ("entire room", "private room", "shared room"):
        request = replace(trip.request, room_type=kind)
        assert ("room_type" in broken(request, trip.days)) is (kinds != {kind})
    request = replace(trip.request, room_type="not shared room")
    assert ("room_type" in broken(request, trip.days)) is ("shared room" in kinds)


def test_min_stars(trip):
    least = min(hotel.stars for hotel in hotels(trip))
    assert "min_stars" not in broken(replace(trip.request, min_stars=least), trip.days)
    if least < 5:
        assert "min_stars" in broken(replace(trip.request, min_stars=least + 1), trip.days)


def test_transportation(trip):
    modes = {day.leg.mode for day in trip.solution.verdict.plan if day.leg is not None}
    for mode in ("flight", "self-driving"):
        request = replace(trip.request, transportation=f"no {mode}")
        assert ("transportation" in broken(request, trip.days)) is (mode in modes)


def test_no_self_driving(trip):
    i = next(
        i
        for i, day in enumerate(trip.solution.verdict.plan)
        if day.travels and trip.request.place.drive(*day.cities) is not None
    )
    days = list(trip.days)
    days[i] = replace(days[i], transportation="self-driving")
    request = replace(trip.request, transportation="no self-driving")
    assert "transportation" in broken(request, days)
    days[i] = replace(days[i], transportation="taxi")
    assert "transportation" not in broken(request, days)


def test_max_travel(trip):
    longest = max(day.leg.minutes for day in trip.solution.verdict.plan if day.leg is not None)
    assert "max_travel" not in broken(replace(trip.request, max_travel=longest), trip.days)
    assert "max_travel" in broken(replace(trip.request, max_travel=longest - 1), trip.days)


def test_must_see(trip):
    seen = [row.id for day in trip.solution.verdict.plan for row in day.sights]
    assert "must_see" not in broken(replace(trip.request, must_see=seen[0]), trip.days)
    other = next(
        row.id
        for code in trip.request.options
        for row in trip.request.place.attractions(code)
        if row.id not in seen
    )
    assert "must_see" in broken(replace(trip.request, must_see=other), trip.days)


def test_cuisines_are_eaten_away_from_home(trip):
    plan = trip.solution.verdict.plan
    away = {
        cuisine
        for day in plan
        for meal in day.meals
        if meal is not None and meal.city != trip.request.origin
        for cuisine in meal.cuisines
    }
    assert "cuisines" not in broken(replace(trip.request, cuisines=(min(away),)), trip.days)
    lacking = next(c for c in ("American", "Thai", "Ethiopian", "French") if c not in away)
    request = replace(trip.request, cuisines=(min(away), lacking))
    assert "cuisines" in broken(request, trip.days)
    # The same meal at home does not count.
    for row in request.place.restaurants(request.origin):
        if lacking in row.cuisines:
            days = [replace(trip.days[0], breakfast=row.id), *trip.days[1:]]
            assert "cuisines" in broken(request, days)


def test_params_round_trip(trip, short_trip):
    for one in (trip, short_trip):
        assert from_params(one.request.to_params()) == one.request


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("region", "atlantis", "unknown region 'atlantis'"),
        ("origin", "Atlantis", "unknown origin 'Atlantis'"),
        ("destination", "Atlantis", "unknown destination 'Atlantis'"),
        ("start", "2031-01-01", "outside the world's dates"),
        ("cities", 5, "needs at least 6 days"),
        ("constraints", {"room_type": "entire rom"}, "Did you mean 'entire room'"),
        ("constraints", {"pool": True}, "unknown constraint 'pool'"),
        ("constraints", {"must_see": "A-XXX-1"}, "is no attraction of"),
        ("constraints", {"cuisines": ["Thay"]}, "Did you mean 'Thai'"),
    ],
)
def test_bad_params_name_field_and_allowed(trip, field, value, words):
    params = {**trip.request.to_params(), field: value}
    with pytest.raises(TaskError, match=words):
        from_params(params)
