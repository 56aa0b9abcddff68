import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import (
    Every,
    OnInvalid,
    Program,
    Source,
    SpreadLast,
    SpreadUniform,
    SpreadWeights,
)
from envgym.types import ConfigError

FINAL, EDITS = Source("final", "episode"), Source("edits", lo=0)


def rows(*edits, final=1.0):
    made = [{"edits": 0, "end": None}, *({"edits": e, "end": None} for e in edits)]
    made[-1].update(final=final, end="task")
    return made


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (SpreadLast(FINAL), (0, 0, 1)),
        (SpreadUniform(FINAL), (1 / 3, 1 / 3, 1 / 3)),
        (SpreadWeights(FINAL, EDITS), (0.25, 0, 0.75)),
    ],
)
def test_shares(node, expected):
    assert node.settle(rows(1, 0, 3))[1] == pytest.approx(expected)


def test_an_explicit_spread_says_who_earned_and_the_last_step_still_pays():
    books = Program("p", SpreadUniform(FINAL)).replay(rows(0, 0))
    assert books.settled == (0.5, 0.5)
    assert [e.paid for e in books.ledger] == [1, 1]


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=6), st.floats(-5, 5))
def test_spreading_is_exact(edits, final):
    for node in (SpreadLast(FINAL), SpreadUniform(FINAL), SpreadWeights(FINAL, EDITS)):
        total, shares = node.settle(rows(*edits, final=final))
        assert total == final
        assert sum(shares) == pytest.approx(final, abs=1e-9)


def test_zero_weights_spread_evenly():
    assert SpreadWeights(FINAL, EDITS).settle(rows(0, 0))[1] == (0.5, 0.5)


def test_weights_that_may_be_negative_are_refused():
    with pytest.raises(ConfigError, match="never negative; 'x' is a step value in"):
        SpreadWeights(FINAL, Source("x"))


def test_weights_that_are_missing_are_invalid_even_where_one_event_would_earn_all():
    assert SpreadWeights(FINAL, EDITS).settle(rows(None)) == (None, ())


def test_every_says_the_value_at_each_event_with_the_notes_below():
    judged = Every(OnInvalid(Source("judge", "episode", 0, 1), "neutral"))
    settled = judged.explain([{}, {}, {"judge": None}])
    assert (settled.value, settled.attribution) == (1.0, (0.5, 0.5))
    assert settled.notes() == ((1, "judge", "neutral"),)
    assert judged.directions() == ("up",)
    with pytest.raises(ConfigError, match="Every.of must be an episode value; 'x' is a step"):
        Every(Source("x"))
