"""Rows of the travel world: what the search tools show."""

from typing import NamedTuple

RULES = ("smoking", "parties", "children under 10", "visitors", "pets")
"""What a house may forbid."""
ROOM_TYPES = ("entire room", "private room", "shared room")
CUISINES = (
    "American", "Chinese", "Ethiopian", "French", "Indian", "Italian", "Japanese",
    "Lebanese", "Mediterranean", "Mexican", "Thai", "Turkish",
)  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class City(NamedTuple):
    """A city of the world; its code is its airport's."""

    code: str
    name: str
    area: str
    country: str
    population: int
    utc: int
    """Minutes ahead of UTC."""
    vector: tuple[float, float, float]
    lat: int
    lon: int


class Hotel(NamedTuple):
    """A place to stay."""

    id: str
    name: str
    city: str
    stars: int
    room_type: str
    sleeps: int
    """Most people per room."""
    price: int
    """Cents per room and night."""
    min_nights: int
    forbids: tuple[str, ...]
    """House rules, from RULES."""
    rooms: int
    """Rooms free on every night that is not sold out."""
    full: tuple[int, ...]
    """Days of the world (from 0) whose night is sold out."""


class Restaurant(NamedTuple):
    """A place to eat."""

    id: str
    name: str
    city: str
    cuisines: tuple[str, ...]
    price: int
    """Cents per person and meal."""
    opens: int
    """Minutes after midnight, local."""
    closes: int
    closed: tuple[int, ...]
    """Weekdays off, Monday 0."""
    seats: int
    """Largest party admitted."""


class Attraction(NamedTuple):
    """A place to see."""

    id: str
    name: str
    city: str
    category: str
    grade: int
    """Class 1 to 3, 3 best."""
    fee: int
    """Cents per person."""
    minutes: int
    """Time a visit takes, getting there included."""
    opens: int
    closes: int
    closed: tuple[int, ...]
    shut: tuple[int, ...]
    """First and last day of the world on which it is closed for works, or ()."""


class Ride(NamedTuple):
    """A flight or train on one date."""

    id: str
    mode: str
    """flight or train."""
    origin: str
    dest: str
    day: int
    """Day of the world, from 0."""
    departs: int
    """Minutes after midnight, local at the origin."""
    arrives: int
    """Minutes after midnight, local at the destination, same date."""
    minutes: int
    """Time under way."""
    price: int
    """Cents per person."""
    seats: int


class Drive(NamedTuple):
    """The road between two cities, any day, any hour."""

    origin: str
    dest: str
    km: int
    minutes: int
