"""Journeys that a party can make."""

from functools import lru_cache

from envgym.envs.travel.plan import Leg
from envgym.envs.travel.request import Request
from envgym.envs.travel.world import travel_world


def leg_options(request: Request, a: str, b: str, day: int) -> tuple[Leg, ...]:
    """Return every journey from a to b on a day that has seats for the party."""
    return _options(request.world, request.region, request.people, a, b, day)


@lru_cache(maxsize=4096)
def _options(seed: int, region: str, people: int, a: str, b: str, day: int) -> tuple[Leg, ...]:
    world = travel_world(seed, region)
    found = [
        Leg(mode, a, b, ride)
        for mode in ("flight", "train")
        for ride in world.rides(mode, a, b, day)
        if ride.seats >= people
    ]
    road = world.drive(a, b)
    if road is not None:
        found += [Leg("self-driving", a, b, road), Leg("taxi", a, b, road)]
    return tuple(found)
