"""The best plan known for a request: order of cities, journeys, houses, meals and sights.

Orders of cities are ranked by dynamic estimates of journeys and houses, the best are built
whole (``build.py``), and the price of money is raised until the budget holds. The result is
judged like an agent's plan. It is the oracle's plan and gives the best known utility U*; not a
proof of optimality, so the ratio U / U* is clipped at 1.
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
from envgym.envs.travel.plan import Day
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.utility import SIGHTS, SIGHTS_PER_DAY, SLACK
from envgym.envs.travel.verdict import Verdict, judge

_PRICES = (1.0, 2.0, 4.0, 8.0, 20.0, 80.0)
"""Multiples of the slack's own price of money that are tried until a plan fits the budget."""
_CITIES_KEPT = 8
"""Cities of an area that are tried in all orders: 336 orders of three."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan that passes everything."""

    days: tuple[Day, ...]
    verdict: Verdict
    facts: tuple[str, ...]
    """Search results that show everything it uses, in the order of looking them up."""


@lru_cache(maxsize=512)
def solve(request: Request) -> Solution | None:
    """Return the best plan known, or None where none is found."""
    base = SLACK / request.budget
    best: tuple[float, list[Day], Verdict] | None = None
    dear = 0.0
    for multiple in _PRICES:
        best = _better(best, attempt(request, base * multiple, top=4))
        if best is not None:
            cheap = multiple
            # Between the last price that was too low and the first that held.
            for _ in range(2 if dear else 0):
                middle = (dear + cheap) / 2
                found = attempt(request, base * middle, top=2)
                best = _better(best, found)
                dear, cheap = (dear, middle) if found is not None else (middle, cheap)
            break
        dear = multiple
    if best is None:
        return None
    _, days, verdict = best
    return Solution(tuple(days), verdict, needed_facts(request, verdict))


Found = tuple[float, list[Day], Verdict] | None


def _better(one: Found, two: Found) -> Found:
    if one is None or two is None:
        return one or two
    return two if two[0] > one[0] else one


def attempt(
    request: Request, price: float, *, top: int, banned: frozenset[str] = frozenset()
) -> Found:
    """Return the best passing plan among the ``top`` orders of cities at one price of money."""
    best: Found = None
    for _, order, driving in orders(request, price)[:top]:
        days = Builder(request, order, price, banned=banned, driving=driving).plan()
        if days is None:
            continue
        verdict = judge(request, days)
        if verdict.final_pass:
            best = _better(best, (verdict.utility, days, verdict))
    return best


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
                facts[drive_fact(world, leg.origin, leg.dest)] = None
        for row in day.venues():
            table = {"H": "hotels", "R": "restaurants", "A": "attractions"}[row.id[0]]
            facts[venue_fact(table, row.city)] = None
    return tuple(facts)
