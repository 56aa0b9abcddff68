import json
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import pytest

from envgym.rewards import (
    Bounds,
    Clip,
    GroupNormalised,
    Lookup,
    Mean,
    OnInvalid,
    Program,
    ProgressDelta,
    Reading,
    Source,
    Sum,
    standard_presets,
)
from envgym.rewards.node import DEPTH
from envgym.rewards.reading import ITEMS, TEXT
from envgym.rewards.signal import Scope
from envgym.rewards.spec import from_spec, to_spec
from envgym.types import ConfigError, Evidence, EvidenceError

OUTCOME = Source("outcome", "episode", 0, 1)
P = standard_presets(turn_cost=0.01)


def declared(**kinds):
    base = {"type": "float", "help": "", "lo": 0.0, "hi": 1.0}
    return {key: Evidence(key=key, **{**base, **more}) for key, more in kinds.items()}


ALL = declared(
    outcome={"scope": "episode"}, progress={}, turn={"type": "int", "hi": inf}, goal={"type": "str"}
)


def test_composition_prints_and_pays_the_sum():
    half = 0.5 * P["dense"] + P["process"]
    assert str(half) == (
        "0.5*dense+process: 0.5*(outcome + delta(progress) - 0.01*delta(turn)) + outcome"
        " + potential(progress)"
    )
    rows = [{"progress": 0, "turn": 0, "end": None}]
    rows.append({"progress": 0.5, "turn": 1, "outcome": 1, "end": "task"})
    expected = 0.5 * P["dense"].replay(rows).total + P["process"].replay(rows).total
    assert half.replay(rows).total == pytest.approx(expected)
    assert (P["outcome"] + Source("bonus")).components == ("outcome", "bonus")


def test_programs_compare_by_value():
    assert standard_presets()["dense"] == standard_presets()["dense"]
    assert standard_presets()["dense"] != P["dense"]
    assert Program("a", OUTCOME) != Program("b", OUTCOME)


def test_the_tree_shows_phase_scope_and_range_of_every_node():
    assert P["process"].tree().splitlines() == [
        "process  terminal  total [-1, 2]",
        "  sum  terminal episode [-1, 2]",
        "    outcome  terminal episode [0, 1]",
        "    potential  online step [-1, 1]",
        "      progress  online step [0, 1]",
    ]


def test_needs_phase_and_summands():
    dense = P["dense"]
    assert dense.needs == {"outcome", "progress", "turn"}
    assert dense.phase == "terminal"
    assert [s.component for s in dense.online] == ["progress", "turn_cost"]
    assert [s.component for s in dense.terminal] == ["outcome"]
    assert dense.monotone == {"outcome": "up", "progress": "none", "turn": "none"}
    # A causal node under a gate is terminal.
    assert P["gated"].online == ()


def test_check_passes_on_what_is_declared():
    for program in P.values():
        program.check(ALL, "envgym/Demo-v0")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            Program("p", Source("progres")),
            "reward=\"p\" needs evidence 'progres'; envgym/Demo-v0 supplies goal, outcome,"
            " progress, turn. Did you mean 'progress'?",
        ),
        (Program("p", Source("goal")), "declares it as str"),
        (Program("p", Source("outcome")), 'use Source(..., scope="episode")'),
        (Program("p", Source("progress", lo=0, hi=0.5)), "bounds [0, 0.5], but envgym/Demo-v0"),
    ],
)
def test_check_names_what_is_missing(program, message):
    with pytest.raises(EvidenceError) as caught:
        program.check(ALL, "envgym/Demo-v0")
    assert message in str(caught.value)


def test_a_group_program_says_where_it_runs():
    program = Program("versus", GroupNormalised(OUTCOME))
    with pytest.raises(ConfigError, match=r"GroupVectorEnv, or envgym.rewards.score"):
        program.open({})


def test_replay_refuses_records_that_disagree_with_it():
    start, end = {"end": None}, {"outcome": 1, "end": "task"}
    assert P["outcome"].replay([start, end]).total == 1
    assert P["outcome"].replay([start, start], ended=False).total is None
    with pytest.raises(ConfigError, match="ended=True, but the last record says end=None"):
        P["outcome"].replay([start, start])
    with pytest.raises(ConfigError, match="ended=False, but the last record says end='task'"):
        P["outcome"].replay([start, end], ended=False)
    with pytest.raises(ConfigError, match="at least reset's record"):
        P["outcome"].replay([])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Program("", OUTCOME), "non-empty text"),
        (lambda: Program("p", 1.0), "must be a reward node, got 1.0"),
        (lambda: Program("p", OnInvalid(OUTCOME, "drop")), "needs a Mean directly around it"),
        (
            lambda: Mean((OUTCOME, Source("x"))),
            r"^Mean.of mixes the step value 'x' with the episode",
        ),
        (
            lambda: ProgressDelta(OUTCOME),
            r"^ProgressDelta.of must be an online step value; 'outcome' is terminal\.$",
        ),
    ],
)
def test_impossible_programs_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize("name", ["outcome", "dense", "gated", "process"])
def test_presets_round_trip_through_strict_json(name):
    text = json.dumps(P[name].spec(), allow_nan=False)
    assert Program.from_spec(json.loads(text)) == P[name]


def test_a_bare_node_becomes_a_custom_program():
    program = Program.from_spec({"node": "source", "key": "x", "hi": "inf"})
    assert program == Program("custom", Source("x"))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "needs the fields 'program' and 'root'"),
        (3, "needs the fields 'program' and 'root'"),
        ({"root": {"node": "sourc", "key": "x"}}, r"root: unknown node 'sourc'.*'source'\?"),
        ({"root": {"node": "source"}}, "root: node 'source' needs the field 'key'"),
        ({"root": {"node": "source", "kee": "x"}}, r"unknown field of source 'kee'.*'key'\?"),
        ({"root": 5}, "root: expected an object with a field 'node', got 5"),
        ({"root": {"node": "scale", "of": 1, "factor": 2}}, "Scale.of must be a reward node"),
        (
            {"root": {"node": "sum", "of": [{"node": "gat"}]}},
            r"root.of\[0\]: unknown node 'gat'.*'gate'\?",
        ),
        ({"root": {"node": "sum", "of": [1]}}, "Sum.of must hold reward nodes, got 1"),
        ({"root": {"node": "sum", "of": 1}}, "Sum.of must be a list, got 1"),
        ({"rot": 1, "root": {"node": "constant"}}, r"reward program 'rot'.*'root'\?"),
    ],
)
def test_bad_json_names_the_path(spec, message):
    with pytest.raises(ConfigError, match=message):
        Program.from_spec(spec)


def test_defaults_are_left_out_and_infinities_are_words():
    spec = Program("p", Clip(OUTCOME, -inf, 0.4)).spec()
    assert spec["root"] == {
        "node": "clip",
        "of": {"node": "source", "key": "outcome", "scope": "episode", "lo": 0.0, "hi": 1.0},
        "hi": 0.4,
    }


@dataclass(frozen=True)
class Either(Reading):
    """Reads a text or a tuple."""

    kind: ClassVar[str] = "test.either"

    of: str
    scope: Scope = "step"

    @property
    def types(self):
        return {self.of: TEXT | ITEMS}

    @property
    def bounds(self):
        return Bounds(0.0, 1.0)


FLAG = {"flag": {"type": "bool", "lo": -inf, "hi": inf}}


@pytest.mark.parametrize(
    ("root", "kinds", "message"),
    [
        (
            Source("b") + Source("a"),
            {},
            "reward=\"p\" needs evidence 'a', 'b'; E supplies nothing.",
        ),
        (
            Source("goal"),
            {"goal": {"type": "str"}},
            "reward=\"p\" reads evidence 'goal' as a number, but E declares it as str.",
        ),
        (
            Either("goal"),
            {"goal": {}},
            "reward=\"p\" reads evidence 'goal' as str or tuple, but E declares it as float.",
        ),
        (
            Source("flag", lo=0, hi=0.5),
            FLAG,
            "reward=\"p\" reads evidence 'flag' with bounds [0, 0.5], but E declares [0, 1].",
        ),
        (
            Source("flag", lo=0.5, hi=1),
            FLAG,
            "reward=\"p\" reads evidence 'flag' with bounds [0.5, 1], but E declares [0, 1].",
        ),
        (
            Source("x", lo=0, hi=1),
            {"x": {"hi": 5.0}},
            "reward=\"p\" reads evidence 'x' with bounds [0, 1], but E declares [0, 5].",
        ),
        (
            Source("x", lo=0, hi=1),
            {"x": {"lo": -0.5}},
            "reward=\"p\" reads evidence 'x' with bounds [0, 1], but E declares [-0.5, 1].",
        ),
    ],
)
def test_check_says_in_one_sentence_what_does_not_fit(root, kinds, message):
    with pytest.raises(EvidenceError) as caught:
        Program("p", root).check(declared(**kinds), "E")
    assert str(caught.value) == message


def test_check_takes_bools_and_numbers_whose_bounds_are_unknown():
    Program("p", Source("flag", lo=0, hi=1)).check(declared(**FLAG), "E")
    Program("p", Source("x", lo=0, hi=1)).check(declared(x={"hi": inf}), "E")


def test_composition_names_and_nests():
    bonus = Source("bonus")
    assert P["outcome"] + bonus == Program("outcome+bonus", P["outcome"].root + bonus)
    both = P["dense"] + P["process"]
    assert [(0.5 * p).name for p in (P["dense"], both)] == ["0.5*dense", "0.5*(dense+process)"]
    assert (both * 2).root == both.root * 2
    for wrong in (True, "2", None):
        with pytest.raises(TypeError):
            P["dense"] * wrong
    with pytest.raises(TypeError):
        P["dense"] + 1


@pytest.mark.parametrize(
    ("root", "direction"),
    [
        (-Source("x"), "down"),
        (-(-Source("x") + 1 * Source("y")), "up"),
        (Clip(-Source("x"), hi=0), "down"),
        (Source("x") + Source("x"), "up"),
        (Source("x") - Source("x"), "none"),
        (Source("x") - Source("x") + Source("x"), "none"),
    ],
)
def test_directions_multiply_along_a_path_and_must_agree_between_paths(root, direction):
    assert Program("p", root).monotone["x"] == direction


def test_the_tree_shows_names():
    tree = Program("p", Source("x", lo=0, hi=1, name="kept")).tree()
    assert tree.splitlines() == ["p  online  total [0, inf]", "  x 'kept'  online step [0, 1]"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (True, "field 'v' of a reward program must be 1, got True."),
        (0, "field 'v' of a reward program must be 1, got 0."),
        ("1", "field 'v' of a reward program must be 1, got '1'."),
        (
            2,
            "the reward program has schema version 2, which is newer than the 1 that this envgym"
            " reads; update envgym.",
        ),
    ],
)
def test_versions_that_cannot_be_read_are_named(version, message):
    with pytest.raises(ConfigError) as caught:
        Program.from_spec({"v": version, "root": {"node": "constant"}})
    assert str(caught.value) == message


def test_a_file_without_version_and_name_is_a_custom_program_of_version_1():
    root = {"node": "constant"}
    assert Program.from_spec({"root": root}) == Program.from_spec({"v": 1, "root": root})
    assert Program.from_spec({"root": root}).name == "custom"
    with pytest.raises(ConfigError) as caught:
        Program.from_spec({})
    assert str(caught.value) == (
        "a reward program needs the fields 'program' and 'root', or must be a node."
    )


def test_a_program_for_one_episode_leaves_out_what_compares():
    shared = 2 * GroupNormalised(OUTCOME)
    both = Program("p", Sum((3 * Source("x", name="kept"), shared)))
    assert Program("p", OUTCOME).alone == Program("p", OUTCOME)
    assert both.alone.name == "p.alone"
    assert [s[:2] for s in both.alone.summands] == [("kept", 3.0), ("constant", 1.0)]


def nested(levels):
    node = OUTCOME
    for _ in range(levels - 1):
        node = Clip(node, hi=1)
    return node


def test_a_program_may_be_nested_to_a_limit_in_code_and_in_json():
    deep = Program("p", nested(DEPTH))
    assert Program.from_spec(deep.spec()) == deep
    message = f"the reward program is nested deeper than {DEPTH} nodes."
    with pytest.raises(ConfigError) as caught:
        Program("p", nested(DEPTH + 1))
    assert str(caught.value) == message
    with pytest.raises(ConfigError) as caught:
        from_spec({"node": "clip", "of": to_spec(nested(DEPTH))})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "shown"),
    [("x" * 78, repr("x" * 78)), ("x" * 79, "'" + "x" * 76 + "...")],
    ids=["as long as fits", "longer"],
)
def test_what_is_shown_of_a_wrong_node_is_short(value, shown):
    with pytest.raises(ConfigError) as caught:
        from_spec(value)
    assert str(caught.value) == f"root: expected an object with a field 'node', got {shown}."


def test_infinite_thresholds_keep_their_sign_in_json():
    for threshold, word in ((inf, "inf"), (-inf, "-inf")):
        node = threshold < OUTCOME
        assert to_spec(node)["threshold"] == word
        assert from_spec(to_spec(node)) == node


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ((("a",),), "Lookup.table must hold pairs of a text and a number, got ('a',)."),
        (("ab",), "Lookup.table must hold pairs of a text and a number, got 'ab'."),
        ((5,), "Lookup.table must hold pairs of a text and a number, got 5."),
        (((1, 2.0),), "Lookup.table must be text, got 1."),
        ((("a", "b"),), "Lookup.table must be a number, got 'b'."),
        ((("a", inf),), "Lookup.table must be finite, got inf."),
    ],
)
def test_pairs_of_a_text_and_a_number_are_checked(table, message):
    with pytest.raises(ConfigError) as caught:
        Lookup("text", table)
    assert str(caught.value) == message


def test_replay_pays_the_agent_it_is_told_and_closes_as_the_records_do():
    start, end = {"end": None}, {"outcome": 1, "end": "task"}
    played = P["outcome"].replay([start, start, end], agent="buyer")
    assert {entry.agent for entry in played.ledger} == {"buyer"}
    assert (played.open, played.ended, played.total) == (False, True, 1.0)
    cut = P["outcome"].replay([start, start], ended=False)
    assert (cut.open, cut.ended) == (False, False)
    with pytest.raises(ConfigError, match="the last record says end=None"):
        P["outcome"].replay([start, end, start])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ddof": True}, "GroupNormalised.ddof must be a whole number, got True."),
        ({"ddof": 0.5}, "GroupNormalised.ddof must be a whole number, got 0.5."),
        ({"clamp": 1}, "GroupNormalised.clamp must be true or false, got 1."),
    ],
)
def test_whole_numbers_and_flags_are_checked(options, message):
    with pytest.raises(ConfigError) as caught:
        GroupNormalised(OUTCOME, "grpo", **options)
    assert str(caught.value) == message
