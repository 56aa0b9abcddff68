import json
from math import inf

import pytest

from envgym.rewards import (
    Clip,
    GroupNormalised,
    Mean,
    OnInvalid,
    Program,
    ProgressDelta,
    Source,
    standard_presets,
)
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
        (lambda: Mean((OUTCOME, Source("x"))), "mixes the step value 'x' with the episode"),
        (lambda: ProgressDelta(OUTCOME), "must be an online step value; 'outcome' is terminal"),
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
