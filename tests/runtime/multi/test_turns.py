from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.multi.turns import turn_view
from envgym.types import Entry

amounts = st.integers(-100, 100).map(lambda quarters: quarters / 4)
events = st.integers(0, 30)
decisions = st.sets(events, min_size=1, max_size=10).map(sorted)


def entry(earned, value, paid=None):
    return Entry("player_0", "outcome", earned, paid, value)


entries = st.lists(st.builds(entry, events, amounts, st.none() | events), max_size=20)


def test_a_worked_hand():
    """Player 0 decides at events 0 and 3; what happens up to the next decision is its own doing.

    0.5 before its second decision (events 1 and 2 are the others' replies), 2.0 at the end.
    """
    ledger = [entry(1, 0.25), entry(2, 0.25), entry(4, 2.0)]
    assert turn_view(ledger, [0, 3]) == (0.5, 2.0)


def test_what_was_earned_before_the_first_decision_belongs_to_it():
    assert turn_view([entry(0, 1.0), entry(2, 2.0)], [1, 2]) == (1.0, 2.0)


def test_unpaid_entries_count():
    assert turn_view([entry(5, 1.5, None)], [0]) == (1.5,)


def test_who_never_acted_has_no_turns():
    assert turn_view([entry(1, 1.0)], []) == ()


@given(ledger=entries, acted=decisions)
def test_nothing_is_lost(ledger, acted):
    view = turn_view(ledger, acted)
    assert len(view) == len(acted)
    assert fsum(view) == pytest.approx(fsum(each.value for each in ledger))


@given(ledger=entries, acted=decisions)
def test_the_order_of_entries_does_not_matter(ledger, acted):
    assert turn_view(reversed(ledger), acted) == turn_view(ledger, acted)


@given(ledger=entries, acted=decisions, shift=st.integers(1, 5))
def test_shifted_events_give_the_same(ledger, acted, shift):
    moved = [each._replace(earned=each.earned + shift) for each in ledger]
    assert turn_view(moved, [event + shift for event in acted]) == turn_view(ledger, acted)
