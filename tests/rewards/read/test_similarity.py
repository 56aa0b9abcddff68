from difflib import SequenceMatcher
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.read.embeddings import bmas, goal_similarity
from envgym.rewards.read.inverse_specification import InverseSpecification, plain_words
from envgym.rewards.read.overlaps import lcs_ratio
from envgym.rewards.read.patch_similarity import PatchSimilarity
from envgym.types import ConfigError, EvidenceError

GOLD = """\
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,2 +1,2 @@
-x = 1
+x = 2
 y = 3
"""
NODE = PatchSimilarity()
changes = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text("xy\n", min_size=1, max_size=8))


def value(patch, gold=GOLD, node=NODE, **more):
    return node.read({"patch": patch, "gold_patch": gold} | more)


def test_cookbook_a12():
    assert value(GOLD) == 1
    assert value("I fixed it.") == value("") == value(()) == -1
    a, b = "-x = 1\n+x = 3", "-x = 1\n+x = 2"
    one = value((("a.py", a),), (("a.py", b),))
    assert one == SequenceMatcher(None, a, b, autojunk=False).ratio() == pytest.approx(12 / 13)
    # A second file that only the agent touches halves it.
    assert value((("a.py", a), ("b.py", a)), (("a.py", b),)) == pytest.approx(one / 2)


def test_headers_do_not_count():
    other = GOLD.replace("index 1..2 100644\n", "index 7..8 100644\n")
    assert value(other) == 1
    assert value(GOLD.replace("diff --git a/a.py b/a.py\n", "")) == 0  # another (unnamed) file
    assert value(GOLD[GOLD.index("@@") :], GOLD[GOLD.index("@@") :]) == 1


@given(changes.filter(bool), changes.filter(bool))
def test_l1_and_the_order_of_files(made, gold):
    forward = value(tuple(made.items()), tuple(gold.items()))
    assert 0 <= forward <= 1
    assert value(tuple(made.items())[::-1], tuple(gold.items())) == forward
    assert value(tuple(gold.items()), tuple(gold.items())) == 1


@given(st.text("ab\n", min_size=1, max_size=30), st.text("ab\n", min_size=1, max_size=30))
def test_within_its_work_it_is_sequence_matchers_ratio(a, b):
    expected = SequenceMatcher(None, a, b, autojunk=False).ratio()
    found = value((("f", a),), (("f", b),))
    assert found == pytest.approx(expected)
    # With less work it still counts nothing that the two do not share in order.
    most = 2 * lcs_ratio(a, b) * max(len(a), len(b)) / (len(a) + len(b))
    assert value((("f", a),), (("f", b),), PatchSimilarity(work=40)) <= most + 1e-12


def test_a_patch_that_is_dear_to_compare_costs_little_time():
    code = "def f(x):\n    return x\n" * 250
    start = perf_counter()
    # SequenceMatcher alone took 205 s for this one.
    assert value((("f", " " * 10_000),), (("f", code),)) < 0.2
    assert value((("f", code + "y"),), (("f", code),)) > 0.9  # by whole lines
    assert perf_counter() - start < 5


def test_malformed_long_and_unknown_patches():
    node = PatchSimilarity(formed="applies", longest=10)
    assert value(GOLD, node=node, applies=False) == -1
    assert value(GOLD, node=node, applies=True) == 0  # longer than allowed
    assert value((("a.py", "x"),), (("a.py", "x"),), node=node, applies=None) is None
    assert value(None) is value(GOLD, gold=None) is None
    assert value((("a.py", ""),)) == value((("a.py",),)) == value("diff --git a/x b/x\n") == -1
    with pytest.raises(EvidenceError, match="'gold_patch' must be a unified diff"):
        value(GOLD, gold="fix")
    with pytest.raises(ConfigError, match="longest must be 1 or more"):
        PatchSimilarity(longest=0)
    with pytest.raises(ConfigError, match="work must be 1 or more"):
        PatchSimilarity(work=0)
    assert node.types["applies"] == {"bool"}


vectors = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)).filter(lambda v: abs(v[0]) + abs(v[1]) > 0.1),
    min_size=1,
    max_size=4,
)


@given(vectors, vectors)
def test_bmas_is_symmetric_and_bounded(a, b):
    assert bmas(a, b) == pytest.approx(bmas(b, a))
    assert -1 - 1e-12 <= bmas(a, b) <= 1
    assert bmas(a, [(2 * x, 2 * y) for x, y in a[::-1]]) == pytest.approx(1)


def test_bmas_by_hand_and_its_edges():
    # rows: best cosines 1 and 0; column: 1.
    assert bmas([[1, 0], [0, 1]], [[3, 0]]) == pytest.approx(0.75)
    assert bmas([], [[1, 0]]) == bmas([[1, 0]], []) == 0
    assert bmas([[0, 0]], [[1, 0]]) == 0
    with pytest.raises(ConfigError, match="one width, got 2 and 3"):
        bmas([[1, 0]], [[1, 0, 0]])
    with pytest.raises(ConfigError, match="finite"):
        bmas([[np.nan, 0]], [[1, 0]])
    with pytest.raises(ConfigError, match="one row per embedding"):
        bmas([1, 0], [[1, 0]])
    with pytest.raises(ConfigError, match="rows of numbers"):
        bmas([[1, 0], [1]], [[1, 0]])


@given(vectors, vectors, vectors)
def test_goal_similarity_identities(states, goal, baseline):
    g, b = goal[0], baseline[0]
    plain = goal_similarity(states, g, b)
    s = np.array(states)
    cosine = s @ np.array(g) / np.linalg.norm(s, axis=1) / np.linalg.norm(g)
    assert plain == pytest.approx(cosine)
    assert goal_similarity([g], g, b, 0.7) == pytest.approx([1.0])
    assert np.all(goal_similarity(states, g, b, 1.0) <= 1 + 1e-12)
    assert goal_similarity(states, g, g, 0.5) == pytest.approx(cosine)


def test_goal_similarity_projects_on_the_line():
    # In three dimensions the third axis tells nothing of goal against baseline.
    found = goal_similarity([[0, 0, 1]], [1, 0, 0], [0, 1, 0], alpha=1.0)
    # The projection is the middle of the line, (1/2, 1/2, 0): 1 - 0.5 * 0.5.
    assert found == pytest.approx([0.75])
    assert goal_similarity([], [1, 0], [0, 1]).tolist() == []
    for bad in ({"alpha": 2}, {"goal": [0, 0]}, {"goal": [1, 0, 0]}):
        with pytest.raises(ConfigError, match="goal_similarity"):
            goal_similarity(**{"states": [[1, 0]], "goal": [1, 0], "baseline": [0, 1]} | bad)


BRIEF = "ten slides on tidal power for schools, with one chart per page and a closing quiz"


def recovered(text, artefact, **options):
    node = InverseSpecification(**options)
    return node.read({"brief": BRIEF, "recovered": text, "artefact": artefact})


def test_cookbook_a17():
    assert recovered(BRIEF, "Tides turn turbines.") == 1
    assert recovered(BRIEF, f"Brief: {BRIEF}. Tides turn turbines.") == 0
    assert recovered(BRIEF, "Ten slides on tidal power") == 1
    assert recovered(BRIEF, "Ten slides on tidal power", quoted=5) == 0
    assert 0 < recovered("ten slides on wind", "Tides") < 1
    assert recovered("", "Tides") == 0


def test_hidden_characters_and_other_letter_forms_do_not_hide_a_quotation():
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in BRIEF)
    for hidden in (
        BRIEF.replace(" ", "\u2014"),
        "\u200b".join(BRIEF),
        wide,
        BRIEF.replace(" ", "_"),
    ):
        assert recovered(BRIEF, f"Tides. {hidden} Turbines.") == 0
    assert plain_words("Na\u00efve caf\u00e9") == ("na\u00efve", "caf\u00e9")


def test_a_short_brief_counts_as_a_whole():
    node = InverseSpecification(measure="jaccard")
    record = {"brief": "red house", "recovered": "a red house"}
    assert node.read(record | {"artefact": "The red house stands."}) == 0
    assert node.read(record | {"artefact": "A house, red."}) == 1
    assert node.read(record | {"artefact": None}) is None
    assert node.read({"brief": "", "recovered": "x", "artefact": "y"}) == 0
    with pytest.raises(ConfigError, match="quoted must be 2 or more"):
        InverseSpecification(quoted=1)
