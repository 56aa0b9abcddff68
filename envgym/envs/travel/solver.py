"""The best plan known for a request: order of cities, journeys, houses, meals and sights.

Orders of cities are ranked by estimates of journeys and houses, each journey and stay valued once;
the best are built whole (``build.py``), the price of money is raised until the budget holds, and
one round of changes improves houses and journeys. The result is judged like an agent's plan. It is
the oracle's plan and gives the best known utility U*; it proves no optimum, so the ratio U / U* is
clipped at 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from envgym.envs.travel.build import (
    Builder,
    hotel_value,
    houses,
    leg_value,
    legs_between,
    travel_days,
)
from envgym.envs.travel.facts import cities_fact, drive_fact, ride_fact, venue_fact
from envgym.envs.travel.plan import Day, Leg
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Hotel, Ride
from envgym.envs.travel.utility import SIGHTS, SIGHTS_PER_DAY, SLACK
from envgym.envs.travel.verdict import Verdict, judge

_PRICES = (1.0, 2.0, 4.0, 8.0, 20.0, 80.0)
"""Multiples of the slack's own price of money that are tried until a plan fits the budget."""
_CITIES_KEPT = 8
"""Cities of an area that are tried in all orders: 336 orders of three."""
_IMPROVED = 3
"""Orders of cities whose best plan is improved."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan that passes everything."""

    days: tuple[Day, ...]
    verdict: Verdict
    facts: tuple[str, ...]
    """Search results that show everything it uses, in the order of looking them up."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A passing plan and how it was built."""

    days: tuple[Day, ...]
    verdict: Verdict
    order: tuple[str, ...]
    driving: bool
    price: float

    @property
    def utility(self) -> float:
        return self.verdict.utility


@lru_cache(maxsize=512)
def solve(request: Request) -> Solution | None:
    """Return the best plan known, or None where none is found."""
    base = SLACK / request.budget
    found: list[_Found] = []
    low, high = 0.0, 1.0
    for multiple in _PRICES:
        found = attempts(request, base * multiple, top=3)
        if not found and multiple == _PRICES[-1]:
            found = attempts(request, base * multiple, top=40)
        if found:
            found += attempts(request, base * multiple, top=10)
            # Between the last price that was too low and the first that held.
            high = multiple
            for _ in range(3 if low else 0):
                middle = (low + high) / 2
                more = attempts(request, base * middle, top=3)
                found += more
                low, high = (low, middle) if more else (middle, high)
            break
        low = multiple
    if not found:
        return None
    found += attempts(request, base * 2 * high, top=6)
    best_of: dict[tuple[tuple[str, ...], bool], _Found] = {}
    for one in sorted(found, key=lambda one: one.utility):
        best_of[one.order, one.driving] = one
    starts = sorted(best_of.values(), key=lambda one: -one.utility)[:_IMPROVED]
    best = max((_improved(request, one) for one in starts), key=lambda one: one.utility)
    return Solution(best.days, best.verdict, needed_facts(request, best.verdict))


def attempts(request: Request, price: float, *, top: int) -> list[_Found]:
    """Return the passing plans of the ``top`` orders of cities at one price of money."""
    found = []
    for _, order, driving in orders(request, price)[:top]:
        one = _built(request, order, price, driving, {})
        if one is not None:
            found.append(one)
    return found


def _built(
    request: Request,
    order: tuple[str, ...],
    price: float,
    driving: bool,
    choices: dict[str | int, Hotel | Leg],
) -> _Found | None:
    days = Builder(request, order, price, driving=driving, choices=choices).plan()
    if days is None:
        return None
    verdict = judge(request, days)
    return _Found(tuple(days), verdict, order, driving, price) if verdict.final_pass else None


def _improved(request: Request, start: _Found) -> _Found:
    """Return the plan after one round of trying every other house and journey in turn."""
    best = start
    chosen: dict[str | int, Hotel | Leg] = {}
    for day in start.verdict.plan:
        if day.leg is not None:
            chosen[day.day] = day.leg
        if day.hotel is not None:
            chosen[day.hotel.city] = day.hotel
    again = _rebuilt(request, start, chosen)
    if again is not None and again.utility > best.utility:
        best = again
    moves = travel_days(request)
    stops = (request.origin, *start.order, request.origin)
    for i, offset in enumerate(moves):
        day_of = request.start + offset
        others: list[tuple[str | int, Hotel | Leg]] = [
            (day_of, leg)
            for leg in legs_between(request, stops[i], stops[i + 1], day_of, start.price)[:6]
            if (leg.mode == "self-driving") == start.driving
        ]
        if i < len(start.order):
            nights = moves[i + 1] - offset
            code = start.order[i]
            others += [(code, hotel) for hotel in _worth(houses(request, code, day_of, nights))]
        for key, choice in others:
            if chosen.get(key) == choice:
                continue
            one = _rebuilt(request, start, {**chosen, key: choice})
            if one is not None and one.utility > best.utility:
                best, chosen = one, {**chosen, key: choice}
    return best


def _worth(hotels: list[Hotel]) -> list[Hotel]:
    """Return the houses that no other one equals or beats in stars, price and beds."""

    def rank(hotel: Hotel) -> tuple[int, int, int]:
        return hotel.stars, -hotel.price, hotel.sleeps

    kept: list[Hotel] = []
    for hotel in sorted(hotels, key=rank, reverse=True):
        mine = rank(hotel)
        if not any(all(x >= y for x, y in zip(rank(k), mine, strict=True)) for k in kept):
            kept.append(hotel)
    return kept


def _rebuilt(
    request: Request, start: _Found, choices: dict[str | int, Hotel | Leg]
) -> _Found | None:
    base = SLACK / request.budget
    for price in dict.fromkeys((base, start.price, 3 * start.price)):
        one = _built(request, start.order, price, start.driving, choices)
        if one is not None:
            return one
    return None


def orders(request: Request, price: float) -> list[tuple[float, tuple[str, ...], bool]]:
    """Return (estimate, order of cities, by own car), best first."""
    moves = travel_days(request)
    days = [request.start + offset for offset in moves]
    scale = SIGHTS / (SIGHTS_PER_DAY * request.days)
    legs: dict[tuple[str, str, int, bool], float | None] = {}
    stays: dict[tuple[str, int], float | None] = {}

    def leg(a: str, b: str, i: int, driving: bool) -> float | None:
        key = (a, b, i, driving)
        if key not in legs:
            values = (
                leg_value(request, way, price)
                for way in legs_between(request, a, b, days[i], price)
                if (way.mode == "self-driving") == driving
            )
            legs[key] = next(values, None)
        return legs[key]

    def stay(code: str, i: int) -> float | None:
        if (code, i) not in stays:
            nights = moves[i + 1] - moves[i]
            fitting = houses(request, code, days[i], nights)
            grades = sorted((row.grade for row in request.place.attractions(code)), reverse=True)
            stays[code, i] = (
                max(hotel_value(request, hotel, nights, price) for hotel in fitting)
                + scale * sum(grades[: 3 * nights])
                if fitting
                else None
            )
        return stays[code, i]

    found = []
    wanted = request.sight()
    for driving in (False, True):
        for order in permutations(_shortlist(request, leg, stay, driving), request.cities):
            if wanted is not None and wanted.city not in order:
                continue
            stops = (request.origin, *order, request.origin)
            total = 0.0
            for i in range(len(stops) - 1):
                way = leg(stops[i], stops[i + 1], i, driving)
                house = stay(order[i], i) if i < len(order) else 0.0
                if way is None or house is None:
                    break
                total += way + house
            else:
                found.append((total, order, driving))
    found.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    return found


def _shortlist(
    request: Request,
    leg: Callable[[str, str, int, bool], float | None],
    stay: Callable[[str, int], float | None],
    driving: bool,
) -> list[str]:
    """Return the cities worth permuting: all, or the best few and the one that must be seen."""
    if len(request.options) <= _CITIES_KEPT:
        return list(request.options)
    wanted = request.sight()
    ranked = []
    for code in request.options:
        house = stay(code, 0)
        if house is None:
            continue
        ways = (
            leg(request.origin, code, 0, driving),
            leg(code, request.origin, request.cities, driving),
        )
        joined = max((way for way in ways if way is not None), default=-1.0)
        first = wanted is not None and wanted.city == code
        ranked.append((not first, -(house + joined), code))
    return [code for _, _, code in sorted(ranked)[:_CITIES_KEPT]]


def needed_facts(request: Request, verdict: Verdict) -> tuple[str, ...]:
    """Return the search results that show all that a plan uses, in the order of its days."""
    world = request.place
    facts: dict[str, None] = {}
    if request.cities > 1:
        facts[cities_fact(request.destination)] = None
    for day in verdict.plan:
        leg = day.leg
        if leg is not None:
            if isinstance(leg.way, Ride):
                facts[ride_fact(world, leg.mode, leg.origin, leg.dest, day.day)] = None
            else:
                facts[drive_fact(leg.origin, leg.dest)] = None
        for row in day.venues():
            table = {"H": "hotels", "R": "restaurants", "A": "attractions"}[row.id[0]]
            facts[venue_fact(table, row.city)] = None
    return tuple(facts)
