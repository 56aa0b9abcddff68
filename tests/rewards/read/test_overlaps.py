from math import log2
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.read import overlaps
from envgym.rewards.read.answer import Answer
from envgym.rewards.read.overlap import Overlap
from envgym.rewards.read.words import normalised, words
from envgym.rewards.spec import from_spec, to_spec
from envgym.types import ConfigError, EvidenceError

MEASURES = ["bag_f1", "chain", "covered", "jaccard", "lcs", "ndcg", "ngram", "recall"]
items = st.lists(st.integers(0, 5), max_size=6).map(tuple)
measures = st.sampled_from(MEASURES)


def overlap(pred, gold, measure, **options):
    return Overlap("p", "g", measure, **options).read({"p": pred, "g": gold})


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("lcs", 0.75),  # a b d or a c d, of 4
        ("bag_f1", 1.0),
        ("jaccard", 1.0),
        ("chain", 0.75),
        ("ngram", 0.0),  # ac cb bd against ab bc cd
        ("covered", 1.0),
        ("ndcg", 1.0),
    ],
)
def test_cookbook_a7(measure, expected):
    assert overlap(tuple("acbd"), tuple("abcd"), measure) == pytest.approx(expected)


def test_partial_overlaps_by_hand():
    assert overlap("p q x", "p q r s", "lcs") == pytest.approx(0.5)
    assert overlap(tuple("aab"), tuple("abb"), "bag_f1") == pytest.approx(2 * 2 / 6)
    assert overlap(tuple("ab"), tuple("bc"), "jaccard") == pytest.approx(1 / 3)
    assert overlap((1, 2), (1, 2, 3, 4, 5), "covered") == 0.0  # half of five is three
    assert overlap((1, 2, 3), (1, 2, 3, 4, 5), "covered") == 0.5
    assert overlap((1, 9), (1, 2), "recall") == 0.5
    ideal = 1 + 1 / log2(3)
    assert overlap(("x", "a", "b"), ("a", "b"), "ndcg") == pytest.approx(
        (1 / log2(3) + 1 / 2) / ideal
    )
    assert overlap(tuple("abcd"), tuple("abce"), "ngram", n=3) == pytest.approx(1 / 3)
    assert overlap(("b", "a"), ("a", "b", "c"), "chain") == pytest.approx(1 / 3)


def brute_lcs(a, b):
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + brute_lcs(a[1:], b[1:])
    return max(brute_lcs(a[1:], b), brute_lcs(a, b[1:]))


@given(items, items)
def test_lcs_is_the_longest(a, b):
    longer = max(len(a), len(b))
    expected = brute_lcs(a, b) / longer if longer else 1.0
    assert overlaps.lcs_ratio(a, b) == expected


@given(items, items, measures)
def test_l1_every_measure_stays_in_range(a, b, measure):
    assert 0 <= overlap(a, b, measure) <= 1


@given(st.lists(st.integers(0, 9), unique=True, max_size=6).map(tuple), measures)
def test_l8_a_sequence_overlaps_itself_whole(a, measure):
    assert overlap(a, a, measure) == 1


@given(items, items)
def test_a_set_measure_ignores_order_and_repeats(a, b):
    for measure in ("jaccard", "recall", "covered"):
        shuffled = tuple(sorted(a)) + a
        assert overlap(a, b, measure) == overlap(shuffled, b, measure)


@given(items, items)
def test_symmetric_measures(a, b):
    for measure in ("bag_f1", "jaccard", "lcs", "ngram"):
        assert overlap(a, b, measure) == overlap(b, a, measure)
    assert overlaps.multiset_jaccard(a, b) == overlaps.multiset_jaccard(b, a)


@given(items, st.lists(st.integers(0, 5), min_size=1, max_size=6).map(tuple), st.integers(0, 5))
def test_a_repeated_hit_gains_nothing_in_ndcg(ranked, gold, again):
    seen = (*ranked, again) if again in ranked else ranked
    assert overlap(seen, gold, "ndcg") == overlap(ranked, gold, "ndcg")


@given(items, items, st.sampled_from([0.5, 1.0, 2.0]))
def test_f_beta_is_the_textbook_formula(pred, gold, beta):
    wanted = set(gold)
    hits = len(set(pred) & wanted)
    found = overlaps.f_beta(pred, gold, beta)
    if not hits:
        assert found == (1.0 if not pred and not gold else 0.0)
        return
    p, r = hits / len(pred), hits / len(wanted)
    assert found == pytest.approx((1 + beta**2) * p * r / (beta**2 * p + r))


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_edit_similarity_is_symmetric_and_one_for_equal_texts(a, b):
    assert overlaps.edit_similarity(a, b) == overlaps.edit_similarity(b, a)
    assert (overlaps.edit_similarity(a, b) == 1) == (a == b)


def test_texts_are_read_as_normalised_words_and_lists_as_tuples():
    assert words("The cat, a Dog!") == ("cat", "dog")
    assert normalised("An  apple\nA day") == "apple day"
    assert overlap("The cat!", "cat", "jaccard") == 1
    assert overlap([[1, 2]], ((1, 2),), "lcs") == 1
    assert overlap(None, (1,), "lcs") is None
    assert overlap((1,), None, "lcs") is None


def test_answers_take_the_best_of_the_accepted_ones():
    record = {"answer": "the Eiffel Tower", "gold_answer": ("Tour Eiffel", "Eiffel tower")}
    assert Answer().read(record) == 1
    assert Answer().read(record | {"gold_answer": "Tour Eiffel"}) == 0
    f1 = Answer(measure="f1")
    assert f1.read(record | {"gold_answer": "Tour Eiffel"}) == pytest.approx(0.5)
    anls = Answer(measure="anls")
    assert anls.read({"answer": "color", "gold_answer": "colour"}) == pytest.approx(5 / 6)
    assert anls.read({"answer": "red", "gold_answer": "colour"}) == 0
    assert anls.read({"answer": "colour " * 500, "gold_answer": "colour"}) == 0
    assert anls.read({"answer": "ab", "gold_answer": "abcd"}) == 0.5
    assert Answer().read({"answer": "!", "gold_answer": "!"}) == 0
    assert Answer().read({"answer": None, "gold_answer": "x"}) is None
    assert Answer().read({"answer": "x", "gold_answer": None}) is None


@given(
    st.text("ab ", max_size=6), st.text("ab ", min_size=1, max_size=6), st.text("ab ", max_size=6)
)
def test_another_accepted_answer_never_lowers(answer, gold, other):
    for measure in ("anls", "exact", "f1"):
        node = Answer(measure=measure)
        few = node.read({"answer": answer, "gold_answer": gold})
        many = node.read({"answer": answer, "gold_answer": (gold, other)})
        assert 0 <= few <= many <= 1


def test_an_option_that_is_an_article_is_an_answer():
    for measure in ("anls", "exact", "f1"):
        node = Answer(measure=measure)
        assert node.read({"answer": "(A)", "gold_answer": "a"}) == 1
        assert node.read({"answer": "An", "gold_answer": "B"}) == 0
    assert normalised("The A team") == "team"


def levenshtein(a, b):
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
        above = row
    return above[-1]


@given(st.text("abc", max_size=12), st.text("abcd", max_size=12))
def test_edit_similarity_is_levenshtein(a, b):
    longer = max(len(a), len(b), 1)
    assert overlaps.edit_similarity(a, b) == pytest.approx(1 - levenshtein(a, b) / longer)


@given(st.text("ab", max_size=8), st.text("abc", max_size=8), st.integers(1, 4))
def test_ngrams_are_all_runs_of_n(a, b, n):
    def grams(text):
        return {text[i : i + n] for i in range(max(1, len(text) - n + 1))} if text else set()

    union = grams(a) | grams(b)
    expected = len(grams(a) & grams(b)) / len(union) if union else 1.0
    assert overlaps.ngram_jaccard(a, b, n) == expected


def seconds(read, record):
    start = perf_counter()
    read(record)
    return perf_counter() - start


def test_a_long_answer_costs_little_time():
    # Milliseconds; a table of all pairs would take 15 s for the first.
    anls = {"answer": "b" * 10_000, "gold_answer": "c" * 5_000}
    assert seconds(Answer(measure="anls").read, anls) < 2
    long = {"p": "c d " * 25_000, "g": "c d e f g h i j k l " * 100}
    for measure in MEASURES:
        assert seconds(Overlap("p", "g", measure).read, long) < 2, measure


@pytest.mark.parametrize("gold", [(), (3,), 3])
def test_wrong_evidence_is_named(gold):
    with pytest.raises(EvidenceError, match="'gold_answer' must be text"):
        Answer().read({"answer": "x", "gold_answer": gold})


def test_bad_arguments_and_json():
    with pytest.raises(ConfigError, match=r"Overlap.n must be 1 or more, got 0"):
        Overlap("p", "g", "ngram", n=0)
    with pytest.raises(ConfigError, match="Did you mean 'jaccard'"):
        Overlap("p", "g", "jacard")
    with pytest.raises(EvidenceError, match="'p' must be text or a tuple, got 3"):
        overlap(3, (), "lcs")
    node = Overlap("p", "g", "ngram", n=3, scope="episode")
    assert from_spec(to_spec(node)) == node
    assert (node.formula, node.label) == ("ngram(p, g)", "ngram")
    assert (Answer().formula, Answer().label) == ("exact(answer, gold_answer)", "exact")
