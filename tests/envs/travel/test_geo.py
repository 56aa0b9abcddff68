"""The committed subset: intact, attributed, small."""

import hashlib
import math
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.travel import geo
from envgym.envs.travel.distance import EARTH_KM, arc_km, unit_vector

DATA = files("envgym.envs.travel").joinpath("data")
lat = st.integers(-900_000, 900_000)
lon = st.integers(-1_800_000, 1_800_000)


def test_checksum_and_size():
    packed = DATA.joinpath("geo.json.gz").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == geo.SHA256
    assert len(packed) < 250_000


def test_attribution_travels_with_the_data():
    text = DATA.joinpath("ATTRIBUTION.txt").read_text(encoding="utf-8")
    for needed in ("GeoNames", "Creative Commons Attribution 4.0", "airportsdata", "MIT License"):
        assert needed in text


def test_rows():
    places = geo.load().places
    assert len(places) == 6204
    assert all(place.population >= 100_000 for place in places)
    paris = next(p for p in places if p.name == "Paris" and p.country == "FR")
    assert (paris.airport, paris.utc) == ("CDG", 120)
    assert geo.area_of(paris) == "France"
    airports = [hub.airport for hub in geo.hubs()]
    assert len(set(airports)) == len(airports)


def test_plain_names_are_whole_names():
    assert geo.plain("São  Paulo ") == geo.plain("sao paulo")
    assert geo.plain("Paulo") != geo.plain("São Paulo")


@given(lat, lon, lat, lon)
def test_distance_is_the_haversine(lat1, lon1, lat2, lon2):
    a, b, c, d = (math.radians(x / 10_000) for x in (lat1, lon1, lat2, lon2))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    expected = 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, h)))
    found = arc_km(unit_vector(lat1, lon1), unit_vector(lat2, lon2))
    if expected <= 10_000:  # a quarter of the globe
        assert abs(found - max(1, expected)) <= 0.51
    assert found == arc_km(unit_vector(lat2, lon2), unit_vector(lat1, lon1))


def test_known_distance():
    # Paris to Berlin, city centres: 877 to 879 km by published tables.
    paris, berlin = unit_vector(488_534, 23_488), unit_vector(525_200, 134_049)
    assert 876 <= arc_km(paris, berlin) <= 880
