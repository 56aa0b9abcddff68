"""What a plan costs, in integer cents (TravelPlanner's rules, plus entrance fees)."""

from collections.abc import Sequence

from envgym.envs.travel.plan import Leg, Resolved
from envgym.envs.travel.rows import Hotel, Ride


def groups(people: int, size: int) -> int:
    """Return how many rooms or cars of a size hold the party.

    >>> groups(5, 4)
    2
    """
    return -(-people // size)


def leg_cost(leg: Leg, people: int) -> int:
    """Return a journey's price: fares per person; 5 cents or a dollar per km and car."""
    if isinstance(leg.way, Ride):
        return leg.way.price * people
    if leg.mode == "taxi":
        return leg.way.km * 100 * groups(people, 4)
    return leg.way.km * 5 * groups(people, 5)


def night_cost(hotel: Hotel, people: int) -> int:
    """Return the price of one night for the party."""
    return hotel.price * groups(people, hotel.sleeps)


def plan_cost(plan: Sequence[Resolved], people: int) -> int:
    """Return the price of everything in the plan that exists."""
    total = 0
    for day in plan:
        if day.leg is not None:
            total += leg_cost(day.leg, people)
        if day.hotel is not None:
            total += night_cost(day.hotel, people)
        total += people * sum(meal.price for meal in day.meals if meal is not None)
        total += people * sum(sight.fee for sight in day.sights)
    return total
