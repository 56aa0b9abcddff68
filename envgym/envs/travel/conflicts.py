"""Why a trip cannot be planned: minimal sets of constraints, and the facts that show it.

Five rules, each sound: where one applies, no plan satisfies the named constraints. Facts are
the ids of search results (``facts.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from envgym.envs.travel.cost import leg_cost, night_cost
from envgym.envs.travel.facts import cities_fact, drive_fact, ride_fact, venue_fact
from envgym.envs.travel.hard import (
    mode_allowed,
    rule_allowed,
    short_enough,
    stars_enough,
    type_wanted,
)
from envgym.envs.travel.legs import leg_options
from envgym.envs.travel.plan import Leg
from envgym.envs.travel.request import LOCAL, Request
from envgym.envs.travel.schedule import sight_slot

_STAY = ("room_rule", "room_type", "min_stars")
_WAY = ("transportation", "max_travel")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Constraints that cannot hold together."""

    names: frozenset[str]
    facts: frozenset[str]
    """What must have been seen to know it."""


@lru_cache(maxsize=512)
def conflicts(request: Request) -> tuple[Conflict, ...]:
    """Return the conflicts that the rules find, minimal in their names; () for none."""
    found: list[Conflict] = []
    for size in range(1, len(request.constraints) + 1):
        for names in combinations(request.constraints, size):
            if any(old.names <= set(names) for old in found):
                continue
            facts = _shown(only(request, names), frozenset(names))
            if facts is not None:
                found.append(Conflict(frozenset(names), facts))
    return tuple(found)


def only(request: Request, names: Iterable[str]) -> Request:
    """Return the request with every local constraint lifted but the named ones."""
    kept = set(names)
    lifted: dict[str, tuple[()] | None] = {
        name: () if name == "cuisines" else None for name in LOCAL if name not in kept
    }
    return replace(request, **lifted)  # type: ignore[arg-type]


def _shown(request: Request, names: frozenset[str]) -> frozenset[str] | None:
    """Return the facts that show a conflict which needs exactly these names, or None."""
    for applies, rule in (
        (names <= {*_STAY}, _no_house),
        (names == {"cuisines"}, _no_kitchen),
        (names == {"must_see"}, _closed_all_along),
        (names <= {*_WAY}, _no_way),
        ("budget" in names and names <= {"budget", *_STAY, *_WAY}, _too_dear),
    ):
        if applies:
            facts = rule(request)
            if facts is not None:
                return facts
    return None


def _choice(request: Request) -> set[str]:
    """Return the fact that lists the cities to choose from, where there is a choice."""
    return {cities_fact(request.destination)} if request.cities > 1 else set()


def _no_house(request: Request) -> frozenset[str] | None:
    fitting = [
        code
        for code in request.options
        if any(
            rule_allowed(request, hotel)
            and type_wanted(request, hotel)
            and stars_enough(request, hotel)
            for hotel in request.place.hotels(code)
        )
    ]
    if len(fitting) >= request.cities:
        return None
    return frozenset(_choice(request) | {venue_fact("hotels", c) for c in request.options})


def _no_kitchen(request: Request) -> frozenset[str] | None:
    cooked = {
        cuisine
        for code in request.options
        for row in request.place.restaurants(code)
        for cuisine in row.cuisines
    }
    if all(cuisine in cooked for cuisine in request.cuisines):
        return None
    return frozenset(_choice(request) | {venue_fact("restaurants", c) for c in request.options})


def _closed_all_along(request: Request) -> frozenset[str] | None:
    row = request.sight()
    if row is None:
        return None
    world = request.place
    for day in range(request.start, request.start + request.days):
        if sight_slot(row, world.weekday(day), day) is not None:
            return None
    return frozenset({venue_fact("attractions", row.city)})


def _allowed(request: Request, a: str, b: str, day: int) -> list[Leg]:
    return [
        leg
        for leg in leg_options(request, a, b, day)
        if mode_allowed(request, leg.mode) and short_enough(request, leg)
    ]


def _ways(request: Request, a: str, b: str, day: int) -> set[str]:
    """Return the facts that show every way from a to b that is not excluded."""
    facts = {drive_fact(request.place, a, b), ride_fact(request.place, "train", a, b, day)}
    if mode_allowed(request, "flight"):
        facts.add(ride_fact(request.place, "flight", a, b, day))
    return facts


def _no_way(request: Request) -> frozenset[str] | None:
    last = request.start + request.days - 1
    for out, day in ((True, request.start), (False, last)):
        pairs = [(request.origin, c) if out else (c, request.origin) for c in request.options]
        if not any(_allowed(request, a, b, day) for a, b in pairs):
            facts = _choice(request)
            for a, b in pairs:
                facts |= _ways(request, a, b, day)
            return frozenset(facts)
    return None


def floor(request: Request) -> tuple[int, frozenset[str]] | None:
    """Return what journeys and nights cost at least, and the facts that show it.

    A lower bound for trips to one city; None where there is no such bound or nothing to compare.
    """
    if request.cities != 1:
        return None
    (code,) = request.options
    last = request.start + request.days - 1
    total, facts = 0, {venue_fact("hotels", code)}
    for a, b, day in ((request.origin, code, request.start), (code, request.origin, last)):
        legs = _allowed(request, a, b, day)
        if not legs:
            return None
        total += min(leg_cost(leg, request.people) for leg in legs)
        facts |= _ways(request, a, b, day)
    nights = [
        night_cost(hotel, request.people)
        for hotel in request.place.hotels(code)
        if rule_allowed(request, hotel)
        and type_wanted(request, hotel)
        and stars_enough(request, hotel)
    ]
    if not nights:
        return None
    return total + (request.days - 1) * min(nights), frozenset(facts)


def _too_dear(request: Request) -> frozenset[str] | None:
    least = floor(request)
    return least[1] if least is not None and least[0] > request.budget else None
