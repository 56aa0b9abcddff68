import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.tournament.engine import Rules, run_tournament
from envgym.rewards.tournament.exact import by_value, value_match
from envgym.types import ConfigError, Match

FORMATS = ["anchor", "round_robin", "swiss", "single", "seeded", "double", "sparse_bt"]
ORDERED = ["anchor", "round_robin", "single", "seeded", "double"]
CONDORCET = ["round_robin", "swiss", "single", "seeded", "double"]
EVERY = pytest.mark.parametrize("kind", FORMATS)
sizes = st.integers(1, 16)
seeds = st.integers(0, 2**32)


def names(count):
    return [f"r{i:02d}" for i in range(count)]


@st.composite
def fields(draw, values=None):
    """Distinct qualities by id."""
    size = draw(sizes)
    drawn = draw(
        st.lists(
            st.floats(-5, 5).map(lambda x: round(x, 4)) if values is None else values,
            min_size=size,
            max_size=size,
            unique=values is None,
        )
    )
    return dict(zip(names(size), drawn, strict=True))


def comparisons(kind, n):
    return {
        "anchor": n - 1,
        "round_robin": n * (n - 1) // 2,
        "swiss": (n - 1).bit_length() * (n // 2),
        "single": n - 1,
        "seeded": 2 * n - 2,
        "double": 2 * n - 2,
        "sparse_bt": min(n * 4 // 2, n * (n - 1) // 2),
    }[kind]


def play(quality, kind, seed=0, **rules):
    return run_tournament(list(quality), by_value(quality), Rules(format=kind, **rules), seed=seed)


@pytest.mark.parametrize(
    ("n", "golden"),
    [
        (1, [0.0]),
        (4, [1.162, 0.387, -0.387, -1.162]),
        (8, [1.429, 1.021, 0.612, 0.204, -0.204, -0.612, -1.021, -1.429]),
    ],
)
def test_cookbook_d3(n, golden):
    quality = {id: -float(i) for i, id in enumerate(names(n))}
    ranking = play(quality, "seeded")
    ranked = sorted(ranking.advantages.values(), reverse=True)
    assert ranked == pytest.approx(golden, abs=1e-3)
    assert ranking.advantages["r00"] == pytest.approx(golden[0], abs=1e-3)
    assert ranking.comparisons == 2 * n - 2


@EVERY
@pytest.mark.parametrize("n", range(1, 17))
def test_comparisons_are_as_counted(kind, n):
    quality = {id: (i * 7 % 17) / 17 for i, id in enumerate(names(n))}
    ranking = play(quality, kind, seed=n)
    assert ranking.comparisons == comparisons(kind, n)
    assert ranking.asked == len({frozenset((m.first, m.second)) for m in ranking.matches})
    assert (ranking.calls, ranking.exhausted, ranking.unanswered) == (0, False, 0)


@EVERY
@given(fields(), seeds)
def test_advantages_sum_to_zero_and_ranks_fit(kind, quality, seed):
    ranking = play(quality, kind, seed)
    n = len(quality)
    assert abs(sum(ranking.advantages.values())) < 1e-6
    assert sum(ranking.ranks.values()) == pytest.approx(n * (n - 1) / 2)
    assert all(0.0 <= q <= 1.0 for q in ranking.q.values())
    assert set(ranking.order) == set(quality)


@pytest.mark.parametrize("kind", ORDERED)
@given(fields(), seeds)
def test_without_ties_q_is_a_permutation(kind, quality, seed):
    n = len(quality)
    q = sorted(play(quality, kind, seed).q.values())
    assert q == pytest.approx([k / (n - 1) for k in range(n)] if n > 1 else [0.5])


@pytest.mark.parametrize("kind", CONDORCET)
@given(fields(), seeds, st.data())
def test_who_beats_everyone_is_first_whatever_the_others_do(kind, quality, seed, data):
    best = data.draw(st.sampled_from(sorted(quality)))
    pairs = [pair for pair in combinations(sorted(quality), 2) if best not in pair]
    wins = data.draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    first = dict(zip(pairs, wins, strict=True))

    def compare(asked):
        found = []
        for a, b in asked:
            won = a == best or (b != best and first[a, b])
            found.append(Match(p=float(won)))
        return found

    ranking = run_tournament(list(quality), compare, Rules(format=kind), seed=seed)
    assert ranking.order[0] == best
    if len(quality) > 1:
        assert ranking.q[best] == 1.0


@EVERY
@given(fields(st.integers(0, 3).map(float)), seeds, st.data())
def test_the_order_of_rollouts_changes_nothing(kind, quality, seed, data):
    shuffled = data.draw(st.permutations(list(quality)))
    rules = Rules(format=kind)
    one = run_tournament(list(quality), by_value(quality), rules, seed=seed)
    other = run_tournament(shuffled, by_value(quality), rules, seed=seed)
    assert one == other


@given(fields(), seeds, st.data())
def test_relabelling_keeps_the_ranks_of_a_seeded_elimination_with_the_same_anchor(
    quality, seed, data
):
    new = data.draw(st.permutations(list(quality)))
    rename = dict(zip(quality, new, strict=True))
    renamed = {rename[id]: x for id, x in quality.items()}
    anchor = min(quality)
    one = play(quality, "seeded", seed, anchor=anchor)
    other = play(renamed, "seeded", seed + 1, anchor=rename[anchor])
    assert {rename[id]: rank for id, rank in one.ranks.items()} == other.ranks


@EVERY
@given(sizes, seeds)
def test_equal_rollouts_get_no_advantage(kind, size, seed):
    ranking = play(dict.fromkeys(names(size), 0.25), kind, seed)
    assert set(ranking.advantages.values()) == {0.0}
    assert set(ranking.q.values()) == {0.5}


@pytest.mark.parametrize("kind", ["anchor", "round_robin", "seeded"])
@given(sizes, seeds)
def test_binary_values_never_put_a_loser_before_a_winner(kind, size, seed):
    quality = {id: float(i % 3 == 0) for i, id in enumerate(names(size))}
    ranking = play(quality, kind, seed)
    won = [ranking.q[id] for id, x in quality.items() if x]
    lost = [ranking.q[id] for id, x in quality.items() if not x]
    assert not lost or min(won) > max(lost)
    if kind != "seeded":
        assert len(set(won)) == 1 and len(set(lost)) <= 1


def test_ties_are_by_the_scores_of_the_comparator():
    quality = {"a": 1.0, "b": 0.95, "c": 0.5, "d": 0.0}
    ranking = play(quality, "seeded", margin=0.1)
    assert ranking.q == pytest.approx({"a": 5 / 6, "b": 5 / 6, "c": 1 / 3, "d": 0.0})
    assert sum(m.result == "tie" for m in ranking.matches) >= 1


def test_pairs_are_sorted_and_a_round_is_one_batch():
    batches = []

    def compare(pairs):
        batches.append(list(pairs))
        return [value_match(ord(a[0]), ord(b[0])) for a, b in pairs]

    ranking = run_tournament(list("hgfedcba"), compare, Rules(format="seeded"))
    assert all(a < b for batch in batches for a, b in batch)
    rounds = [sum(m.round == r for m in ranking.matches) for r in range(4)]
    assert rounds == [7, 4, 2, 1]
    # The anchor "a" loses to its first opponent again: known, so not asked.
    assert [len(batch) for batch in batches] == [7, 3, 2, 1]
    assert [m.asked for m in ranking.matches].count(False) == 1


def test_no_budget_no_limit_and_a_budget_is_never_exceeded():
    quality = {id: float(i) for i, id in enumerate(names(8))}

    def judge(pairs):
        return [Match(p=float(quality[a] > quality[b]), calls=2) for a, b in pairs]

    whole = run_tournament(list(quality), judge, Rules(format="round_robin"))
    assert (whole.calls, whole.exhausted) == (56, False)
    for budget in range(1, 56):
        part = run_tournament(list(quality), judge, Rules(format="round_robin", budget=budget))
        assert part.calls == 2 * (budget // 2)
        assert part.exhausted
        assert part.comparisons == 28
        assert part.asked == budget // 2
        assert part.unanswered == 28 - budget // 2
        met = {id for m in part.matches if m.p is not None for id in (m.first, m.second)}
        assert {id for id, rank in part.ranks.items() if rank is not None} == met
    # The circle method: four matches are enough for everyone to have played.
    some = run_tournament(list(quality), judge, Rules(format="round_robin", budget=8))
    assert None not in some.ranks.values()


@pytest.mark.parametrize("kind", ["single", "seeded", "double", "swiss"])
def test_a_spent_budget_still_ranks(kind):
    quality = {id: float(i) for i, id in enumerate(names(8))}

    def judge(pairs):
        return [Match(p=float(quality[a] > quality[b]), calls=2) for a, b in pairs]

    ranking = run_tournament(list(quality), judge, Rules(format=kind, budget=10))
    assert ranking.exhausted
    assert ranking.calls == 10
    assert abs(sum(a for a in ranking.advantages.values() if a is not None)) < 1e-9


@EVERY
@given(fields(), seeds, st.data())
def test_who_cannot_be_judged_is_unranked_and_the_others_close_without_it(
    kind, quality, seed, data
):
    mute = data.draw(st.sampled_from(sorted(quality)))
    values = {**quality, mute: None}
    ranking = play(values, kind, seed)
    if len(quality) == 1:
        assert ranking.ranks[mute] == 0.0
        return
    assert ranking.ranks[mute] is ranking.q[mute] is ranking.advantages[mute] is None
    ranks = [rank for rank in ranking.ranks.values() if rank is not None]
    assert sum(ranks) == pytest.approx(len(ranks) * (len(ranks) - 1) / 2)


def test_nobody_answered_means_nobody_ranked():
    ranking = run_tournament(["a", "b", "c"], lambda pairs: [Match(p=None, calls=2) for _ in pairs])
    assert set(ranking.ranks.values()) == {None}
    assert ranking.unanswered == ranking.comparisons == 4
    assert ranking.calls == 2 * ranking.asked > 0
    assert (ranking.order, ranking.confidence, ranking.disagreement) == ((), 0.5, None)


@pytest.mark.parametrize("kind", ["single", "seeded"])
@given(fields(), seeds, st.data())
def test_an_unanswered_match_is_no_loss(kind, quality, seed, data):
    pairs = list(combinations(sorted(quality), 2))
    silent = {pair for pair in pairs if data.draw(st.integers(0, 3)) == 0}

    def compare(asked):
        return [
            Match(p=None) if pair in silent else value_match(quality[pair[0]], quality[pair[1]])
            for pair in asked
        ]

    ranking = run_tournament(list(quality), compare, Rules(format=kind), seed=seed)
    last = {id: match for match in ranking.matches for id in (match.first, match.second)}
    left = {}
    for id, match in last.items():
        rank = ranking.ranks[id]
        if rank is not None:
            lost = match.result == ("second" if id == match.first else "first")
            left.setdefault(match.round, {True: [], False: []})[lost].append(rank)
    # Of those whose last match was in one round, who did not lose stands before who did.
    for each in left.values():
        assert max(each[False], default=-1.0) <= min(each[True], default=99.0)


def test_cycles_and_disagreement_are_seen():
    def compare(pairs):
        beats = {("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 0.0}
        return [Match(p=beats[p], calls=2, agreed=p != ("a", "b")) for p in pairs]

    ranking = run_tournament(list("abc"), compare, Rules(format="round_robin"))
    assert ranking.triads == 1
    assert ranking.disagreement == pytest.approx(1 / 3)
    assert set(ranking.q.values()) == {0.5}  # one win each: nothing tells them apart


@EVERY
def test_the_ranking_is_json(kind):
    shown = play({id: float(i) for i, id in enumerate(names(5))}, kind).to_json()
    assert json.loads(json.dumps(shown)) == shown
    assert shown["comparisons"] == len(shown["matches"])


def test_an_empty_group_has_an_empty_ranking():
    ranking = run_tournament([], by_value({}))
    assert (ranking.order, ranking.comparisons, ranking.anchor) == ((), 0, None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Rules(format="swis"), "unknown tournament format 'swis'.*'swiss'"),
        (lambda: Rules(graph="star"), "unknown graph of sparse_bt 'star'"),
        (lambda: Rules(margin=-1), "margin must be 0 or more and finite, got -1"),
        (lambda: Rules(margin=float("nan")), "margin must be 0 or more"),
        (lambda: Rules(prior=0), "prior must be more than 0"),
        (lambda: Rules(degree=1), "degree must be at least 2"),
        (lambda: Rules(budget=-1), "budget must be 0 or more, got -1"),
        (lambda: Rules(rounds=-1), "rounds must be 0 or more, got -1"),
        (lambda: run_tournament(["a", "a"], by_value({"a": 1})), "the id 'a'; ids must differ"),
        (lambda: run_tournament(["a", "b"], lambda pairs: []), "asked 1 and gave 0 matches"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


@EVERY
@given(fields(), seeds, st.data())
def test_members_linked_only_by_ties_share_their_rank(kind, quality, seed, data):
    pairs = list(combinations(sorted(quality), 2))
    said = data.draw(
        st.lists(
            st.sampled_from([None, 0.5, 0.5, 0.5, 1.0, 0.0]),
            min_size=len(pairs),
            max_size=len(pairs),
        )
    )
    answers = dict(zip(pairs, said, strict=True))

    def compare(asked):
        return [Match(p=answers[pair]) for pair in asked]

    ranking = run_tournament(list(quality), compare, Rules(format=kind), seed=seed)
    part = {id: {id} for id in quality}
    decided = []
    for match in ranking.matches:
        if match.result == "unanswered":
            continue
        whole = part[match.first] | part[match.second]
        part.update(dict.fromkeys(whole, whole))
        if match.result != "tie":
            decided.append(match.first)
    for id, members in part.items():
        if not any(who in members for who in decided):
            assert {ranking.ranks[other] for other in members} == {ranking.ranks[id]}
