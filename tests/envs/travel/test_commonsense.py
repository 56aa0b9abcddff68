"""Each of the twelve rules: kept by the solution, broken by one change."""

from dataclasses import replace

import pytest

from envgym.envs.travel.commonsense import CHECKS, TRAVELPLANNER, check_commonsense, filled
from envgym.envs.travel.plan import NOTHING, Day, resolve
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.schedule import sight_slot
from envgym.envs.travel.verdict import judge


def broken(request: Request, days: list[Day]) -> set[str]:
    return {name for name, why in check_commonsense(request, resolve(request, days)).items() if why}


def changed(days, i, **fields):
    return [*days[:i], replace(days[i], **fields), *days[i + 1 :]]


def stay_day(trip):
    """Return the first day without a journey: its index, and the city's code."""
    plan = trip.solution.verdict.plan
    i = next(i for i, day in enumerate(plan) if not day.travels)
    return i, plan[i].cities[0]


def test_the_solution_keeps_all(trip, short_trip):
    assert broken(trip.request, trip.days) == set()
    assert broken(short_trip.request, short_trip.days) == set()


def test_there_are_twelve():
    assert len(CHECKS) == 12
    assert list(CHECKS)[:8] == list(TRAVELPLANNER)


def test_within_sandbox(trip):
    i, _ = stay_day(trip)
    sights = trip.days[i].attractions
    # The loophole of splitting on ';' and dropping the last piece.
    days = changed(trip.days, i, attractions=f"{sights}; Invented Tower")
    assert broken(trip.request, days) == {"within_sandbox"}


@pytest.mark.parametrize("meal", ["breakfast", "lunch", "dinner", "attractions"])
def test_complete_information_on_a_whole_day(trip, meal):
    i, _ = stay_day(trip)
    assert "complete_information" in broken(trip.request, changed(trip.days, i, **{meal: NOTHING}))


def test_complete_information_on_days_of_travel(trip):
    nothing = {"breakfast": NOTHING, "lunch": NOTHING, "dinner": NOTHING}
    for change in (nothing, {"transportation": NOTHING}, {"accommodation": NOTHING}):
        assert "complete_information" in broken(trip.request, changed(trip.days, 0, **change))
    assert "complete_information" in broken(trip.request, trip.days[:-1])


def test_within_current_city(trip):
    i, _ = stay_day(trip)
    world = trip.request.place
    other = next(c for c in trip.request.options if c not in trip.solution.verdict.plan[i].cities)
    elsewhere = world.attractions(other)[0].id
    days = changed(trip.days, i, attractions=f"{trip.days[i].attractions}; {elsewhere}")
    assert "within_current_city" in broken(trip.request, days)
    hotel = world.hotels(other)[0].id
    assert "within_current_city" in broken(trip.request, changed(trip.days, i, accommodation=hotel))
    # A night is spent where the day ends, not where it begins.
    at_home = world.hotels(trip.request.origin)[0].id
    assert "within_current_city" in broken(
        trip.request, changed(trip.days, 0, accommodation=at_home)
    )


def test_reasonable_city_route(trip):
    request, days = trip.request, trip.days
    world = request.place
    here = world.city[trip.solution.verdict.plan[-1].cities[0]].name
    away = changed(days, len(days) - 1, current_city=here, transportation=NOTHING)
    assert "reasonable_city_route" in broken(request, away)
    elsewhere = next(c.name for c in world.cities if c.area != request.destination)
    lost = changed(days, 0, current_city=f"from {elsewhere} to {here}")
    assert "reasonable_city_route" in broken(request, lost)
    backwards = [*days[:1], days[3], days[2], days[1], *days[4:]]
    assert "reasonable_city_route" in broken(request, backwards)


def test_a_ride_of_another_date_is_no_route(trip):
    plan, world = trip.solution.verdict.plan, trip.request.place
    i = next(i for i, d in enumerate(plan) if d.leg is not None and isinstance(d.leg.way, Ride))
    leg = plan[i].leg
    for day in range(30):
        rides = world.rides(leg.mode, leg.origin, leg.dest, day) if day != plan[i].day else ()
        if rides:
            days = changed(trip.days, i, transportation=rides[0].id)
            assert "reasonable_city_route" in broken(trip.request, days)
            return
    raise AssertionError("this service runs on one day only")


def test_diverse_restaurants(trip):
    i, _ = stay_day(trip)
    assert "diverse_restaurants" in broken(
        trip.request, changed(trip.days, i, dinner=trip.days[i].lunch)
    )


def test_diverse_attractions(trip):
    i, _ = stay_day(trip)
    first = trip.days[i].attractions.split("; ")[0]
    days = changed(trip.days, i, attractions=f"{trip.days[i].attractions}; {first}")
    assert "diverse_attractions" in broken(trip.request, days)


def test_non_conflicting_transportation(trip):
    plan, world = trip.solution.verdict.plan, trip.request.place
    for i, day in enumerate(plan):
        if day.travels and world.drive(*day.cities) is not None:
            other = "taxi" if trip.days[i].transportation == "self-driving" else "self-driving"
            days = changed(trip.days, i, transportation=other)
            assert "non_conflicting_transportation" in broken(trip.request, days)
            return
    raise AssertionError("no road on this trip")


def test_minimum_nights(trip):
    request = trip.request
    for i, day in enumerate(trip.solution.verdict.plan[:-1]):
        for hotel in request.place.hotels(day.cities[-1]):
            if hotel.min_nights > 1 and hotel != day.hotel:
                days = changed(trip.days, i, accommodation=hotel.id)
                assert "minimum_nights" in broken(request, days)
                return
    raise AssertionError("no house wants two nights")


def test_opening_hours(trip):
    world = trip.request.place
    for i, day in enumerate(trip.solution.verdict.plan):
        for row in world.attractions(day.cities[-1]):
            if sight_slot(row, world.weekday(day.day), day.day) is None and not day.travels:
                days = changed(trip.days, i, attractions=row.id)
                assert "opening_hours" in broken(trip.request, days)
                return
    raise AssertionError("everything is open on the whole days of this trip")


def test_opening_hours_of_meals(short_trip):
    request, (i, code) = short_trip.request, stay_day(short_trip)
    evening = next(r for r in request.place.restaurants(code) if r.opens > 960)
    assert "opening_hours" in broken(request, changed(short_trip.days, i, breakfast=evening.id))


def test_connection_times(trip):
    """A meal that cannot be had after arriving, or before leaving, breaks the connection."""
    request, world = trip.request, trip.request.place
    plan = trip.solution.verdict.plan
    for i, day in enumerate(plan):
        if day.leg is None or not isinstance(day.leg.way, Ride):
            continue
        late = day.leg.way.arrives > 660
        for row in world.restaurants(day.cities[1]):
            if late and row.opens <= 420 and not row.closed and row.seats >= request.people:
                days = changed(trip.days, i, breakfast=row.id)
                assert "connection_times" in broken(request, days)
                return
    raise AssertionError("every ride of this trip arrives early")


def test_daily_time(short_trip):
    """Everything a city has does not fit into one day."""
    request, (i, code) = short_trip.request, stay_day(short_trip)
    world, day = request.place, short_trip.request.start + i
    rows = [
        row.id
        for row in world.attractions(code)
        if sight_slot(row, world.weekday(day), day) is not None
    ]
    days = changed(short_trip.days, i, attractions=rows)
    assert "daily_time" in broken(request, days)


def test_availability_of_rooms(short_trip):
    request = short_trip.request
    crowd = replace(request, people=request.people * 60)
    assert "availability" in broken(crowd, short_trip.days)
    plan = short_trip.solution.verdict.plan
    for i, day in enumerate(plan[:-1]):
        full = [h for h in request.place.hotels(day.cities[-1]) if day.day in h.full]
        if full:
            days = changed(short_trip.days, i, accommodation=full[0].id)
            assert "availability" in broken(request, days)


def test_a_plan_of_dashes_is_not_grounded(trip):
    days = [Day(current_city=trip.days[1].current_city) for _ in trip.days]
    verdict = judge(trip.request, days)
    assert not verdict.commonsense["within_sandbox"]
    assert not verdict.grounded
    assert filled(verdict.plan) == 0.0
    assert not verdict.complete
