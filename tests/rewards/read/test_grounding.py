import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.read.grounding import Grounding, long_rlvr
from envgym.rewards.source import Source
from envgym.types import ConfigError

RIGHT = Source("right", "episode", 0, 1)
TAGS = Source("tags", "episode", 0, 1)
F2 = Grounding("cited", "gold", scope="episode")
unit = st.floats(0, 1)
ids = st.lists(st.integers(0, 6), max_size=6).map(tuple)


def reward(right, cited=(4, 7, 9), gold=(4, 7), tags=1.0):
    last = {"right": right, "cited": cited, "gold": gold, "tags": tags}
    return long_rlvr(RIGHT, F2, TAGS).settle([{}, last])[0]


def test_cookbook_a6():
    last = {"cited": (4, 7, 9), "gold": (4, 7)}
    assert F2.read(last) == pytest.approx(0.9091, abs=1e-4)
    assert reward(1.0) == pytest.approx(1.909, abs=1e-3)
    assert reward(0.0) == pytest.approx(0.0909, abs=1e-4)
    assert reward(1.0, tags=0.0) == 0


@given(unit, ids, ids)
def test_range_and_the_cap_of_a_wrong_answer(right, cited, gold):
    value = reward(right, cited, gold)
    assert 0 <= value <= 2
    assert 0 <= reward(0.0, cited, gold) <= 0.1 + 1e-12


@given(unit, unit, unit)
def test_increasing_in_the_answer_and_in_the_grounding(right, low, high):
    low, high = sorted((low, high))
    whole = long_rlvr(RIGHT, Source("f", "episode", 0, 1))
    assert set(whole.directions()) == {"up"}
    pays = [whole.settle([{}, {"right": right, "f": f}])[0] for f in (low, high)]
    assert pays[0] <= pays[1] + 1e-12


@given(ids, ids)
def test_duplicates_only_hurt(cited, gold):
    if cited:
        again = (*cited, cited[0])
        before, after = (F2.read({"cited": c, "gold": gold}) for c in (cited, again))
        assert after <= before


def test_edges_and_bad_arguments():
    assert F2.read({"cited": (), "gold": ()}) == 1
    assert F2.read({"cited": (1,), "gold": ()}) == F2.read({"cited": (), "gold": (1,)}) == 0
    assert F2.read({"cited": None, "gold": ()}) is F2.read({"cited": (), "gold": None}) is None
    assert F2.read({"cited": [["d", 1]], "gold": (("d", 1),)}) == 1
    assert F2.formula == "F2(cited, gold)"
    with pytest.raises(ConfigError, match="beta must be above 0"):
        Grounding("c", "g", beta=0)
    with pytest.raises(ConfigError, match=r"long_rlvr.eta must be in \[0, 1\], got 2"):
        long_rlvr(RIGHT, F2, eta=2)
    with pytest.raises(ConfigError, match=r"long_rlvr.answer must lie in \[0, 1\]"):
        long_rlvr(Source("right", "episode"), F2)
