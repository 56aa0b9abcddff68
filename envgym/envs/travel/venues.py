"""Hotels, restaurants and attractions of one city, each table from its own stream."""

from collections.abc import Iterable
from typing import NamedTuple

from envgym.envs.travel import words
from envgym.envs.travel.rows import (
    CUISINES,
    ROOM_TYPES,
    RULES,
    Attraction,
    City,
    Hotel,
    Restaurant,
)
from envgym.types import Stream

SPREAD = (
    720, 790, 840, 880, 910, 940, 965, 985, 1010, 1035, 1065, 1100, 1145, 1200, 1280, 1420,
)  # fmt: skip
"""Per-mille price factors of equal probability: a log-normal's quantiles, written out so that no
library's exp() decides a byte."""

_HOTEL_BASE = (0, 2800, 4200, 6400, 10500, 19500)
"""Cents per night of a private room, by stars."""
_ROOM_FACTOR = {"entire room": 1450, "private room": 1000, "shared room": 480}
_SEEN_MENU = 9
"""Cuisines that an area knows, out of twelve: some wishes cannot be met there."""


class Kitchen(NamedTuple):
    """A kind of restaurant: hours and price per person in cents."""

    opens: int
    closes: int
    price: int


_KITCHENS = (
    Kitchen(390, 960, 950),
    Kitchen(420, 1320, 1350),
    Kitchen(660, 1350, 1900),
    Kitchen(690, 900, 1500),
    Kitchen(1050, 1410, 3100),
)
_KITCHEN_WEIGHTS = (5, 4, 5, 2, 4)


def level(seed: int, city: City) -> int:
    """Return the city's price level in per mille of the mean."""
    return Stream(seed, "level", city.code).integers(750, 1350)


def _size(city: City, base: int) -> int:
    # 100,000 people have 17 bits, ten million 24: one more row per doubling.
    return base + min(25, city.population.bit_length()) - 17


def _name(stream: Stream, first: tuple[str, ...], last: Iterable[str], used: set[str]) -> str:
    last = tuple(last)
    while True:
        name = f"{stream.choice(first)} {stream.choice(last)}"
        if name not in used:
            used.add(name)
            return name


def _days_off(stream: Stream, most: int) -> tuple[int, ...]:
    count = stream.weighted(range(most + 1), (5, 3, 1)[: most + 1])
    return tuple(sorted(stream.sample(range(7), count)))


def hotels(seed: int, city: City, days: int) -> tuple[Hotel, ...]:
    """Return the hotels of a city; a longer list would begin with the same rows."""
    stream, scale = Stream(seed, "hotels", city.code), level(seed, city)
    used: set[str] = set()
    rows = []
    for i in range(1, _size(city, 6) + 1):
        name = _name(stream, words.HOTEL_FIRST, words.HOTEL_LAST, used)
        stars = stream.weighted((1, 2, 3, 4, 5), (1, 3, 5, 4, 2))
        room = stream.weighted(ROOM_TYPES, (4, 4, 2))
        sleeps = stream.weighted((1, 2, 3, 4), (1, 5, 2, 3))
        price = _HOTEL_BASE[stars] * scale * _ROOM_FACTOR[room] * stream.choice(SPREAD) // 10**9
        nights = stream.weighted((1, 2, 3), (6, 4, 1))
        forbids = tuple(sorted(stream.sample(RULES, stream.weighted((0, 1, 2, 3), (2, 4, 4, 2)))))
        free = stream.integers(2, 12)
        full = tuple(sorted(stream.below(days) for _ in range(stream.below(4))))
        rows.append(
            Hotel(
                f"H-{city.code}-{i}", name, city.code, stars, room, sleeps, price, nights,
                forbids, free, full,
            )
        )  # fmt: skip
    return tuple(rows)


def menu(seed: int, area: str) -> tuple[str, ...]:
    """Return the cuisines that the restaurants of an area cook."""
    return tuple(sorted(Stream(seed, "menu", area).sample(CUISINES, _SEEN_MENU)))


def restaurants(seed: int, city: City) -> tuple[Restaurant, ...]:
    """Return the restaurants of a city; a longer list would begin with the same rows."""
    stream, scale = Stream(seed, "restaurants", city.code), level(seed, city)
    known, used = menu(seed, city.area), set[str]()
    rows = []
    for i in range(1, _size(city, 12) + 1):
        name = _name(stream, words.TABLE_FIRST, words.TABLE_LAST, used)
        kind = stream.weighted(_KITCHENS, _KITCHEN_WEIGHTS)
        cuisines = tuple(sorted(stream.sample(known, stream.weighted((1, 2, 3), (4, 4, 1)))))
        price = kind.price * scale * stream.choice(SPREAD) // 10**6
        closed = _days_off(stream, 1)
        seats = stream.weighted((2, 4, 6, 8, 12), (1, 3, 4, 4, 4))
        rows.append(
            Restaurant(
                f"R-{city.code}-{i}", name, city.code, cuisines, price, kind.opens, kind.closes,
                closed, seats,
            )
        )  # fmt: skip
    return tuple(rows)


def attractions(seed: int, city: City, days: int) -> tuple[Attraction, ...]:
    """Return the attractions of a city; a longer list would begin with the same rows."""
    stream = Stream(seed, "attractions", city.code)
    used: set[str] = set()
    rows = []
    categories = tuple(words.SIGHT_LAST)
    for i in range(1, _size(city, 8) + 1):
        category = stream.choice(categories)
        name = _name(stream, words.SIGHT_FIRST, words.SIGHT_LAST[category], used)
        grade = stream.weighted((1, 2, 3), (4, 4, 2))
        fee = stream.weighted((0, 400, 800, 1200, 1800, 2500), (5, 3, 3, 2, 2, 1)) * grade // 2
        minutes = 45 + 15 * stream.integers(0, 3) + 30 * grade
        opens = stream.choice((480, 540, 570, 600, 780))
        closes = stream.choice((960, 1020, 1080, 1140, 1260))
        closed = _days_off(stream, 2)
        works, begins, lasts = stream.chance(1, 6), stream.below(days), stream.integers(4, 12)
        shut = (begins, min(days - 1, begins + lasts - 1)) if works else ()
        rows.append(
            Attraction(
                f"A-{city.code}-{i}", name, city.code, category, grade, fee, minutes, opens,
                closes, closed, shut,
            )
        )  # fmt: skip
    return tuple(rows)
