"""Plans as agents write them, and what their words refer to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Attraction, Drive, Hotel, Restaurant, Ride
from envgym.envs.travel.world import Venue

MEALS = ("breakfast", "lunch", "dinner")
FIELDS = ("current_city", "transportation", *MEALS, "attractions", "accommodation")
NOTHING = "-"
_LONGEST_PLACE = 200
"""Characters of current_city that are read: every split at " to " is tried."""
_MOST_SIGHTS = 100
"""Attractions of one day that are looked up, far more than a day or a city holds."""


@dataclass(frozen=True)
class Day:
    """One day of a plan; "-" where there is nothing. Venues by id or by whole name.

    current_city: a city, or "from A to B" on a day of travel. transportation: id of a flight or
    train, "self-driving" or "taxi". attractions: a list, or one text separated by ";".
    accommodation: where the coming night is spent.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    """A misspelt field is the agent's mistake; dropped silently it would be a hole in the plan."""

    current_city: str
    transportation: str = NOTHING
    breakfast: str = NOTHING
    lunch: str = NOTHING
    dinner: str = NOTHING
    attractions: list[str] | str = NOTHING
    accommodation: str = NOTHING


@dataclass(frozen=True, slots=True)
class Leg:
    """A journey from one city to another."""

    mode: str
    """flight, train, self-driving or taxi."""
    origin: str
    dest: str
    way: Ride | Drive

    @property
    def minutes(self) -> int:
        """Time under way."""
        return self.way.minutes


@dataclass(frozen=True, slots=True)
class Resolved:
    """One day with its words looked up in the world."""

    day: int
    """Day of the world."""
    cities: tuple[str, ...]
    """Codes: one, or where the day begins and where it ends; () if not understood."""
    leg: Leg | None
    meals: tuple[Restaurant | None, Restaurant | None, Restaurant | None]
    sights: tuple[Attraction, ...]
    hotel: Hotel | None
    missing: tuple[tuple[str, str], ...]
    """(field, words) of everything mentioned that the world does not hold."""

    @property
    def travels(self) -> bool:
        """Whether the day says that it goes from one city to another."""
        return len(self.cities) == 2

    def venues(self) -> list[Venue]:
        """Return what is visited, hotel included, in the order of the fields."""
        found: list[Venue] = [meal for meal in self.meals if meal is not None]
        found += self.sights
        if self.hotel is not None:
            found.append(self.hotel)
        return found


def mentions(value: str | Sequence[str]) -> list[str]:
    """Return every name in a field, none for "-"; every fragment of a list counts.

    >>> mentions("Bell Park; Invented Tower")
    ['Bell Park', 'Invented Tower']
    """
    parts = value.split(";") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip() not in ("", NOTHING)]


def cities_of(request: Request, text: str) -> tuple[str, ...]:
    """Return the codes in "A" or "from A to B", or () if a name is not a city's whole name."""
    world = request.place
    words = text.strip()
    if len(words) > _LONGEST_PLACE:
        return ()
    if words.lower().startswith("from "):
        inner = words[5:]
        place = inner.find(" to ")
        while place >= 0:
            a, b = world.find_city(inner[:place]), world.find_city(inner[place + 4 :])
            if a is not None and b is not None:
                return (a, b) if a != b else ()
            place = inner.find(" to ", place + 1)
        return ()
    code = world.find_city(words)
    return (code,) if code is not None else ()


def find_leg(request: Request, text: str, cities: tuple[str, ...]) -> Leg | None:
    """Return the journey that a transportation field names, or None."""
    world = request.place
    words = " ".join(text.split())
    for mode in ("self-driving", "taxi"):
        if words.lower() == mode:
            ends = cities
        elif words.lower().startswith(mode + " from "):
            ends = cities_of(request, words[len(mode) + 1 :])
        else:
            continue
        road = world.drive(ends[0], ends[1]) if len(ends) == 2 else None
        return Leg(mode, ends[0], ends[1], road) if road is not None else None
    parts = words.upper().split("-")
    mode = {"F": "flight", "T": "train"}.get(parts[0], "")
    if not mode or len(parts) != 5 or parts[1] not in world.city or parts[2] not in world.city:
        return None
    day = world.day_of(f"{world.start.year}-{parts[4][:2]}-{parts[4][2:]}")
    if day is None:
        return None
    for ride in world.rides(mode, parts[1], parts[2], day):
        if ride.id == words.upper():
            return Leg(mode, ride.origin, ride.dest, ride)
    return None


def find_venue(request: Request, kind: str, text: str, cities: tuple[str, ...]) -> Venue | None:
    """Return the venue of a kind with this whole name or id, the day's cities first, or None."""
    world = request.place
    parts = text.strip().upper().split("-")
    if len(parts) == 3 and parts[0] == kind and parts[1] in world.city:
        return world.venue(kind, parts[1], text)
    # The venue of another city is found too: it exists, but not where the day is spent.
    for code in (*cities, *request.options, request.origin, *world.city):
        row = world.venue(kind, code, text)
        if row is not None:
            return row
    return None


def resolve(request: Request, plan: Sequence[Day]) -> tuple[Resolved, ...]:
    """Return the plan with every mention looked up."""
    return tuple(_resolve_day(request, request.start + i, day) for i, day in enumerate(plan))


def _resolve_day(request: Request, number: int, day: Day) -> Resolved:
    missing: list[tuple[str, str]] = []
    cities = cities_of(request, day.current_city)
    if not cities:
        missing.append(("current_city", day.current_city))
    leg = None
    if mentions([day.transportation]):
        leg = find_leg(request, day.transportation, cities)
        if leg is None:
            missing.append(("transportation", day.transportation))

    def venue(field: str, kind: str, text: str) -> Venue | None:
        row = find_venue(request, kind, text, cities)
        if row is None:
            missing.append((field, text))
        return row

    meals = [
        venue(meal, "R", getattr(day, meal)) if mentions([getattr(day, meal)]) else None
        for meal in MEALS
    ]
    names = mentions(day.attractions)
    sights = [venue("attractions", "A", name) for name in names[:_MOST_SIGHTS]]
    missing += (("attractions", name) for name in names[_MOST_SIGHTS:])
    hotel = (
        venue("accommodation", "H", day.accommodation) if mentions([day.accommodation]) else None
    )
    return Resolved(
        day=number,
        cities=cities,
        leg=leg,
        meals=tuple(meals),  # type: ignore[arg-type]  # three, of the kind asked for
        sights=tuple(row for row in sights if isinstance(row, Attraction)),
        hotel=hotel if isinstance(hotel, Hotel) else None,
        missing=tuple(missing),
    )
