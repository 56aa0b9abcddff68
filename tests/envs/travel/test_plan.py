"""What words in a plan refer to: whole names, every mention."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.travel.plan import Day, cities_of, find_venue, mentions, resolve


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", []),
        ("", []),
        ("Bell Park", ["Bell Park"]),
        ("Bell Park;", ["Bell Park"]),
        ("Bell Park; Invented Tower", ["Bell Park", "Invented Tower"]),
        (["Bell Park", "-", "Gate"], ["Bell Park", "Gate"]),
    ],
)
def test_mentions_keep_the_last_fragment(text, expected):
    assert mentions(text) == expected


def test_cities(trip):
    world, request = trip.request.place, trip.request
    a, b = world.cities[0], world.cities[1]
    assert cities_of(request, a.name) == (a.code,)
    assert cities_of(request, f"from {a.name} to {b.name}") == (a.code, b.code)
    assert cities_of(request, f"from {a.code} to {b.code}") == (a.code, b.code)
    assert cities_of(request, f"from {a.name} to {a.name}") == ()
    assert cities_of(request, f"from {a.name} to Atlantis") == ()
    assert cities_of(request, a.name[:-1]) == ()


def test_names_match_whole(trip):
    request = trip.request
    code = request.options[0]
    row = request.place.attractions(code)[0]
    assert find_venue(request, "A", row.name, (code,)) == row
    assert find_venue(request, "A", row.id.lower(), (code,)) == row
    assert find_venue(request, "A", row.name.upper(), (code,)) == row
    assert find_venue(request, "A", row.name.split()[0], (code,)) is None
    assert find_venue(request, "A", row.name + " of Arts", (code,)) is None


def test_kinds_do_not_mix(trip):
    request = trip.request
    code = request.options[0]
    hotel, sight = request.place.hotels(code)[0], request.place.attractions(code)[0]
    assert find_venue(request, "A", hotel.id, (code,)) is None
    assert find_venue(request, "R", sight.id, (code,)) is None
    assert find_venue(request, "H", sight.name, (code,)) is None


def test_a_name_means_the_city_of_the_day(trip):
    """Names recur between cities; the day decides."""
    request, world = trip.request, trip.request.place
    here = request.options[0]
    names = {row.name: row for row in world.restaurants(here)}
    for city in world.cities:
        shared = [row for row in world.restaurants(city.code) if row.name in names]
        if shared and city.code != here:
            found = find_venue(request, "R", shared[0].name, (here,))
            assert found == names[shared[0].name]
            assert find_venue(request, "R", shared[0].name, (city.code,)) == shared[0]
            return
    raise AssertionError("no name occurs twice in this world")


def test_every_unknown_word_is_named(trip):
    day = replace(
        trip.days[1], breakfast="Nowhere", attractions="Invented Tower", accommodation="H-XXX-1"
    )
    (found,) = resolve(trip.request, [day])
    assert found.missing == (
        ("breakfast", "Nowhere"),
        ("attractions", "Invented Tower"),
        ("accommodation", "H-XXX-1"),
    )


def test_a_ride_must_exist(trip):
    request = trip.request
    i = next(i for i, day in enumerate(trip.days) if day.transportation[:2] in ("F-", "T-"))
    ride = trip.days[i].transportation
    good = resolve(request, trip.days)[i]
    assert good.leg is not None
    for wrong in (ride + "9", ride.replace("-1-", "-9-"), ride[:-4] + "0101", "F-A-B-1-0601"):
        (found,) = resolve(request, [replace(trip.days[i], transportation=wrong)])
        assert found.leg is None
        assert found.missing == (("transportation", wrong),)


words = st.text(max_size=40)


@given(words, words, words, words, st.lists(words, max_size=4), words)
def test_any_text_resolves_without_an_exception(trip, a, b, c, d, e, f):
    resolve(trip.request, [Day(a, b, c, d, "-", e, f)])


def test_endless_fields_are_read_in_bounded_work(trip):
    """A field of many thousand words is refused, not tried out in every way."""
    assert cities_of(trip.request, "from " + " to " * 50_000) == ()
    day = Day(current_city="Rome", attractions="; ".join(f"X{i}" for i in range(20_000)))
    (found,) = resolve(trip.request, [day])
    assert found.sights == ()
    assert sum(field == "attractions" for field, _ in found.missing) == 20_000
