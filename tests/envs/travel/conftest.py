"""Trips that the tests share."""

from dataclasses import dataclass

import pytest

from envgym.envs.travel.conflicts import conflicts
from envgym.envs.travel.generate import travel_task
from envgym.envs.travel.plan import Day
from envgym.envs.travel.request import Request, from_params
from envgym.envs.travel.solver import Solution, solve
from envgym.envs.travel.world import TravelWorld, travel_world


@dataclass(frozen=True)
class Trip:
    """A task that can be met, with its solution."""

    id: str
    request: Request
    solution: Solution

    @property
    def days(self) -> list[Day]:
        return list(self.solution.days)


def find(wanted, split="train", most=200) -> Trip:
    """Return the first feasible task of a split whose request is wanted."""
    for index in range(most):
        task = travel_task(split, index)
        request = from_params(task.params)
        if not conflicts(request) and wanted(request):
            solution = solve(request)
            assert solution is not None
            return Trip(task.id, request, solution)
    raise AssertionError("no such task among the first")


@pytest.fixture(scope="session")
def trip() -> Trip:
    """Two cities in five days, by flight or train at least once."""

    def rides(request):
        solution = solve(request)
        return any(day.transportation[:2] in ("F-", "T-") for day in solution.days)

    return find(lambda r: r.days == 5 and r.people > 1 and rides(r))


@pytest.fixture(scope="session")
def short_trip() -> Trip:
    """One city in three days."""
    return find(lambda r: r.days == 3 and r.people > 1)


@pytest.fixture(scope="session")
def impossible() -> list[tuple[str, Request]]:
    """Ids and requests of the impossible ones among the first hundred training tasks."""
    found = []
    for index in range(100):
        task = travel_task("train", index)
        if "infeasible" in task.tags:
            found.append((task.id, from_params(task.params)))
    return found


@pytest.fixture(scope="session")
def world() -> TravelWorld:
    return travel_world(7, "western-europe")
