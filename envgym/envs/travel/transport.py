"""Which cities flights, trains and roads join, and the rows of each."""

from collections.abc import Callable
from math import sqrt

from envgym.envs.travel.rows import City, Drive, Ride
from envgym.envs.travel.venues import SPREAD
from envgym.types import Stream

AIR_KM = (200, 9000)
RAIL_KM = (40, 900)
ROAD_KM = 700
"""Longest road shown, as the crow flies: about eleven hours."""
AIR_FLOOR, RAIL_FLOOR = 7, 5
"""Partners that every city has at least, where the distances allow: without a floor a world's
number of flights swings fourfold with the seed."""
AIR_PULL, RAIL_PULL = 5_000_000_000, 3_000_000_000
"""Gravity (people x people / km^1.25) above which a pair is served whatever the floor."""
LAST_ARRIVAL = 1410
_WEEKDAY = (1000, 900, 900, 960, 1130, 1020, 1110)
"""Per-mille fare factor, Monday first."""
_DAILY = 7
"""A service runs daily with probability 4/7, else it rests on one weekday."""

Km = Callable[[str, str], int]


def gravity(a: City, b: City, km: int) -> float:
    """Return people x people / km^1.25, the exponent by square roots only."""
    return a.population * b.population / (km * sqrt(sqrt(km)))


def links(
    cities: tuple[City, ...], km: Km, span: tuple[int, int], floor: int, pull: int,
    joined: Callable[[City, City], bool],
) -> dict[tuple[str, str], int]:  # fmt: skip
    """Return the served pairs (both directions) and how many services a day each has, 1 to 3."""
    found: dict[tuple[str, str], int] = {}
    for a in cities:
        near = []
        for b in cities:
            if a.code == b.code or not joined(a, b):
                continue
            distance = km(a.code, b.code)
            if span[0] <= distance <= span[1]:
                near.append((gravity(a, b, distance), b.code))
        near.sort(key=lambda pair: (-pair[0], pair[1]))
        for rank, (force, code) in enumerate(near):
            if rank < floor or force >= pull:
                count = 1 + (force >= pull) + (force >= 8 * pull)
                found[a.code, code] = found[code, a.code] = count
    return found


def _lead(day: int) -> int:
    """Return the per-mille factor for booking ``day`` days ahead."""
    return 1250 if day < 3 else 1100 if day < 7 else 1000 if day < 14 else 930


def rides(
    seed: int,
    mode: str,
    a: City,
    b: City,
    km: int,
    count: int,
    days: int,
    first: int,
    tag: list[str],
) -> tuple[Ride, ...]:
    """Return every dated run of the ``count`` services from a to b.

    Each service has its own stream, so one more service, or one more day, changes no other row.

    Args:
        mode: flight or train.
        km: great-circle distance.
        first: weekday of day 0, Monday 0.
        tag: the date of each day as four digits, for ids.
    """
    rows = []
    shift = b.utc - a.utc
    letter = mode[0].upper()
    for k in range(1, count + 1):
        stream = Stream(seed, mode, a.code, b.code, k)
        if mode == "flight":
            minutes, base = 35 + km // 13, 2500 + km * 17 // 2
        else:
            minutes, base = 10 + km * 72 // stream.integers(90, 200), 800 + km * 11
        latest = min(1260, LAST_ARRIVAL - minutes - shift)
        earliest = max(330, -minutes - shift)
        start = stream.below(1 << 16)
        rest = stream.below(_DAILY)
        if latest < earliest:
            continue
        departs = earliest + (start * ((latest - earliest) // 5 + 1) >> 16) * 5
        arrives = departs + minutes + shift
        size = 40 if mode == "flight" else 90
        for day in range(days):
            factor, seats = stream.choice(SPREAD), stream.below(size)
            weekday = (first + day) % 7
            if rest < 3 and weekday == rest * 2:
                continue
            price = base * factor * _lead(day) * _WEEKDAY[weekday] // 10**9
            rows.append(
                Ride(
                    f"{letter}-{a.code}-{b.code}-{k}-{tag[day]}", mode, a.code, b.code, day,
                    departs, arrives, minutes, price, seats,
                )
            )  # fmt: skip
    return tuple(rows)


def drive(a: City, b: City, km: int) -> Drive:
    """Return the road: a quarter longer than the crow flies, at 80 km/h."""
    road = km * 5 // 4
    return Drive(a.code, b.code, road, 15 + road * 3 // 4)
