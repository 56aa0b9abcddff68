"""Streams: golden words, laws, independence."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.types import Stream, derive

part = st.one_of(st.integers(-(2**70), 2**70), st.text(max_size=8), st.binary(max_size=8))


def test_golden_words_survive_library_upgrades():
    stream = Stream(7, "golden", 0)
    assert stream.key == 0x0C6409A7B5F1499094EFA4079FA3973F
    assert [stream.word() for _ in range(3)] == [
        2081966526854946590,
        2228615107387236558,
        6411107962795071225,
    ]


@given(st.lists(part, max_size=4), st.lists(part, max_size=4))
def test_only_equal_paths_share_a_key(one, two):
    same = [(type(p), p) for p in one] == [(type(p), p) for p in two]
    assert (derive(0, *one) == derive(0, *two)) == same


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_pickled_or_copied_stream_continues_where_it_stood(before, after):
    stream = Stream(3, "copy")
    for _ in range(before):
        stream.word()
    twins = pickle.loads(pickle.dumps(stream)), copy.deepcopy(stream)
    expected = [stream.word() for _ in range(after)]
    assert all([twin.word() for _ in range(after)] == expected for twin in twins)


@given(st.integers(1, 2**64), st.integers(0, 2**32))
def test_below_stays_below(n, seed):
    assert 0 <= Stream(seed, "below").below(n) < n


def test_below_is_uniform():
    stream = Stream(1, "uniform")
    counts = [0] * 6
    for _ in range(60_000):
        counts[stream.below(6)] += 1
    # Chi-squared with 5 degrees of freedom: 20.5 is passed once in a thousand seeds.
    assert sum((c - 10_000) ** 2 / 10_000 for c in counts) < 20.5


@given(st.lists(st.integers(), max_size=12), st.data())
def test_shuffle_and_sample_keep_the_items(items, data):
    stream = Stream(5, "shuffle")
    shuffled = list(items)
    stream.shuffle(shuffled)
    assert sorted(shuffled) == sorted(items)
    k = data.draw(st.integers(0, len(items)))
    drawn = stream.sample(range(len(items)), k)
    assert len(set(drawn)) == k and set(drawn) <= set(range(len(items)))


@given(st.integers(0, 10**6))
def test_uniform_is_half_open(seed):
    assert 0.0 <= Stream(seed, "u").uniform() < 1.0


def test_children_do_not_depend_on_what_was_drawn():
    one, two = Stream(2, "parent"), Stream(2, "parent")
    one.word()
    assert one.child("a").word() == two.child("a").word()
    assert one.child("a").word() != one.child("b").word()


def test_weighted_never_draws_weight_zero():
    stream = Stream(4, "weights")
    assert {stream.weighted("abc", (1, 0, 3)) for _ in range(200)} == {"a", "c"}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: s.below(0), "below needs n from 1 to 2\\*\\*64, got 0"),
        (lambda s: s.integers(3, 2), "needs low <= high, got 3 and 2"),
        (lambda s: s.choice([]), "at least one item"),
        (lambda s: s.sample([1], 2), "k from 0 to 1, got 2"),
        (lambda s: s.weighted("a", (0,)), "got 0"),
    ],
)
def test_bad_arguments_are_named(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(Stream(0))
