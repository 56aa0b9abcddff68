from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.tournament.outcome import Outcome, judged
from envgym.rewards.tournament.shares import mean_ranks, standardised, values_of
from envgym.rewards.tournament.ties import level, pooled, results_of, shared
from envgym.types import Match


def outcomes(*rows):
    return results_of(Outcome(a, b, verdict, (0.0, 0.0)) for a, b, verdict in rows)


def test_a_tie_that_a_seed_decided_is_undone():
    # 0 ties with 1 and goes on to beat 2: 1 stands beside 0, before 2.
    results = outcomes((0, 1, "tie"), (2, 3, "first"), (0, 2, "first"))
    assert pooled([[0], [2], [1], [3]], results) == [[0, 1], [2], [3]]


def test_a_common_opponent_tells_apart():
    results = outcomes((0, 1, "tie"), (0, 2, "first"), (1, 2, "second"))
    assert pooled([[0], [2], [1]], results) == [[0], [2], [1]]


def test_a_decided_match_separates_what_ties_would_join():
    results = outcomes((0, 1, "tie"), (1, 2, "tie"), (0, 2, "first"))
    # 0 beat 2, with whom 1 only tied: that tells 0 and 1 apart, and 1 and 2 likewise.
    assert pooled([[0], [1], [2]], results) == [[0], [1], [2]]


def test_pools_chain_through_members_that_rank_between():
    results = outcomes((0, 1, "tie"), (1, 2, "tie"))
    assert pooled([[0], [2], [3], [1]], results) == [[0, 2, 1], [3]]


def test_where_ties_are_half_a_point_only_parts_without_a_decision_are_joined():
    chained = outcomes((0, 1, "tie"), (1, 2, "first"), (3, 4, "tie"), (4, 5, "tie"))
    order = [[0], [1], [2], [3], [5], [4]]
    assert level(order, chained) == [[0], [1], [2], [3, 5, 4]]
    assert shared(order, chained, halves=False)[0] == [0, 1]


def test_nothing_decided_means_nobody_is_better():
    results = outcomes((0, 1, "tie"), (2, 3, "tie"))
    assert shared([[0], [1], [2, 3]], results, halves=True) == [[0, 1, 2, 3]]
    assert shared([], {}, halves=True) == []


@given(st.lists(st.integers(0, 4), min_size=2, max_size=9), st.data())
def test_exact_values_pool_exactly_the_equal_ones_that_are_linked(values, data):
    n = len(values)
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    kept = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    verdicts = [
        (a, b, "tie" if values[a] == values[b] else "first" if values[a] > values[b] else "second")
        for a, b in kept
    ]
    order = [[i] for i in data.draw(st.permutations(range(n)))]
    found = pooled(order, outcomes(*verdicts))
    assert sorted(i for tier in found for i in tier) == list(range(n))
    for tier in found:
        assert len({values[i] for i in tier}) == 1
    for a, b, verdict in verdicts:
        if verdict == "tie":
            assert any(a in tier and b in tier for tier in found)


def test_margins_are_in_the_comparators_unit():
    assert judged((0, 1), Match(p=1.0, scores=(14.0, 12.0)), 1.5).verdict == "first"
    assert judged((0, 1), Match(p=1.0, scores=(14.0, 12.0)), 2.0).verdict == "tie"
    assert judged((0, 1), Match(p=0.5, scores=(14.0, 12.0)), 0.0).verdict == "tie"
    assert judged((0, 1), Match(p=0.25), 0.4).verdict == "second"
    assert judged((0, 1), Match(p=0.25), 0.5).verdict == "tie"
    assert judged((0, 1), Match(p=None), 0.5) is None


def test_shares_of_ranks():
    assert mean_ranks([[2], [0, 1]]) == {2: 0.0, 0: 1.5, 1: 1.5}
    assert values_of([0.0, 1.5, 1.5]) == [1.0, 0.25, 0.25]
    assert (values_of([0.0]), values_of([])) == ([0.5], [])
    assert (standardised([0.5]), standardised([]), standardised([0.3] * 3)) == ([0], [], [0] * 3)
