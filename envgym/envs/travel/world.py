"""A seeded world: 60 real cities of one region, 30 days, everything for sale invented.

Every (kind, parent) has its own stream and is drawn in append order (contract 5), so tables can
be made when they are first looked at: a lazily used world equals the one built whole.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property, lru_cache

from envgym.envs.travel import geo, transport, venues
from envgym.envs.travel.distance import arc_km, unit_vector
from envgym.envs.travel.regions import REGIONS
from envgym.envs.travel.rows import Attraction, City, Drive, Hotel, Restaurant, Ride
from envgym.types import Stream, TaskError
from envgym.types.errors import unknown

CITIES = 60
DAYS = 30
_FIRST_DAY = date(2026, 5, 4)
_QUOTA = 6
"""Cities per state or country, more where the region has few of them."""

Venue = Hotel | Restaurant | Attraction


class TravelWorld:
    """All tables of one world, made on first use. Immutable to its users.

    Args:
        seed: any integer.
        region: a key of ``regions.REGIONS``.

    Raises:
        TaskError: unknown region.
    """

    def __init__(self, seed: int, region: str) -> None:
        if region not in REGIONS:
            raise TaskError(unknown("region", region, REGIONS))
        self.seed, self.region = seed, region
        self.start = _FIRST_DAY + timedelta(days=Stream(seed, "start").below(60))
        """Date of day 0."""
        self.first = self.start.weekday()
        self.cities: tuple[City, ...] = _cities(seed, region)
        self.city: dict[str, City] = {city.code: city for city in self.cities}
        """City by code."""
        self._names: dict[str, str] = {}
        for city in self.cities:
            self._names[geo.plain(city.name)] = self._names[geo.plain(city.code)] = city.code
        self.areas: dict[str, tuple[str, ...]] = {}
        """State or country to the codes of its cities."""
        for city in self.cities:
            self.areas[city.area] = (*self.areas.get(city.area, ()), city.code)
        self._tags = [(self.start + timedelta(days=d)).strftime("%m%d") for d in range(DAYS)]
        self._km: dict[tuple[str, str], int] = {}
        self._tables: dict[tuple[str, ...], tuple[Venue, ...]] = {}
        self._rides: dict[tuple[str, str, str], tuple[tuple[Ride, ...], ...]] = {}
        self._named: dict[tuple[str, str], dict[str, Venue]] = {}

    # -- Calendar and places --------------------------------------------------------------

    def date(self, day: int) -> date:
        """Return the date of a day of the world, from 0."""
        return self.start + timedelta(days=day)

    def weekday(self, day: int) -> int:
        """Return the weekday of a day, Monday 0."""
        return (self.first + day) % 7

    def day_of(self, text: str) -> int | None:
        """Return the day of an ISO date, or None outside the 30 days."""
        try:
            day = (date.fromisoformat(text.strip()) - self.start).days
        except ValueError:
            return None
        return day if 0 <= day < DAYS else None

    def find_city(self, text: str) -> str | None:
        """Return the code of a city given by its whole name or code, or None."""
        return self._names.get(geo.plain(text))

    def find_area(self, text: str) -> str | None:
        """Return the area with this whole name, or None."""
        wanted = geo.plain(text)
        return next((area for area in self.areas if geo.plain(area) == wanted), None)

    def km(self, a: str, b: str) -> int:
        """Return the great-circle distance of two cities in kilometres."""
        key = (a, b) if a < b else (b, a)
        found = self._km.get(key)
        if found is None:
            found = self._km[key] = arc_km(self.city[a].vector, self.city[b].vector)
        return found

    # -- Tables ---------------------------------------------------------------------------

    def hotels(self, code: str) -> tuple[Hotel, ...]:
        """Return the hotels of a city."""
        return self._table("H", code)  # type: ignore[return-value]

    def restaurants(self, code: str) -> tuple[Restaurant, ...]:
        """Return the restaurants of a city."""
        return self._table("R", code)  # type: ignore[return-value]

    def attractions(self, code: str) -> tuple[Attraction, ...]:
        """Return the attractions of a city."""
        return self._table("A", code)  # type: ignore[return-value]

    def _table(self, kind: str, code: str) -> tuple[Venue, ...]:
        rows = self._tables.get((kind, code))
        if rows is None:
            city = self.city[code]
            if kind == "H":
                rows = venues.hotels(self.seed, city, DAYS)
            elif kind == "R":
                rows = venues.restaurants(self.seed, city)
            else:
                rows = venues.attractions(self.seed, city, DAYS)
            self._tables[kind, code] = rows
        return rows

    def venue(self, kind: str, code: str, text: str) -> Venue | None:
        """Return the row of a kind (H, R or A) in a city with this whole name or id, or None."""
        names = self._named.get((kind, code))
        if names is None:
            names = {}
            for row in self._table(kind, code):
                names[geo.plain(row.name)] = names[geo.plain(row.id)] = row
            self._named[kind, code] = names
        return names.get(geo.plain(text))

    @cached_property
    def _links(self) -> dict[str, dict[tuple[str, str], int]]:
        borders = geo.load().countries

        def land(a: City, b: City) -> bool:
            return a.country == b.country or b.country in borders[a.country][2]

        return {
            "flight": transport.links(
                self.cities, self.km, transport.AIR_KM, transport.AIR_FLOOR,
                transport.AIR_PULL, lambda a, b: True,
            ),
            "train": transport.links(
                self.cities, self.km, transport.RAIL_KM, transport.RAIL_FLOOR,
                transport.RAIL_PULL, land,
            ),
        }  # fmt: skip

    def rides(self, mode: str, a: str, b: str, day: int) -> tuple[Ride, ...]:
        """Return the flights or trains from a to b on one day."""
        per_day = self._rides.get((mode, a, b))
        if per_day is None:
            count = self._links[mode].get((a, b), 0)
            lists: list[list[Ride]] = [[] for _ in range(DAYS)]
            if count:
                for ride in transport.rides(
                    self.seed, mode, self.city[a], self.city[b], self.km(a, b), count, DAYS,
                    self.first, self._tags,
                ):  # fmt: skip
                    lists[ride.day].append(ride)
            per_day = self._rides[mode, a, b] = tuple(tuple(rows) for rows in lists)
        return per_day[day]

    def drive(self, a: str, b: str) -> Drive | None:
        """Return the road from a to b, or None where there is none or it is too long."""
        if a == b or self.km(a, b) > transport.ROAD_KM:
            return None
        one, two = self.city[a], self.city[b]
        if one.country != two.country and two.country not in geo.load().countries[one.country][2]:
            return None
        return transport.drive(one, two, self.km(a, b))

    # -- The whole ------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield every row of the world in a fixed order; builds what is not there yet."""
        for city in self.cities:
            yield city
        for city in self.cities:
            for kind in ("H", "R", "A"):
                yield from self._table(kind, city.code)
        for mode in ("flight", "train"):
            for a, b in sorted(self._links[mode]):
                self.rides(mode, a, b, 0)
                for rows in self._rides[mode, a, b]:
                    yield from rows
        for one in self.cities:
            for two in self.cities:
                road = self.drive(one.code, two.code)
                if road is not None:
                    yield road

    def digest(self) -> str:
        """Return the SHA-256 over every row: equal worlds, equal digests, on any machine."""
        total = hashlib.sha256(self.start.isoformat().encode())
        for row in self.rows():
            total.update(repr(tuple(row)).encode())
        return total.hexdigest()


def _cities(seed: int, region: str) -> tuple[City, ...]:
    """Return 60 cities in compact clusters, one per area."""
    countries = set(REGIONS[region])
    pools: dict[str, list[geo.Place]] = {}
    names: set[str] = set()
    for place in geo.hubs():
        # The first of two cities with one name is the larger of its country's.
        if place.country in countries and geo.plain(place.name) not in names:
            names.add(geo.plain(place.name))
            pools.setdefault(geo.area_of(place), []).append(place)
    areas = sorted(pools)
    Stream(seed, "areas", region).shuffle(areas)
    quota = _QUOTA
    while sum(min(quota, len(pool)) for pool in pools.values()) < CITIES:
        quota += 1
    chosen: list[City] = []
    for area in areas:
        pool = pools[area]
        vectors = {p.geonameid: unit_vector(p.lat, p.lon) for p in pool}
        anchor = vectors[Stream(seed, "anchor", area).choice(pool).geonameid]
        pool.sort(key=lambda p: (arc_km(anchor, vectors[p.geonameid]), p.geonameid))
        chosen += (
            City(
                p.airport, p.name, area, p.country, p.population, p.utc,
                vectors[p.geonameid], p.lat, p.lon,
            )
            for p in pool[:quota]
        )  # fmt: skip
    return tuple(chosen[:CITIES])


@lru_cache(maxsize=16)
def travel_world(seed: int, region: str) -> TravelWorld:
    """Return the world of a seed; the last sixteen are kept."""
    return TravelWorld(seed, region)
