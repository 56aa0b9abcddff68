"""Listeners, shuffled options, user feedback and counts of visits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.fold.count_bonus import count_bonus
from envgym.rewards.read.agreement import Agreement, option_shuffle
from envgym.rewards.read.implicit_feedback import propensity_weighted
from envgym.rewards.read.lookup import Lookup, VisitCounts
from envgym.rewards.source import Source
from envgym.types import ConfigError, EvidenceError

names = st.sampled_from(["Paris", "rome", "the Oslo", "", None])
HEARD = Agreement("heard", "answer")


def test_cookbook_a15():
    heard = ("Paris", "paris.", "Rome", None)
    assert HEARD.read({"heard": heard, "answer": "Paris"}) == pytest.approx(2 / 3)
    assert HEARD.read({"heard": (None, None), "answer": "Paris"}) is None
    assert HEARD.read({"heard": heard, "answer": None}) is None
    assert HEARD.read({"heard": None, "answer": "x"}) is None
    assert HEARD.read({"heard": ("", "x"), "answer": "!"}) == 0
    with pytest.raises(EvidenceError, match="'heard' must hold texts"):
        HEARD.read({"heard": (3,), "answer": "x"})


@given(st.lists(names, max_size=5), names.filter(bool), st.randoms(use_true_random=False))
def test_listeners_may_be_permuted(heard, answer, random):
    mixed = random.sample(heard, len(heard))
    value = HEARD.read({"heard": tuple(heard), "answer": answer})
    assert HEARD.read({"heard": tuple(mixed), "answer": answer}) == value
    assert value is None or 0 <= value <= 1


A, B, SAME = (Source(key, "episode", 0, 1) for key in ("a", "b", "same"))


def shuffled(a, b, same, **options):
    return option_shuffle(A, B, SAME, **options).settle([{}, {"a": a, "b": b, "same": same}])[0]


def test_cookbook_a16():
    assert shuffled(1, 1, 1) == 1
    assert shuffled(1, 0, 0) == shuffled(0, 1, 0) == 0.5
    assert shuffled(1, 1, 0) == 0.5
    assert shuffled(0, 0, 1) == shuffled(0, 0, 0) == 0


@given(st.booleans(), st.booleans(), st.booleans(), st.floats(0, 1))
def test_option_shuffle_is_symmetric_bounded_and_monotone(a, b, same, partial):
    found = shuffled(a, b, same, partial=partial)
    assert 0 <= found <= 1
    assert found == shuffled(b, a, same, partial=partial)
    assert shuffled(1, b, same, partial=partial) >= shuffled(0, b, same, partial=partial)
    assert shuffled(a, b, same, partial=0) == (a and b and same)
    assert set(option_shuffle(A, B, SAME).directions()) == {"up"}


LOVE, P = Source("love", lo=0, hi=1), Source("p", lo=0, hi=1)


def weighted(love, p, **options):
    record = {"love": love, "p": p}
    return propensity_weighted(LOVE, P, **options).settle([record, record])[0]


def test_cookbook_a18():
    assert weighted(0.5, 0.25) == 2
    assert weighted(0.5, 0.01) == pytest.approx(10)  # 1 / max(p, 0.05)
    assert weighted(0.5, 0.0) == pytest.approx(10)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_weight_is_bounded_and_falls_with_the_propensity(love, p, q):
    p, q = sorted((p, q))
    assert weighted(love, p) >= weighted(love, q) >= love
    assert weighted(love, p) <= 20 * love + 1e-9
    assert weighted(love, 1.0) == love


def test_reactions_weighted_by_their_propensity_are_unbiased():
    # 40 of 100 users love it; those who do react with 0.8, the others never do.
    reactions = [(1.0, 0.8)] * 32 + [(0.0, 0.8)] * 68
    assert sum(weighted(x, p) for x, p in reactions) / 100 == pytest.approx(0.4)


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_visit_counts_are_values(first, second):
    start = VisitCounts()
    later = start.updated(first).updated(second)
    assert start == VisitCounts()
    assert later == start.updated(second + first)
    for name in "abcd":
        expected = (first + second).count(name) + 1
        assert later.node("at").read({"at": name}) == expected


def test_cookbook_a19():
    counts = VisitCounts().updated(["hall"] * 3)
    node = count_bonus(Source("new", lo=0, hi=1), counts.node("at"), beta=0.5, least=0.2)
    seen = [{"new": 1, "at": "hall"}, {"new": 1, "at": "hall"}, {"new": 1, "at": "attic"}]
    assert node.settle([*seen, {"new": 0.1, "at": "attic"}])[1] == (0.5, 1, 0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: option_shuffle(A, B, SAME, partial=2), "partial must be in"),
        (lambda: option_shuffle(A, Source("b", "episode"), SAME), "second must lie in"),
        (lambda: propensity_weighted(LOVE, P, 0), r"floor must be in \(0, 1\]"),
        (lambda: propensity_weighted(LOVE, Source("p")), "propensity must lie in"),
        (lambda: Lookup("x", (("a", 1.0), ("a", 2.0))), "must name everything once"),
        (lambda: VisitCounts((("b", 1), ("a", 1))), "sorted by name"),
        (lambda: VisitCounts((("b", 0),)), "counts of 1 or more"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_lookup():
    node = Lookup("x", (("a", 3.0), ("b", -1.0)), otherwise=0.5)
    assert [node.read({"x": name}) for name in ("a", "b", "c", None)] == [3, -1, 0.5, None]
    assert (node.bounds.lo, node.bounds.hi) == (-1, 3)
    assert node.phase == "online"
