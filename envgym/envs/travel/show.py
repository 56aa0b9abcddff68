"""Rows as compact text tables."""

from collections.abc import Iterable, Sequence

from envgym.envs.travel.rows import WEEKDAYS, Attraction, City, Drive, Hotel, Restaurant, Ride
from envgym.envs.travel.world import TravelWorld


def money(cents: int) -> str:
    """Return cents as dollars.

    >>> money(123450)
    '$1234.50'
    """
    return f"${cents // 100}.{cents % 100:02d}"


def clock(minutes: int) -> str:
    """Return minutes after midnight as HH:MM.

    >>> clock(545)
    '09:05'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _closed(world: TravelWorld, weekdays: Sequence[int], span: Sequence[int] = ()) -> str:
    parts = [WEEKDAYS[day] for day in weekdays]
    if span:
        parts.append(f"{world.date(span[0])} to {world.date(span[1])}")
    return ", ".join(parts) or "-"


def _table(head: str, rows: Iterable[Sequence[object]]) -> str:
    return "\n".join([head, *(" | ".join(map(str, row)) for row in rows)])


def dated(world: TravelWorld, day: int) -> str:
    """Return a day as weekday and ISO date."""
    return f"{WEEKDAYS[world.weekday(day)]} {world.date(day).isoformat()}"


def cities_table(cities: Sequence[City]) -> str:
    """Return the cities of an area."""
    return _table("code | city | people", [(c.code, c.name, c.population) for c in cities])


def rides_table(rides: Sequence[Ride]) -> str:
    """Return flights or trains; the price is per person."""
    return _table(
        "id | departs | arrives | minutes | price | seats",
        [
            (r.id, clock(r.departs), clock(r.arrives), r.minutes, money(r.price), r.seats)
            for r in rides
        ],
    )


def drive_table(road: Drive) -> str:
    """Return the road and what it costs per car."""
    own, taxi = money(road.km * 5), money(road.km * 100)
    return _table(
        "km | minutes | self-driving per car of 5 | taxi per car of 4",
        [(road.km, road.minutes, own, taxi)],
    )


def hotels_table(world: TravelWorld, hotels: Sequence[Hotel]) -> str:
    """Return the hotels of a city; the price is per room and night."""
    return _table(
        "id | name | stars | type | sleeps | price | min nights | forbids | rooms | sold out",
        [
            (
                h.id, h.name, h.stars, h.room_type, h.sleeps, money(h.price), h.min_nights,
                ", ".join(h.forbids) or "-", h.rooms,
                " ".join(f"{world.date(d):%m-%d}" for d in sorted(set(h.full))) or "-",
            )
            for h in hotels
        ],
    )  # fmt: skip


def restaurants_table(world: TravelWorld, rows: Sequence[Restaurant]) -> str:
    """Return the restaurants of a city; the price is per person and meal."""
    return _table(
        "id | name | cuisines | price | open | closed on | largest party",
        [
            (
                r.id, r.name, ", ".join(r.cuisines), money(r.price),
                f"{clock(r.opens)}-{clock(r.closes)}", _closed(world, r.closed), r.seats,
            )
            for r in rows
        ],
    )  # fmt: skip


def attractions_table(world: TravelWorld, rows: Sequence[Attraction]) -> str:
    """Return the attractions of a city; the fee is per person."""
    return _table(
        "id | name | kind | class | fee | visit minutes | open | closed on",
        [
            (
                a.id, a.name, a.category, a.grade, money(a.fee), a.minutes,
                f"{clock(a.opens)}-{clock(a.closes)}", _closed(world, a.closed, a.shut),
            )
            for a in rows
        ],
    )  # fmt: skip
