"""Worlds: the same bytes everywhere, and no row depends on another's."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.travel import transport, venues
from envgym.envs.travel.regions import COMMON, HELD_OUT, REGIONS
from envgym.envs.travel.world import CITIES, DAYS, TravelWorld, travel_world
from envgym.types import TaskError

GOLDEN = "33a78d4c8c399fbb2bc91735d0234b478aac63ada16ef6bd77c63b5eb1357ac0"
seeds = st.integers(0, (1 << 63) - 1)
regions = st.sampled_from(sorted(REGIONS))


def test_golden_digest():
    """A change here reseeds every task: it needs a new version of the environment."""
    assert TravelWorld(7, "western-europe").digest() == GOLDEN


@pytest.mark.parametrize("hash_seed", ["0", "1", "12345"])
def test_digest_in_other_processes(hash_seed):
    code = (
        "from envgym.envs.travel.world import TravelWorld;"
        "print(TravelWorld(7, 'western-europe').digest())"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == GOLDEN


@settings(max_examples=10, deadline=None)
@given(seeds, regions)
def test_shape(seed, region):
    world = TravelWorld(seed, region)
    assert len({city.code for city in world.cities}) == CITIES
    assert len({city.name for city in world.cities}) == CITIES
    assert {city.country for city in world.cities} <= set(REGIONS[region])
    assert world.date(DAYS - 1).year == 2026
    for city in world.cities:
        assert world.find_city(city.name) == world.find_city(city.code) == city.code
        flights = [pair for pair in world._links["flight"] if pair[0] == city.code]
        assert len(flights) >= min(transport.AIR_FLOOR, 3)


@settings(max_examples=5, deadline=None)
@given(seeds, regions)
def test_a_lazy_world_equals_the_whole_one(seed, region):
    lazy, whole = TravelWorld(seed, region), TravelWorld(seed, region)
    whole.digest()
    for city in lazy.cities[::-7]:
        assert lazy.attractions(city.code) == whole.attractions(city.code)
        assert lazy.hotels(city.code) == whole.hotels(city.code)
        other = lazy.cities[3].code
        if other != city.code:
            assert lazy.rides("flight", city.code, other, 5) == whole.rides(
                "flight", city.code, other, 5
            )


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(1, 8))
def test_more_rows_change_none(seed, more):
    """A larger city has the smaller one's rows first: nothing depends on how many there are."""
    city = travel_world(7, "western-europe").cities[0]
    large = city._replace(population=city.population << more)
    for make in (
        lambda c: venues.hotels(seed, c, DAYS),
        lambda c: venues.restaurants(seed, c),
        lambda c: venues.attractions(seed, c, DAYS),
    ):
        few, many = make(city), make(large)
        assert many[: len(few)] == few
        assert len(many) >= len(few)


@settings(max_examples=10, deadline=None)
@given(seeds, st.sampled_from(["flight", "train"]))
def test_more_services_change_none(seed, mode):
    world = travel_world(7, "western-europe")
    a, b = world.cities[0], world.cities[20]

    def rides(count, days):
        return transport.rides(
            seed, mode, a, b, world.km(a.code, b.code), count, days, world.first, world._tags
        )

    assert rides(3, DAYS)[: len(rides(1, DAYS))] == rides(1, DAYS)
    assert {ride for ride in rides(3, DAYS) if ride.day < 10} == set(rides(3, 10))


def test_another_city_changes_no_rows(world):
    """The tables of a city depend on the seed and the city alone."""
    for city in world.cities[:5]:
        assert world.hotels(city.code) == venues.hotels(7, city, DAYS)
        assert world.restaurants(city.code) == venues.restaurants(7, city)


@settings(max_examples=5, deadline=None)
@given(seeds, regions)
def test_rows_make_sense(seed, region):
    world = TravelWorld(seed, region)
    ids = set()
    for city in world.cities[:12]:
        rows = (
            *world.hotels(city.code),
            *world.restaurants(city.code),
            *world.attractions(city.code),
        )
        for row in rows:
            assert row.id not in ids
            ids.add(row.id)
            assert row.city == city.code
            assert world.venue(row.id[0], city.code, row.name) == row
        assert all(h.price > 0 and 1 <= h.stars <= 5 for h in world.hotels(city.code))
    for a, b in sorted(world._links["flight"])[:40]:
        for day in (0, DAYS - 1):
            for ride in world.rides("flight", a, b, day):
                shift = world.city[b].utc - world.city[a].utc
                assert ride.arrives == ride.departs + ride.minutes + shift
                assert 0 <= ride.arrives <= transport.LAST_ARRIVAL
                assert isinstance(ride.price, int)
                assert ride.price > 0


def test_regions():
    assert set(COMMON) | set(HELD_OUT) == set(REGIONS)
    assert not set(COMMON) & set(HELD_OUT)
    with pytest.raises(TaskError, match="unknown region 'western-europ'.*'western-europe'"):
        TravelWorld(1, "western-europ")


def test_dates(world):
    assert world.day_of(world.date(0).isoformat()) == 0
    assert world.day_of(world.date(29).isoformat()) == 29
    assert world.day_of("2025-01-01") is None
    assert world.day_of("soon") is None
    assert world.weekday(7) == world.weekday(0) == world.date(0).weekday()


def test_drives_are_symmetric_and_bounded(world):
    for a in world.cities[:10]:
        for b in world.cities[:10]:
            there, back = world.drive(a.code, b.code), world.drive(b.code, a.code)
            assert (there is None) == (back is None)
            if there is not None:
                assert there.minutes == back.minutes < 14 * 60
