from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.arena.seating import tables
from envgym.agents.arena.settings import Settings, named
from envgym.types import ConfigError


def test_two_seats_are_both_orders_on_one_seed():
    found = tables(("a", "b"), "abc", seats=2, games=3, seed=1)
    assert [table.seats for table in found] == [("a", "b"), ("b", "a")] * 3
    assert len({table.seed for table in found}) == len({table.cluster for table in found}) == 3
    assert all(0 <= table.seed < 2**63 for table in found)
    assert found == tables(("a", "b"), "cba", seats=2, games=3, seed=1)
    assert found[0].seed != tables(("a", "b"), "abc", seats=2, games=3, seed=2)[0].seed


@given(st.integers(2, 5), st.integers(2, 7), st.integers(0, 2**32))
def test_the_pair_holds_every_pair_of_seats_equally_often(seats, size, seed):
    ids = "abcdefg"[:size]
    found = tables(("a", "b"), ids, seats=seats, games=seats - 1, seed=seed)
    if size >= seats:
        places = Counter((t.seats.index("a"), t.seats.index("b")) for t in found)
        assert set(places.values()) == {1} and len(places) == seats * (seats - 1)
        assert all(len(set(t.seats)) == seats for t in found)
    for table in found:
        assert len(table.seats) == seats and {"a", "b"} <= set(table.seats) <= set(ids)
    assert len({table.key for table in found}) == len(found)
    for seat in range(seats):
        every = Counter(t.seats[seat] for t in found if t.cluster == found[0].cluster)
        first = Counter(t.seats[0] for t in found if t.cluster == found[0].cluster)
        assert every == first


def test_a_pair_alone_fills_a_table_in_turn():
    found = tables(("a", "b"), "ab", seats=3, games=2, seed=0)
    assert {frozenset(Counter(t.seats).items()) for t in found} == {
        frozenset({("a", 2), ("b", 1)}),
        frozenset({("a", 1), ("b", 2)}),
    }
    assert len(tables(("a", "b"), "ab", seats=4, games=1, seed=0)) in (2, 4)


def test_repeated_specs_are_numbered():
    assert list(named(["x", "y", "x", "x"])) == ["x", "y", "x#2", "x#3"]
    # Somebody may have given that very text.
    assert list(named(["x", "x#2", "x"])) == ["x", "x#2", "x#3"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"players": ("a",)}, "two or more players, got a"),
        ({"players": ()}, "two or more players, got none"),
        ({"players": ("a", "")}, "empty text"),
        ({"format": "swis"}, "unknown arena format 'swis'.*Did you mean 'swiss'"),
        ({"format": "anchor"}, "unknown arena format 'anchor'"),
        ({"games": 0}, r"arena\.games must be 1 or more, got 0"),
        ({"seats": 1}, r"arena\.seats must be 2 or more"),
        ({"degree": 1}, r"arena\.degree must be 2 or more"),
        ({"rounds": -1}, r"arena\.rounds must be 0 or more"),
        ({"params": {"x": object()}}, r"arena\.params must be JSON"),
    ],
)
def test_bad_settings_are_one_sentence(more, said):
    with pytest.raises(ConfigError, match=said):
        Settings(**{"game": "kuhn", "players": ("a", "b"), **more})
