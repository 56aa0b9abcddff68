"""What things cost, by hand."""

import pytest

from envgym.envs.travel.cost import groups, leg_cost, night_cost
from envgym.envs.travel.plan import Leg
from envgym.envs.travel.rows import Drive, Hotel, Ride

ROAD = Drive("AAA", "BBB", 200, 165)
RIDE = Ride("F-AAA-BBB-1-0601", "flight", "AAA", "BBB", 0, 600, 660, 60, 12_345, 9)


@pytest.mark.parametrize(
    ("leg", "people", "cents"),
    [
        (Leg("flight", "AAA", "BBB", RIDE), 3, 37_035),
        (Leg("self-driving", "AAA", "BBB", ROAD), 1, 1_000),
        (Leg("self-driving", "AAA", "BBB", ROAD), 5, 1_000),
        (Leg("self-driving", "AAA", "BBB", ROAD), 6, 2_000),
        (Leg("taxi", "AAA", "BBB", ROAD), 4, 20_000),
        (Leg("taxi", "AAA", "BBB", ROAD), 5, 40_000),
    ],
)
def test_legs(leg, people, cents):
    assert leg_cost(leg, people) == cents


def test_rooms_are_per_group():
    hotel = Hotel("H-AAA-1", "Inn", "AAA", 3, "private room", 2, 5_000, 1, (), 5, ())
    assert [night_cost(hotel, n) for n in (1, 2, 3, 5)] == [5_000, 5_000, 10_000, 15_000]
    assert groups(8, 3) == 3
