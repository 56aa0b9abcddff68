"""The committed subset of GeoNames and airportsdata, as rows."""

import gzip
import json
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

SHA256 = "288e98e7ce5e52552d749c1aad42c50cdcd0c228893c2e1d10b379152dc45312"
"""Digest of ``data/geo.json.gz``; ``geo_build.py`` prints it."""


class Place(NamedTuple):
    """One real city of at least 100,000 people."""

    geonameid: int
    name: str
    country: str
    """ISO 3166 code of two letters."""
    admin1: str
    """First administrative division: letters for the states of the USA, else a number."""
    population: int
    lat: int
    """Ten-thousandths of a degree, north positive."""
    lon: int
    """Ten-thousandths of a degree, east positive."""
    utc: int
    """Minutes ahead of UTC in July 2026."""
    airport: str
    """IATA code of an airport of the same country within 60 km, or ''."""


class Geo(NamedTuple):
    """The whole subset."""

    places: tuple[Place, ...]
    countries: dict[str, tuple[str, str, frozenset[str]]]
    """ISO code to name, continent and bordering countries."""
    states: dict[str, str]
    """Postal code to name, USA only."""
    airports: dict[str, str]
    """IATA code to name."""


@cache
def load() -> Geo:
    """Return the subset; read from disk once per process, about 20 ms."""
    packed = files(__package__).joinpath("data/geo.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    offsets = [minutes for _, minutes in data["zones"]]
    places = tuple(
        Place(gid, name, iso, admin, people, lat, lon, offsets[zone], airport)
        for gid, name, iso, admin, people, lat, lon, zone, airport in data["cities"]
    )
    countries = {
        iso: (name, continent, frozenset(borders))
        for iso, (name, continent, borders) in data["countries"].items()
    }
    airports = {code: row[0] for code, row in data["airports"].items()}
    return Geo(places, countries, data["states"], airports)


@cache
def hubs() -> tuple[Place, ...]:
    """Return the most populous city of every airport, by country, then population."""
    best: dict[str, Place] = {}
    for place in load().places:
        if place.airport and (
            place.airport not in best or best[place.airport].population < place.population
        ):
            best[place.airport] = place
    return tuple(sorted(best.values(), key=lambda p: (p.country, -p.population, p.geonameid)))


def area_of(place: Place) -> str:
    """Return the name of the state (USA) or country (elsewhere) that a trip may name."""
    geo = load()
    if place.country == "US":
        return geo.states.get(place.admin1, "United States")
    return geo.countries[place.country][0]


@cache
def plain(name: str) -> str:
    """Return the form in which two names are compared: whole, but without case or accents.

    >>> plain("  São  Paulo")
    'sao paulo'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
