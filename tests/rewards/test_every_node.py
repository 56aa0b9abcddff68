"""What every node keeps to, whatever it computes; a new node joins by an example here."""

import json
import pickle
from math import fsum, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import envgym.rewards as r
from envgym.rewards import Program, Source, score
from envgym.rewards.group.groupmap import GroupMap
from envgym.rewards.reading import Reading
from envgym.rewards.spec import from_spec, node_kinds, to_spec
from envgym.types import Candidate, ConfigError, EvidenceError

X = Source("x", lo=0, hi=1)
Y = Source("y", "episode", -1, 1)
Z = Source("z", "episode", 0, 1)
WEIGHTS = (("a", 2.0), ("b", 1.0))

EXAMPLES = [
    r.Above(Y, 0.5, strict=False),
    r.Affine(X, 2.0, -1.0),
    r.Clip(Y, -0.5, 0.5),
    r.Constant(0.25),
    r.Curve(Y, "sigmoid"),
    r.DurationWeighted(X, X),
    r.Every(Y),
    r.Gate(Y, X, Z),
    r.LookaheadDelta(X),
    r.Mean((Y, Z), (2.0, 1.0)),
    r.Min((Y, Z)),
    r.OnInvalid(Y, "neutral"),
    r.Peak(X),
    r.Potential(X, 0.9),
    r.Power(Z, 0.5),
    r.Product((Y, Z)),
    r.ProgressDelta(X),
    r.ReduceDiscounted(X, 0.9),
    r.ReduceLast(X),
    r.ReduceMean(X),
    r.ReduceMin(X),
    r.ReduceSoftmin(X, 0.2),
    r.ReduceSum(X),
    r.Scale(Y, -2.0),
    r.SoftGate(Y, 0.5),
    Source("y", "episode", -1, 1, name="named"),
    r.SpreadLast(Y),
    r.SpreadProgress(Y, X),
    r.SpreadUniform(Y),
    r.SpreadWeights(Y, X),
    r.Sum((Y, X)),
    r.TurningPoints(X),
    r.Variance((Y, Z)),
    r.Windows(X, (X,)),
    # Readings.
    r.Agreement("words", "text", "episode"),
    r.Answer("text", "other", scope="episode"),
    r.Checklist("words", WEIGHTS),
    r.Grounding("words", "gold", scope="episode"),
    r.InBox("pair", "box"),
    r.InverseSpecification("text", "other", "third"),
    r.Ladder("text", (("bad", -1.0), ("good", 1.0))),
    r.Length("text"),
    r.Lookup("text", WEIGHTS),
    r.Milestones("words", count=3),
    r.Overlap("text", "other"),
    r.PatchSimilarity("text", "other"),
    r.Rubric("verdicts", WEIGHTS),
    r.Same("text", "other"),
    r.SetValue("words"),
    r.TagFormat("think answer", "text"),
    r.ToolCalls("calls", "gold_calls"),
    # Group nodes.
    r.Amplified(Y),
    r.BetaNormalised(Z),
    r.CalibratedTests("passed"),
    r.Copeland((Y, Z), (0.1, 0.0)),
    r.GroupLength(Z, Source("n", "episode", 0)),
    r.GroupMean(Y),
    r.GroupNormalised(Y, "grpo"),
    r.Majority("text"),
    r.Paired(Z),
    r.Reference(Y),
    r.Tournament(Y, format="swiss", margin=0.1),
    r.TrustGRPO(Z, Z),
    r.TurnNormalised(X, more_than=1),
    r.Unlikeliness(Z, Y),
    r.WeightedTests("passed", (1.0, 2.0)),
    r.WinRate(Y, soft=True),
]
NAMES = [f"{node.kind}" for node in EXAMPLES]
every = pytest.mark.parametrize("node", EXAMPLES, ids=NAMES)


def test_every_node_has_an_example():
    ours = {c for c in node_kinds().values() if c.__module__.startswith("envgym.rewards.")}
    assert {type(node) for node in EXAMPLES} == ours


@every
def test_json_pickle_and_text(node):
    data = json.loads(json.dumps(to_spec(node), allow_nan=False))
    again = from_spec(data)
    assert again == node
    assert hash(again) == hash(node)
    assert pickle.loads(pickle.dumps(node)) == node
    assert node.formula
    assert "\n" not in node.formula
    assert node.label
    assert node.bounds.lo <= node.bounds.hi
    assert len(node.directions()) == len(node.children)
    assert Program("p", node).tree()


@every
def test_a_misspelt_field_is_named(node):
    with pytest.raises(ConfigError, match=f"unknown field of {node.kind} 'nmae'.*'name'"):
        from_spec({**to_spec(node), "nmae": "x"})


READINGS = [n for n in EXAMPLES if isinstance(n, Reading)]


@pytest.mark.parametrize("node", READINGS, ids=[n.kind for n in READINGS])
def test_a_reading_names_missing_and_mistyped_evidence_and_keeps_none_invalid(node):
    keys = node.keys
    assert keys
    with pytest.raises(EvidenceError, match=f"lacks evidence '({'|'.join(keys)})'"):
        node.settle([{"end": None}, {"end": "task"}])
    nothing = {**dict.fromkeys(keys), "end": None}
    assert node.settle([nothing, {**nothing, "end": "task"}]) == (None, ())
    if isinstance(node, r.Same):
        return  # compares evidence of any type
    wrong = {**{key: object() for key in keys}, "end": None}
    with pytest.raises(EvidenceError, match=r"must be"):
        node.settle([wrong, {**wrong, "end": "task"}])


GROUPS = [n for n in EXAMPLES if isinstance(n, GroupMap)]
several = pytest.mark.parametrize("node", GROUPS, ids=[n.kind for n in GROUPS])
share = st.integers(0, 4).map(lambda k: k / 4)


@st.composite
def rollouts(draw, least=0):
    """Candidates of 1 to 3 events with whatever the examples read."""
    size = draw(st.integers(least, 5))
    tests = draw(st.integers(2, 2))
    found = []
    for i in range(size):
        records = []
        for _ in range(draw(st.integers(1, 3)) + 1):
            passed = tuple(draw(st.booleans()) for _ in range(tests))
            records.append({"x": draw(share), "passed": passed, "end": None})
        records[-1] |= {
            "y": 2 * draw(share) - 1,
            "z": draw(share),
            "n": draw(st.integers(0, 9)),
            "text": draw(st.sampled_from(["4", "5", "five"])),
            "end": "task",
        }
        found.append(Candidate(id=f"r{i}", records=records))
    return found


@several
@settings(deadline=None, max_examples=25)
@given(group=rollouts())
def test_l2_shares_are_finite_or_invalid_in_any_group(node, group):
    found = score(group, Program("p", node))
    for each, candidate in zip(found, group, strict=True):
        if each.total is None:
            assert each.reason == f"reward:{node.label}"
            continue
        assert isfinite(each.total)
        assert each.total == pytest.approx(fsum(each.settled))
        assert len(each.settled) == len(candidate.records) - 1
        slack = 1e-9
        assert node.total.lo - slack <= each.total <= node.total.hi + slack


@several
@settings(deadline=None, max_examples=25)
@given(group=rollouts(2), data=st.data())
def test_l4_the_order_of_the_rollouts_changes_nothing(node, group, data):
    mixed = data.draw(st.permutations(group))
    straight = {each.id: (each.total, each.settled) for each in score(group, Program("p", node))}
    shuffled = {each.id: (each.total, each.settled) for each in score(mixed, Program("p", node))}
    assert shuffled == straight


@several
@settings(deadline=None, max_examples=20)
@given(group=rollouts(2))
def test_l9_a_cut_member_changes_nothing_for_the_others(node, group):
    cut = Candidate(id="zz", records=[{"x": 0.0, "end": None}, {"x": 1.0, "end": None}])
    program = Program("p", node)
    before = [(each.total, each.settled) for each in score(group, program)]
    after = score([*group, cut], program)
    assert [(each.total, each.settled) for each in after[:-1]] == before
    assert after[-1].total is None


@several
def test_equal_rollouts_get_equal_shares(node):
    last = {"x": 0.5, "y": 0.5, "z": 1.0, "n": 3, "text": "4", "passed": (True, False)}
    records = [{"x": 0.0, "passed": (False, False), "end": None}, {**last, "end": "task"}]
    group = [Candidate(id=f"r{i}", records=records) for i in range(4)]
    totals = {each.total for each in score(group, Program("p", node))}
    assert len(totals) == 1
