"""Why a trip cannot be planned: minimal sets of constraints, and the facts that show it.

Five rules, each sound: where one applies, no plan satisfies the named constraints. Facts are
the ids of search results (``facts.py``).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
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
    """Constraints that cannot hold together, and one way to show it."""

    names: frozenset[str]
    certain: frozenset[str]
    """Facts that must have been seen to know it."""
    among: frozenset[str] = frozenset()
    """Facts of which ``at_least`` must have been seen too."""
    at_least: int = 0

    @property
    def facts(self) -> frozenset[str]:
        """One smallest set of facts that shows it."""
        return self.certain | frozenset(sorted(self.among)[: self.at_least])

    def shown_by(self, cited: Collection[str]) -> bool:
        """Return whether these facts show it."""
        enough = len(self.among.intersection(cited)) >= self.at_least
        return enough and self.certain.issubset(cited)


@lru_cache(maxsize=512)
def conflicts(request: Request) -> tuple[Conflict, ...]:
    """Return the conflicts that the rules find, minimal in their names; () for none.

    Several with the same names are different ways to show one thing: no journey out, none home.
    """
    found: list[Conflict] = []
    for size in range(1, len(request.constraints) + 1):
        for names in combinations(request.constraints, size):
            if not any(old.names <= set(names) for old in found):
                kept = frozenset(names)
                found += _shown(only(request, names), kept)
    return tuple(found)


def only(request: Request, names: Iterable[str]) -> Request:
    """Return the request with every local constraint lifted but the named ones."""
    kept = set(names)
    lifted: dict[str, tuple[()] | None] = {
        name: () if name == "cuisines" else None for name in LOCAL if name not in kept
    }
    return replace(request, **lifted)  # type: ignore[arg-type]


def _shown(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    """Yield the ways to show that exactly these constraints conflict."""
    rules: tuple[tuple[bool, Callable[[Request, frozenset[str]], Iterator[Conflict]]], ...] = (
        (names <= {*_STAY}, _no_house),
        (names == {"cuisines"}, _no_kitchen),
        (names == {"must_see"}, _closed_all_along),
        (names <= {*_WAY}, _no_way),
        ("budget" in names and names <= {"budget", *_STAY, *_WAY}, _too_dear),
    )
    for applies, rule in rules:
        if applies:
            yield from rule(request, names)


def _choice(request: Request) -> frozenset[str]:
    """Return the fact that lists the cities to choose from, where there is a choice."""
    return frozenset({cities_fact(request.destination)} if request.cities > 1 else ())


def _no_house(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    lacking = [
        code
        for code in request.options
        if not any(
            rule_allowed(request, hotel)
            and type_wanted(request, hotel)
            and stars_enough(request, hotel)
            for hotel in request.place.hotels(code)
        )
    ]
    # Among so many cities any choice would contain one without a house.
    enough = len(request.options) - request.cities + 1
    if len(lacking) >= enough:
        among = frozenset(venue_fact("hotels", code) for code in lacking)
        yield Conflict(names, _choice(request), among, enough)


def _no_kitchen(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    cooked = {
        cuisine
        for code in request.options
        for row in request.place.restaurants(code)
        for cuisine in row.cuisines
    }
    if not cooked.issuperset(request.cuisines):
        seen = {venue_fact("restaurants", code) for code in request.options}
        yield Conflict(names, _choice(request) | seen)


def _closed_all_along(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    row, world = request.sight(), request.place
    days = range(request.start, request.start + request.days)
    if row is not None and all(sight_slot(row, world.weekday(d), d) is None for d in days):
        yield Conflict(names, frozenset({venue_fact("attractions", row.city)}))


def _allowed(request: Request, a: str, b: str, day: int) -> list[Leg]:
    return [
        leg
        for leg in leg_options(request, a, b, day)
        if mode_allowed(request, leg.mode) and short_enough(request, leg)
    ]


def _ways(request: Request, a: str, b: str, day: int) -> set[str]:
    """Return the facts that show every way from a to b that is not excluded."""
    facts = {drive_fact(a, b), ride_fact(request.place, "train", a, b, day)}
    if mode_allowed(request, "flight"):
        facts.add(ride_fact(request.place, "flight", a, b, day))
    return facts


def _no_way(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    last = request.start + request.days - 1
    for out, day in ((True, request.start), (False, last)):
        pairs = [(request.origin, c) if out else (c, request.origin) for c in request.options]
        if not any(_allowed(request, a, b, day) for a, b in pairs):
            facts = set(_choice(request))
            for a, b in pairs:
                facts |= _ways(request, a, b, day)
            yield Conflict(names, frozenset(facts))


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


def _too_dear(request: Request, names: frozenset[str]) -> Iterator[Conflict]:
    least = floor(request)
    if least is not None and least[0] > request.budget:
        yield Conflict(names, least[1])
