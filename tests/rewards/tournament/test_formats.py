from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.tournament.elimination import bracket, mirrored
from envgym.rewards.tournament.engine import Rules, run_tournament
from envgym.rewards.tournament.exact import by_value
from envgym.rewards.tournament.pairing import pair_up
from envgym.rewards.tournament.round_robin import circle
from envgym.rewards.tournament.sparse_bt import regular
from envgym.types import Match, Stream

seeds = st.integers(0, 2**32)


def field(n):
    return {f"r{i:02d}": -float(i) for i in range(n)}


def play(n, kind, seed=0, **rules):
    quality = field(n)
    return run_tournament(list(quality), by_value(quality), Rules(format=kind, **rules), seed=seed)


def test_the_bracket_is_mirrored_again_and_again():
    assert [mirrored(n) for n in (1, 2, 4)] == [[0], [0, 1], [0, 3, 1, 2]]
    assert mirrored(8) == [0, 7, 3, 4, 1, 6, 2, 5]


def test_empty_places_stay_so_that_the_best_seeds_get_byes():
    assert bracket(range(5)) == [0, None, 3, 4, 1, None, 2, None]
    ranking = play(5, "seeded")
    # r00 is the anchor and the best; seeds are the ids in order.
    assert ranking.byes == ((1, "r00"), (1, "r01"), (1, "r02"))
    assert [(m.first, m.second) for m in ranking.matches if m.round == 1] == [("r03", "r04")]


@pytest.mark.parametrize("n", range(2, 33))
def test_byes_of_a_bracket_fill_it_to_a_power_of_two(n):
    full = 1 << (n - 1).bit_length()
    for kind in ("single", "seeded"):
        assert len(play(n, kind).byes) == full - n
        assert len({number for number, _ in play(n, kind).byes}) <= 1


@given(st.integers(2, 24), seeds)
def test_swiss_has_no_rematch_and_gives_byes_in_turn(n, seed):
    ranking = play(n, "swiss", seed)
    pairs = Counter(frozenset((m.first, m.second)) for m in ranking.matches)
    assert max(pairs.values()) == 1
    byes = Counter(id for _, id in ranking.byes)
    rounds = (n - 1).bit_length()
    assert sum(byes.values()) == (rounds if n % 2 else 0)
    assert not byes or max(byes.values()) == 1
    played = Counter(id for m in ranking.matches for id in (m.first, m.second))
    assert all(played[id] + byes[id] == rounds for id in field(n))


@given(st.integers(2, 12), seeds)
def test_swiss_up_to_everyone_never_crashes(n, seed):
    for rounds in range(1, n + 2):
        ranking = play(n, "swiss", seed, rounds=rounds)
        assert ranking.comparisons == min(rounds, n - 1 + n % 2) * (n // 2)


def test_swiss_buchholz_and_points():
    ranking = play(4, "swiss", seed=3)
    points = Counter()
    for match in ranking.matches:
        points[match.first if match.result == "first" else match.second] += 1
    assert ranking.order[0] == "r00" and points["r00"] == 2
    assert ranking.order[-1] == "r03" and points["r03"] == 0
    assert ranking.ranks["r01"] < 3 > ranking.ranks["r02"]


def test_a_bye_is_one_point():
    ranking = play(3, "swiss", seed=0)
    rested = [id for _, id in ranking.byes]
    points = Counter(rested)
    for match in ranking.matches:
        points[match.first if match.result == "first" else match.second] += 1
    assert sum(points.values()) == 4
    assert ranking.order[0] == "r00"


@given(st.integers(2, 40), seeds)
def test_double_elimination_gives_byes_in_turn_and_ends_who_lost_twice(n, seed):
    ranking = play(n, "double", seed)
    lost = Counter(m.second if m.result == "first" else m.first for m in ranking.matches)
    assert lost["r00"] == 0
    assert all(lost[id] == 2 for id in field(n) if id != "r00")
    if n > 2:
        assert ranking.order[1] == "r01"  # only the best can beat it, so it comes back


def test_double_elimination_plays_both_brackets_in_one_batch():
    ranking = play(8, "double")
    rounds = Counter(m.round for m in ranking.matches)
    assert rounds == {0: 4, 1: 2 + 2, 2: 1 + 2, 3: 1, 4: 1, 5: 1}


@given(st.integers(2, 40).map(lambda n: list(range(n))))
def test_circle_pairs_everyone_once_and_every_beginning_is_balanced(players):
    pairs = circle(players)
    n = len(players)
    assert len({frozenset(p) for p in pairs}) == len(pairs) == n * (n - 1) // 2
    each = n // 2
    for k in range(0, len(pairs), each):
        met = [i for pair in pairs[k : k + each] for i in pair]
        assert len(set(met)) == len(met)


@given(st.integers(2, 30), st.integers(2, 9), st.sampled_from(["random", "ring"]), seeds)
def test_sparse_graphs_are_regular_and_connected(n, degree, graph, seed):
    edges = regular(list(range(n)), degree, graph, Stream(seed, "test"))
    assert len({frozenset(e) for e in edges}) == len(edges)
    assert all(a != b for a, b in edges)
    assert len(edges) == (n * degree // 2 if degree < n - 1 else n * (n - 1) // 2)
    count = Counter(i for e in edges for i in e)
    wanted = min(degree, n - 1)
    assert sorted(count.values())[1:] == [wanted] * (n - 1)
    reached, waiting = {0}, [0]
    while waiting:
        i = waiting.pop()
        for e in edges:
            if i in e:
                for j in set(e) - reached:
                    reached.add(j)
                    waiting.append(j)
    assert len(reached) == n


def test_random_graphs_differ_and_the_ring_is_a_ring():
    one = regular(list(range(12)), 4, "random", Stream(1, "test"))
    other = regular(list(range(12)), 4, "random", Stream(2, "test"))
    assert set(map(frozenset, one)) != set(map(frozenset, other))
    ring = regular(list(range(12)), 4, "ring", Stream(1, "test"))
    assert {(b - a) % 12 for a, b in ring} == {1, 2}


def test_pairing_avoids_rematches_where_it_can_and_only_there():
    met = {frozenset((0, 1)), frozenset((2, 3))}
    assert pair_up([0, 1, 2, 3], met) == [(0, 2), (1, 3)]
    every = {frozenset((a, b)) for a in range(4) for b in range(a)}
    assert pair_up([0, 1, 2, 3], every) == [(0, 1), (2, 3)]
    assert pair_up([], set()) == []


@given(st.integers(1, 40), seeds)
def test_a_pairing_without_rematch_is_found_for_half_the_rounds(half, seed):
    n, met = 2 * half, set()
    for number in range(half):
        order = list(range(n))
        Stream(seed, "order", number).shuffle(order)
        pairs = set(map(frozenset, pair_up(order, met)))
        assert not pairs & met
        met |= pairs


def test_anchor_gets_its_mean_score_and_ranks_by_own_score():
    scores = {("a", "b"): (4, 6), ("a", "c"): (9, 3), ("a", "d"): (5, 5.5)}

    def compare(pairs):
        return [
            Match(p=float(scores[p][0] > scores[p][1]), scores=tuple(map(float, scores[p])))
            for p in pairs
        ]

    ranking = run_tournament(list("abcd"), compare, Rules(format="anchor"))
    # a: mean of 4, 9 and 5 is 6, as much as b's score: equal keys share.
    assert ranking.ranks == {"a": 0.5, "b": 0.5, "c": 3.0, "d": 2.0}
    assert ranking.anchor == "a"


def test_the_anchor_is_an_argument_and_else_the_lowest_id():
    assert play(4, "seeded").anchor == "r00"
    assert play(4, "seeded", anchor="r02").anchor == "r02"
    assert play(4, "seeded", anchor="gone").anchor == "r00"
    assert play(4, "swiss", anchor="r02").anchor is None
    assert {m.second for m in play(4, "anchor", anchor="r02").matches} == {"r02"}


def test_losers_of_a_round_are_ordered_by_their_mean_score():
    quality = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}
    for seed in range(20):
        ranking = run_tournament(
            list(quality), by_value(quality), Rules(format="single"), seed=seed
        )
        final = ranking.matches[-1]
        early = sorted(set(quality) - {final.first, final.second}, key=lambda id: -quality[id])
        assert ranking.order[2:] == tuple(early)


def test_a_huge_field_is_paired_too():
    n = 2100
    pairs = pair_up(list(range(n)), {frozenset((k, k + 1)) for k in range(0, n, 2)})
    assert pairs[:2] == [(0, 2), (1, 3)]
    assert len({i for pair in pairs for i in pair}) == n
