import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.tournament.orders import match_of

score = st.floats(-20, 20).map(lambda x: round(x, 2))
answers = st.tuples(score, score)


def test_cookbook_a10_both_orders():
    match = match_of((7, 6), (6, 7))
    assert (match.p, match.scores, match.calls, match.agreed) == (1.0, (14.0, 12.0), 2, True)


@given(answers, answers, st.booleans())
def test_antisymmetric(first, second, strict):
    match, other = match_of(first, second, strict), match_of(second, first, strict)
    assert other == match.swapped()
    assert match.p + other.p == 1.0


@given(answers)
def test_a_judge_that_only_looks_at_positions_decides_nothing(answer):
    assert match_of(answer, answer).p == 0.5


@pytest.mark.parametrize(
    ("first", "second", "loose", "strict", "agreed"),
    [
        ((9, 6), (7, 6), 1.0, 0.5, False),  # 15 to 13, but each order names the first shown
        ((6, 6), (5, 7), 1.0, 0.5, False),  # one order undecided
        ((6, 6), (7, 7), 0.5, 0.5, True),
        ((3, 8), (8, 3), 0.0, 0.0, True),
    ],
)
def test_strict_wants_the_same_winner_in_both_orders(first, second, loose, strict, agreed):
    assert match_of(first, second).p == loose
    assert match_of(first, second, strict=True).p == strict
    assert match_of(first, second).agreed is agreed


@pytest.mark.parametrize(
    ("first", "second"),
    [(None, (1, 2)), ((1, 2), None), (None, None), ((float("nan"), 1), (1, 1))],
)
def test_a_missing_answer_is_no_tie(first, second):
    match = match_of(first, second, calls=5, note={"why": "timeout"})
    assert (match.valid, match.p, match.scores, match.agreed) == (False, None, None, None)
    assert (match.calls, match.note) == (5, {"why": "timeout"})


def test_scores_may_be_of_numpy():
    first, second = np.array([7.0, 6.0]), np.array([6.0, 7.0])
    assert match_of(tuple(first), tuple(second)) == match_of((7, 6), (6, 7))
