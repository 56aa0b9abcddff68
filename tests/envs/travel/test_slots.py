"""Dense progress: fields that are right by themselves."""

from dataclasses import replace

from envgym.envs.travel.plan import NOTHING, Day
from envgym.envs.travel.slots import slots_of, valid_slots


def test_a_right_plan_fills_every_slot(trip, short_trip):
    for one in (trip, short_trip):
        draft = dict(enumerate(one.days, 1))
        assert valid_slots(one.request, draft) == slots_of(one.days)


def test_counting():
    day = Day(current_city="Rome", breakfast="x", attractions="a; b", accommodation="-")
    assert slots_of([day]) == 3
    assert slots_of([Day(current_city=NOTHING)]) == 0


def test_wrong_fields_count_nothing(trip):
    whole = slots_of(trip.days)
    for change, lost in (
        ({"lunch": "Nowhere"}, 1),
        ({"attractions": f"{trip.days[1].attractions}; Nowhere"}, 1),
        ({"accommodation": trip.request.place.hotels(trip.request.origin)[0].id}, 1),
    ):
        days = [trip.days[0], replace(trip.days[1], **change), *trip.days[2:]]
        assert valid_slots(trip.request, dict(enumerate(days, 1))) == whole - lost


def test_nothing_without_a_city(trip):
    day = replace(trip.days[1], current_city="")
    assert valid_slots(trip.request, {2: day}) == 0


def test_a_draft_of_some_days(trip):
    assert valid_slots(trip.request, {}) == 0
    assert valid_slots(trip.request, {2: trip.days[1]}) == slots_of([trip.days[1]])
