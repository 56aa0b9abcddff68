"""Published outcome rewards that are combinations of readings."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.answer import Answer
from envgym.rewards.read.evidence_rewards import label_and_evidence, veri_r1
from envgym.rewards.read.overlap import Overlap
from envgym.rewards.read.reasoning_sql import reasoning_sql
from envgym.rewards.read.same import Same
from envgym.rewards.read.search_outcomes import prorag_outcome, search_r1, vrag_rl
from envgym.rewards.source import Source
from envgym.types import ConfigError

unit = st.floats(0, 1)


def source(key):
    return Source(key, "episode", 0, 1)


def value(node, **last):
    return node.settle([{}, last])[0]


@pytest.mark.parametrize(
    ("right", "form", "answered", "expected"),
    [(1, 1, 1, 1.0), (1, 0, 1, 0.8), (0, 1, 1, 0.2), (0, 1, 0, 0.2), (0, 0, 1, 0.1), (0, 0, 0, 0)],
)
def test_search_r1(right, form, answered, expected):
    node = search_r1(source("right"), source("form"), source("answered"))
    assert value(node, right=right, form=form, answered=answered) == expected


def test_search_r1_retrieval_bonus_counts_on_wrong_answers_only():
    keys = [source(key) for key in ("right", "form", "answered")]
    node = search_r1(*keys, retrieved=source("hit"), bonus=0.1)
    assert value(node, right=0, form=1, answered=1, hit=1) == pytest.approx(0.3)
    assert value(node, right=0, form=1, answered=1, hit=0) == 0.2
    assert value(node, right=1, form=1, answered=1, hit=1) == 1
    with pytest.raises(ConfigError, match=r"search_r1.bonus must be in \[0, 0.6\], got 0.7"):
        search_r1(*keys, bonus=0.7)


@pytest.mark.parametrize("bonus", [0.0, 0.6])
def test_search_r1_right_is_never_below_wrong(bonus):
    keys = [source(key) for key in ("right", "form", "answered")]
    node = search_r1(*keys, retrieved=source("hit"), bonus=bonus)
    cases = {
        right: [
            value(node, right=right, form=f, answered=a, hit=h)
            for f, a, h in product((0, 1), repeat=3)
        ]
        for right in (0, 1)
    }
    assert min(cases[1]) >= max(cases[0])
    assert all(v in node.bounds for values in cases.values() for v in values)


@pytest.mark.parametrize(
    ("f1", "form", "expected"), [(0.5, 1, 2.0), (0.2, 1, 1.4), (0.19, 1, 1.0), (0.5, 0, 0.0)]
)
def test_prorag(f1, form, expected):
    node = prorag_outcome(source("f1"), source("form"))
    assert value(node, f1=f1, form=form) == pytest.approx(expected)
    assert (node.bounds.lo, node.bounds.hi) == (-1, 3)


@given(unit, unit, unit)
def test_vrag_gates_on_the_rule(rule, judge, ndcg):
    node = vrag_rl(source("rule"), source("judge"), source("ndcg"))
    expected = 0.7 * judge + 0.1 * rule + 0.2 * ndcg if rule > 0 else 0
    assert value(node, rule=rule, judge=judge, ndcg=ndcg) == pytest.approx(expected)


def test_vrag_reads_its_parts_from_evidence():
    node = vrag_rl(
        Answer("answer", "gold", "anls", scope="episode"),
        source("judge"),
        Overlap("pages", "gold_pages", "ndcg", scope="episode"),
    )
    last = {"answer": "Rome", "gold": "rome", "judge": 1, "pages": (3, 1), "gold_pages": (3,)}
    assert value(node, **last) == pytest.approx(1)
    assert value(node, **last | {"answer": "Oslo"}) == 0


VERI = veri_r1(Same("label", "gold_label", scope="episode"), source("form"), "cited", "gold")


@pytest.mark.parametrize(
    ("label", "cited", "gold", "expected"),
    [
        ("SUPPORT", (1, 2), (1, 2), 2 + 1 + 1),
        ("SUPPORT", (1, 2, 3), (1, 2), 2 + 2 / 3 + 1),
        ("SUPPORT", (1,), (1, 2), 1 + 1 / 2 + 1),
        ("SUPPORT", (9,), (1, 2), 0 + 0 + 1),
        ("REFUTE", (1, 2), (1, 2), 0 + 1 + 1),
    ],
)
def test_veri_r1(label, cited, gold, expected):
    last = {"label": label, "gold_label": "SUPPORT", "cited": cited, "gold": gold, "form": 1}
    assert value(VERI, **last) == pytest.approx(expected)


def test_veri_r1_without_enough_information():
    last = {"label": "NEI", "gold_label": "NEI", "gold": (), "form": 0}
    assert value(VERI, **last, cited=()) == 3
    assert value(VERI, **last, cited=(1,)) == 2
    assert value(VERI, **last | {"label": "SUPPORT"}, cited=()) == 1


def test_reasoning_sql():
    keys = ("result", "runs", "schema", "tags", "grams")
    node = reasoning_sql(*(source(key) for key in keys))
    for key, weight in zip(keys, (3, 1, 1, 0.5, 1), strict=True):
        assert value(node, **dict.fromkeys(keys, 0) | {key: 1}) == weight
    assert (node.bounds.lo, node.bounds.hi) == (0, 6.5)


@given(st.booleans(), unit)
def test_a_label_counts_only_with_its_evidence(label, evidence):
    node = label_and_evidence(source("label"), source("evidence"))
    assert value(node, label=label, evidence=evidence) == (evidence if label else 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda wild: prorag_outcome(wild, source("f")),
        lambda wild: vrag_rl(source("r"), wild, source("n")),
        lambda wild: veri_r1(wild, source("f"), "c", "g"),
        lambda wild: reasoning_sql(*[source("r")] * 4, wild),
        lambda wild: label_and_evidence(source("l"), wild),
    ],
)
def test_values_without_bounds_are_refused(make):
    with pytest.raises(ConfigError, match=r"must lie in \[0, 1\]; 'wild' has \[-inf, inf\]"):
        make(Source("wild", "episode"))


def test_formulas_survive_json():
    for root in (VERI, search_r1(source("a"), source("b"), source("c"))):
        program = Program("formula", root)
        assert Program.from_spec(program.spec()) == program
