"""What an agent writes never raises, never voids its own score, and never takes long to read."""

from math import isfinite
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import (
    Agreement,
    Answer,
    Grounding,
    InBox,
    InverseSpecification,
    Length,
    Lookup,
    Overlap,
    PatchSimilarity,
    Same,
    SetValue,
    TagFormat,
    ToolCalls,
)

TAGS = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "<b>",
    "<",
    "&lt;",
    "x",
    " ",
    "\n",
    "\u200b",
]
texts = st.lists(st.sampled_from(TAGS), max_size=8).map("".join) | st.text(max_size=12)
leaves = st.booleans() | st.integers() | st.floats() | texts | st.just(10**400)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=8)
calls = st.tuples(st.sampled_from("fg"), st.lists(st.tuples(st.sampled_from("ab"), values)))
tuples = st.lists(values | st.none() | calls, max_size=4).map(tuple)
GOLD = (("f", (("a", 1), ("b", "x"))), ("f", (("a", 2),)))
DIFF = "diff --git a/x b/x\n@@ "

TEXT = {
    "tag_format": lambda x: TagFormat("(think | b)* answer", "x").read({"x": x}),
    "loose": lambda x: TagFormat("think answer", "x", loose=True).read({"x": x}),
    **{
        m: lambda x, m=m: Answer("x", "g", m).read({"x": x, "g": ("a", "x b " * 30)})
        for m in ("anls", "exact", "f1")
    },
    **{
        f"overlap {m}": lambda x, m=m: Overlap("x", "g", m).read({"x": x, "g": "a b c d e " * 10})
        for m in ("bag_f1", "chain", "covered", "jaccard", "lcs", "ndcg", "ngram", "recall")
    },
    "words": lambda x: Length("x", "words").read({"x": x}),
    "lookup": lambda x: Lookup("x", (("a", 1.0),)).read({"x": x}),
    "same": lambda x: Same("x", "g", normalise=True).read({"x": x, "g": "x"}),
    "agreement": lambda x: Agreement("heard", "x").read({"heard": ("x", None), "x": x}),
    "quotes": lambda x: InverseSpecification().read(
        {"brief": "a b c", "recovered": x, "artefact": x}
    ),
    "patch": lambda x: PatchSimilarity("x", "g").read({"x": x, "g": (("a", "x = 1\n" * 500),)}),
    "diff": lambda x: PatchSimilarity("x", "g", longest=200_000).read(
        {"x": DIFF + x, "g": DIFF + "y = 1\n" * 500}
    ),
}
TUPLES = {
    "tool_calls": lambda x: ToolCalls("x", "g").read({"x": x, "g": GOLD}),
    "grounding": lambda x: Grounding("x", "g").read({"x": x, "g": (1, 2)}),
    "overlap": lambda x: Overlap("x", "g", "lcs").read({"x": x, "g": (1, "x")}),
    "click": lambda x: InBox("x", "g").read({"x": x, "g": (0, 0, 1, 1)}),
    "patch": lambda x: PatchSimilarity("x", "g").read({"x": x, "g": (("a", "b"),)}),
    "set": lambda x: SetValue("x", weights=(("1", 1.0),)).read({"x": x}),
    "same": lambda x: Same("x", "g").read({"x": x, "g": (1,)}),
    "items": lambda x: Length("x", "items").read({"x": x}),
}
quick = settings(deadline=None, max_examples=40)


@pytest.mark.parametrize("name", TEXT)
@quick
@given(x=texts)
def test_any_text_gets_a_number(name, x):
    assert isfinite(TEXT[name](x))


@pytest.mark.parametrize("name", TUPLES)
@quick
@given(x=tuples)
def test_any_tuple_gets_a_number(name, x):
    assert isfinite(TUPLES[name](x))


LONG = {
    "words": "b c " * 25_000,
    "blocks": "<b>x</b>" * 12_500,
    "open tags": "<think>" * 14_000,
    "angles": "<" * 100_000,
    "one name": "<" + "a" * 100_000,
    "blanks": " " * 100_000,
    "lines": "\n" * 100_000,
    "hidden": "\u200b" * 100_000,
    "diffs": "diff --git a/x b/x b/x\n" * 4_000,
}


@pytest.mark.parametrize("name", TEXT)
def test_a_hundred_thousand_characters_are_read_in_little_time(name):
    # Up to 30 ms each on the machine of the authors; the limit only finds what explodes.
    for shape, x in LONG.items():
        start = perf_counter()
        assert isfinite(TEXT[name](x))
        assert perf_counter() - start < 2, shape


def test_thousands_of_calls_are_read_in_little_time():
    many = tuple(("f", (("a", k), ("b", "x"))) for k in range(3_000))
    wide = (("f", tuple((f"a{k}", k) for k in range(10_000))),)
    for made in (many, wide):
        start = perf_counter()
        assert -3 <= TUPLES["tool_calls"](made) <= 3
        assert perf_counter() - start < 2
