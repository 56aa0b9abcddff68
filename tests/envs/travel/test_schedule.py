"""Days that can be lived: the subset programme against all permutations."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.travel.rows import Attraction, Restaurant
from envgym.envs.travel.schedule import earliest_end, meal_slot, sight_slot

slot = st.tuples(st.integers(300, 900), st.integers(600, 1400), st.integers(15, 240))


def brute(slots, start):
    ends = []
    for order in permutations(slots):
        now = start
        for first, last, minutes in order:
            now = max(now, first) + minutes
            if now > last:
                break
        else:
            ends.append(now)
    return min(ends, default=None)


@given(st.lists(slot, max_size=5), st.integers(300, 900))
def test_earliest_end_is_the_best_of_all_orders(slots, start):
    assert earliest_end(tuple(slots), start) == brute(slots, start)


@given(st.lists(slot, min_size=1, max_size=5), st.integers(300, 900))
def test_less_to_do_ends_no_later(slots, start):
    whole, part = earliest_end(tuple(slots), start), earliest_end(tuple(slots[1:]), start)
    if whole is not None:
        assert part is not None
        assert part <= whole


def test_eleven_things_are_too_many():
    assert earliest_end(((0, 1440, 1),) * 11, 0) is None


def test_meal_slot():
    row = Restaurant("R-X-1", "Blue Table", "X", ("Thai",), 900, 660, 900, (6,), 4)
    assert meal_slot(row, "lunch", 0) == (690, 900, 60)
    assert meal_slot(row, "lunch", 6) is None
    assert meal_slot(row, "dinner", 0) is None
    assert meal_slot(row, "breakfast", 0) is None


def test_sight_slot():
    row = Attraction("A-X-1", "Bell Park", "X", "park", 2, 0, 120, 600, 1020, (0,), (10, 12))
    assert sight_slot(row, 1, 9) == (600, 1020, 120)
    assert sight_slot(row, 0, 9) is None
    assert sight_slot(row, 1, 11) is None
    assert sight_slot(row._replace(closes=700), 1, 9) is None
