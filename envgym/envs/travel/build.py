"""Construct one plan for a given order of cities: legs, houses, meals, then sights.

Everything is chosen by value minus ``price`` times cost, where ``price`` is utility per cent:
raising it makes the plan cheaper. Deterministic.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envgym.envs.travel.cost import groups, leg_cost, night_cost
from envgym.envs.travel.hard import (
    mode_allowed,
    rule_allowed,
    short_enough,
    stars_enough,
    type_wanted,
)
from envgym.envs.travel.legs import leg_options
from envgym.envs.travel.plan import MEALS, NOTHING, Day, Leg, Resolved
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Attraction, Hotel, Restaurant, Ride
from envgym.envs.travel.schedule import (
    BUFFERS,
    Slot,
    fits,
    meal_slot,
    sight_slot,
)
from envgym.envs.travel.utility import SIGHTS, SIGHTS_PER_DAY, STARS

_VISIT_FROM, _VISIT_TO = 540, 1200
"""Hours in which most attractions are open."""
_MINUTES_PER_CLASS = 65
"""Typical time per class of attraction, to value hours saved by a fast journey."""


@dataclass(slots=True)
class Draft:
    """One day under construction."""

    day: int
    cities: tuple[str, ...]
    leg: Leg | None
    hotel: Hotel | None
    meals: dict[str, Restaurant] = field(default_factory=dict)
    sights: list[Attraction] = field(default_factory=list)
    items: list[tuple[str, Slot]] = field(default_factory=list)
    """Slots of meals and sights."""

    def frame(self) -> Resolved:
        """Return the day as the scheduler sees it."""
        return Resolved(self.day, self.cities, self.leg, (None, None, None), (), None, ())

    def written(self, request: Request) -> Day:
        """Return the day as an agent writes it."""
        names = [request.place.city[code].name for code in self.cities]
        leg = self.leg
        way = NOTHING
        if leg is not None:
            way = leg.way.id if isinstance(leg.way, Ride) else leg.mode
        meals = {meal: self.meals[meal].id if meal in self.meals else NOTHING for meal in MEALS}
        return Day(
            current_city=names[0] if len(names) == 1 else f"from {names[0]} to {names[1]}",
            transportation=way,
            **meals,
            attractions="; ".join(row.id for row in self.sights) or NOTHING,
            accommodation=self.hotel.id if self.hotel is not None else NOTHING,
        )


def travel_days(request: Request) -> tuple[int, ...]:
    """Return the days of the trip (from 0) on which it moves: nights are shared out evenly."""
    nights, k = request.days - 1, request.cities
    found, now = [0], 0
    for i in range(k):
        now += nights // k + (i < nights % k)
        found.append(now)
    return tuple(found)


def leg_value(request: Request, leg: Leg, price: float) -> float:
    """Return the worth of a journey: hours left for sights away from home, minus its cost."""
    if isinstance(leg.way, Ride):
        before, after = BUFFERS[leg.mode]
        hours = 0
        if leg.origin != request.origin:
            hours += max(0, min(_VISIT_TO, leg.way.departs - before) - _VISIT_FROM)
        if leg.dest != request.origin:
            hours += max(0, _VISIT_TO - max(_VISIT_FROM, leg.way.arrives + after))
    else:
        hours = max(0, _VISIT_TO - max(_VISIT_FROM, 360 + leg.way.minutes))
    per_minute = SIGHTS / (SIGHTS_PER_DAY * request.days * _MINUTES_PER_CLASS)
    return per_minute * hours - price * leg_cost(leg, request.people)


def legs_between(request: Request, a: str, b: str, day: int, price: float) -> list[Leg]:
    """Return the journeys that the request allows, best first."""
    legs = [
        leg
        for leg in leg_options(request, a, b, day)
        if mode_allowed(request, leg.mode) and short_enough(request, leg)
    ]
    legs.sort(key=lambda leg: -leg_value(request, leg, price))
    return legs


def hotel_value(request: Request, hotel: Hotel, nights: int, price: float) -> float:
    """Return the worth of staying in a house for some nights, minus its cost."""
    stars = STARS * (hotel.stars - 1) * nights / (4 * (request.days - 1))
    return stars - price * night_cost(hotel, request.people) * nights


def houses(request: Request, code: str, first: int, nights: int) -> list[Hotel]:
    """Return the houses of a city that fit the request and have rooms from day ``first`` on."""
    return [
        hotel
        for hotel in request.place.hotels(code)
        if hotel.min_nights <= nights
        and groups(request.people, hotel.sleeps) <= hotel.rooms
        and not any(first <= day < first + nights for day in hotel.full)
        and rule_allowed(request, hotel)
        and type_wanted(request, hotel)
        and stars_enough(request, hotel)
    ]


class Builder:
    """Builds the plan of one order of cities at one price of money.

    Args:
        order: codes of the cities to stay in.
        price: utility per cent.
        banned: hotels not to use.
        choices: what to use for a city (its hotel) or for a day of the world (its journey),
            instead of the best by itself.
        driving: go everywhere by one's own car; else never.
    """

    def __init__(
        self,
        request: Request,
        order: tuple[str, ...],
        price: float,
        *,
        banned: frozenset[str] = frozenset(),
        driving: bool = False,
        choices: Mapping[str | int, Hotel | Leg] | None = None,
    ) -> None:
        self.request, self.order, self.price = request, order, price
        self.banned, self.driving = banned, driving
        self.choices = choices or {}
        self.world = request.place
        self.used: set[str] = set()
        self.days: list[Draft] = []

    def plan(self) -> list[Day] | None:
        """Return the plan, or None where a piece cannot be had."""
        built = self._frames() and self._meals() and self._cuisines() and self._sights()
        return [day.written(self.request) for day in self.days] if built else None

    def _frames(self) -> bool:
        request = self.request
        moves = travel_days(request)
        stops = (request.origin, *self.order, request.origin)
        for i, code in enumerate(stops[1:-1]):
            nights = moves[i + 1] - moves[i]
            fitting = [
                hotel
                for hotel in houses(request, code, request.start + moves[i], nights)
                if hotel.id not in self.banned and self.choices.get(code, hotel) == hotel
            ]
            if not fitting:
                return False
            hotel = max(fitting, key=lambda h: hotel_value(request, h, nights, self.price))
            for offset in range(moves[i], moves[i + 1]):
                moving = offset == moves[i]
                cities = (stops[i], code) if moving else (code,)
                self.days.append(Draft(request.start + offset, cities, None, hotel))
        self.days.append(Draft(request.start + moves[-1], stops[-2:], None, None))
        return all(self._travel(self.days[offset]) for offset in moves)

    def _travel(self, draft: Draft) -> bool:
        """Give a day its journey and its cheapest meal."""
        a, b = draft.cities
        for leg in legs_between(self.request, a, b, draft.day, self.price):
            if (leg.mode == "self-driving") != self.driving:
                continue
            if self.choices.get(draft.day, leg) != leg:
                continue
            draft.leg = leg
            choices = [
                (row.price, row.id, meal, row, slot)
                for meal in MEALS
                for row, slot in self._tables(draft, meal)
            ]
            if choices:
                _, _, meal, row, slot = min(choices, key=lambda c: c[:2])
                self._eat(draft, meal, row, slot)
                return True
        return False

    def _tables(self, draft: Draft, meal: str) -> Iterator[tuple[Restaurant, Slot]]:
        """Yield the free restaurants, and when, that a meal of a day can be had at."""
        frame = draft.frame()
        weekday = self.world.weekday(draft.day)
        for code in draft.cities:
            possible: dict[Slot, bool] = {}
            for row in self.world.restaurants(code):
                if row.id in self.used or row.seats < self.request.people:
                    continue
                slot = meal_slot(row, meal, weekday)
                if slot is None:
                    continue
                if slot not in possible:
                    possible[slot] = fits(self.request, frame, [*draft.items, (code, slot)])
                if possible[slot]:
                    yield row, slot

    def _eat(self, draft: Draft, meal: str, row: Restaurant, slot: Slot) -> None:
        draft.meals[meal] = row
        draft.items.append((row.city, slot))
        self.used.add(row.id)

    def _leave(self, draft: Draft, meal: str) -> None:
        row = draft.meals.pop(meal)
        slot = meal_slot(row, meal, self.world.weekday(draft.day))
        if slot is not None:
            draft.items.remove((row.city, slot))
        self.used.discard(row.id)

    def _meals(self) -> bool:
        """Give every day without a journey its three cheapest meals."""
        for draft in self.days:
            if draft.leg is not None:
                continue
            for meal in MEALS:
                choice = min(self._tables(draft, meal), key=_cheapest, default=None)
                if choice is None:
                    return False
                self._eat(draft, meal, *choice)
        return True

    def _cuisines(self) -> bool:
        """Change or add meals until every cuisine asked for is eaten away from home."""
        locked: set[tuple[int, str]] = set()
        for cuisine in self.request.cuisines:
            holder = next(
                (
                    (draft.day, meal)
                    for draft in self.days
                    for meal, row in draft.meals.items()
                    if cuisine in row.cuisines and row.city != self.request.origin
                ),
                None,
            )
            if holder is None:
                holder = self._serve(cuisine, locked)
            if holder is None:
                return False
            locked.add(holder)
        return True

    def _serve(self, cuisine: str, locked: set[tuple[int, str]]) -> tuple[int, str] | None:
        best: tuple[int, str, Draft, str, Restaurant, Slot] | None = None
        for draft in self.days:
            for meal in MEALS:
                if (draft.day, meal) in locked:
                    continue
                old = draft.meals.get(meal)
                if old is not None:
                    self._leave(draft, meal)
                for row, slot in self._tables(draft, meal):
                    if cuisine not in row.cuisines or row.city == self.request.origin:
                        continue
                    extra = row.price - (old.price if old is not None else 0)
                    if best is None or (extra, row.id) < best[:2]:
                        best = (extra, row.id, draft, meal, row, slot)
                if old is not None:
                    slot_of = meal_slot(old, meal, self.world.weekday(draft.day))
                    if slot_of is not None:
                        self._eat(draft, meal, old, slot_of)
        if best is None:
            return None
        _, _, draft, meal, row, slot = best
        if meal in draft.meals:
            self._leave(draft, meal)
        self._eat(draft, meal, row, slot)
        return draft.day, meal

    def _sights(self) -> bool:
        """Fill the days with attractions, the one that must be seen first."""
        wanted = self.request.sight()
        if wanted is not None and not self._visit(wanted):
            return False
        scale = SIGHTS / (SIGHTS_PER_DAY * self.request.days)
        for code in self.order:
            worth = []
            for row in self.world.attractions(code):
                gain = scale * row.grade - self.price * row.fee * self.request.people
                worth.append((-gain / row.minutes, row.id, gain, row))
            worth.sort(key=lambda entry: entry[:2])
            for _, _, gain, row in worth:
                if gain > 0:
                    self._visit(row)
            if not self._every_day_sees(code):
                return False
        return True

    def _every_day_sees(self, code: str) -> bool:
        for draft in self.days:
            if draft.cities != (code,) or draft.sights:
                continue
            cheap = sorted(self.world.attractions(code), key=lambda row: (row.fee, row.id))
            if not any(self._visit(row, draft) for row in cheap):
                return False
        return True

    def _visit(self, row: Attraction, only: Draft | None = None) -> bool:
        """Put an attraction on the first day that has the time; days without a journey first."""
        if row.id in self.used:
            return False
        days = [only] if only is not None else sorted(self.days, key=lambda d: len(d.sights))
        days.sort(key=lambda d: d.leg is not None)
        for draft in days:
            if row.city not in draft.cities:
                continue
            slot = sight_slot(row, self.world.weekday(draft.day), draft.day)
            if slot is None:
                continue
            items = [*draft.items, (row.city, slot)]
            if fits(self.request, draft.frame(), items):
                draft.sights.append(row)
                draft.items = items
                self.used.add(row.id)
                return True
        return False


def _cheapest(choice: tuple[Restaurant, Slot]) -> tuple[int, str]:
    return choice[0].price, choice[0].id
