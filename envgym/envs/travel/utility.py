"""How good a valid plan is, in [0, 1]."""

from collections.abc import Sequence

from envgym.envs.travel.cost import plan_cost
from envgym.envs.travel.plan import Resolved
from envgym.envs.travel.request import Request

STARS, SIGHTS, SLACK = 0.4, 0.4, 0.2
"""Weights of hotel stars, classes of attractions and money left."""
SIGHTS_PER_DAY = 6
"""Sum of classes per day that counts as full: two visits of the best class."""


def utility(request: Request, plan: Sequence[Resolved]) -> float:
    """Return U = 0.4 stars + 0.4 sights + 0.2 slack, each in [0, 1].

    stars: mean over the nights of (stars - 1) / 4; a night without a hotel counts 0.
    sights: sum of the classes (1 to 3) of distinct attractions away from home / (6 x days), at
        most 1.
    slack: share of the budget left, 0 when it is exceeded.
    """
    nights = request.days - 1
    stars = sum(day.hotel.stars - 1 for day in plan[:nights] if day.hotel is not None)
    grades = sum(
        {
            row.id: row.grade for day in plan for row in day.sights if row.city != request.origin
        }.values()
    )
    left = request.budget - plan_cost(plan, request.people)
    return (
        STARS * stars / (4 * nights)
        + SIGHTS * min(1.0, grades / (SIGHTS_PER_DAY * request.days))
        + SLACK * max(0, left) / request.budget
    )
