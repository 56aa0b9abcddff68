from dataclasses import replace

import pytest

from envgym.rewards import score
from envgym.rewards.generated.code import from_code, read_statically
from envgym.rewards.generated.evaluate import annotated, evaluate
from envgym.rewards.generated.pin import pin_for_group
from envgym.rewards.generated.schema import ObservationSchema, schema_of
from envgym.rewards.generated.value import Check, Component, GeneratedReward
from envgym.types import ConfigError, Evidence, EvidenceError

OK = (Check("runs", True),)


def test_the_version_is_a_digest_of_what_decides_the_values(good):
    same = replace(good, parent="x", checks=OK, fitness=0.5)
    assert same.version == good.version
    assert len(good.version) == 12
    others = [
        replace(good, body=good.body + "\n"),
        replace(good, schema="x"),
        replace(good, kind="prompt"),
        replace(good, components=good.components[:1]),
        replace(good, components=(Component("near", 0, 2), good.components[1])),
    ]
    assert len({each.version for each in (good, *others)}) == 6


def test_it_is_frozen_and_an_edit_names_its_parent(good):
    with pytest.raises(AttributeError):
        good.body = "x"
    child = good.examined(OK, 0.5).edited(good.body.replace("0.01", "0.02"))
    assert (child.parent, child.checks, child.fitness) == (good.version, (), None)
    diff = child.diff(good).splitlines()
    assert diff[0] == f"--- {good.version}"
    assert [line for line in diff if line.startswith(("-", "+"))][2:] == [
        '-    return {"near": record["progress"], "haste": -0.01 * record["turn"]}',
        '+    return {"near": record["progress"], "haste": -0.02 * record["turn"]}',
    ]
    first = good.diff(None).splitlines()
    assert first[:2] == ["--- nothing", f"+++ {good.version}"]
    assert [line[1:] for line in first[3:]] == good.body.splitlines()


def test_json_round_trip_and_hand_edits_are_noticed(good):
    full = good.examined((*OK, Check("dominance", False, "near", blocks=False)), 0.75)
    data = full.to_json()
    assert GeneratedReward.from_json(data) == full
    with pytest.raises(ConfigError, match="changed by hand"):
        GeneratedReward.from_json({**data, "body": data["body"] + " "})
    for broken in (None, {}, {**data, "components": 3}):
        with pytest.raises(ConfigError, match="no generated reward"):
            GeneratedReward.from_json(broken)


def test_only_a_sound_version_pays(good):
    with pytest.raises(ConfigError, match="it was not checked"):
        good.program()
    with pytest.raises(ConfigError, match="runs: 1 of 2"):
        good.examined((Check("runs", False, "1 of 2"),)).program()
    flagged = good.examined((*OK, Check("dominance", False, "near", blocks=False)))
    assert flagged.sound
    assert flagged.complaints == ("dominance: near",)
    assert flagged.program().components == ("near", "haste")
    with pytest.raises(ConfigError, match="no components"):
        GeneratedReward("prompt", "be strict").examined(OK).program()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "cod"}, "Did you mean 'code'"),
        ({"body": "  "}, "not empty"),
        ({"fitness": float("nan")}, "finite or None"),
        ({"components": (Component("a", 0, 1), Component("a", 0, 1))}, "declared twice"),
    ],
)
def test_wrong_fields_are_named(good, wrong, says):
    with pytest.raises(ConfigError, match=says):
        replace(good, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        ("A", 0, 1),
        ("a b", 0, 1),
        (3, 0, 1),
        ("a", 1, 0),
        ("a", 0, 0),
        ("a", 0, float("inf")),
        ("a", "0", 1),
    ],
)
def test_wrong_components_are_refused(wrong):
    with pytest.raises(ConfigError, match="component"):
        Component(*wrong)


def test_its_evidence_is_read_by_its_program(good, schema, episodes, runner):
    sound = good.examined(OK)
    late = annotated(episodes, sound, evaluate(sound, schema, episodes, runner))
    key = f"generated.{good.version}.near"
    assert [record[key] for record in late[0]] == [0.0, 0.2, 0.5, 1.0]
    program = sound.program()
    assert program.needs == {e.key for e in sound.evidence()}
    program.check({e.key: e for e in sound.evidence()}, "the writer")
    scores = score(late, program)
    assert scores[0].total == pytest.approx(1.7 - 0.06)
    assert scores[0].settled == pytest.approx((0.19, 0.48, 0.97))
    assert key not in episodes[0][0]  # the given records stay as they are


# The schema.


def test_only_declared_keys_reach_the_reward(schema):
    record = {"progress": 0.5, "turn": 3, "secret": 42}
    assert schema.project(record) == {"progress": 0.5, "turn": 3}
    assert schema.project({"progress": float("nan"), "turn": None}) == {
        "progress": None,
        "turn": None,
    }
    with pytest.raises(EvidenceError, match="lacks evidence 'turn'"):
        schema.project({"progress": 0.5})
    with pytest.raises(EvidenceError, match="declared as int, got 0.5"):
        schema.project({"progress": 0.5, "turn": 0.5})


def test_what_is_known_at_the_end_only_is_none_before():
    seen = ObservationSchema((Evidence(key="rank", type="int", help="", scope="episode"),))
    assert seen.project({"turn": 1}) == {"rank": None}
    assert seen.project({"turn": 2, "rank": 3}) == {"rank": 3}
    assert "in the last record only" in seen.describe()


def test_tuples_become_lists_as_in_a_file():
    seen = ObservationSchema((Evidence(key="calls", type="tuple", help=""),))
    assert seen.project({"calls": (("go", (("to", 1),)),)}) == {"calls": [["go", [["to", 1]]]]}


def test_a_schema_leaves_out_what_tells_the_verdict():
    declared = [
        Evidence(key="left", type="int", help=""),
        Evidence(key="solved", type="bool", help=""),
        Evidence(key="outcome", type="float", help="", scope="episode"),
        Evidence(key="screen", type="str", help="", cost="costly"),
        Evidence(key="seconds", type="float", help="", volatile=True),
    ]
    assert schema_of(declared).keys == ("left",)
    assert schema_of(declared, ["screen", "left"]).keys == ("screen", "left")
    with pytest.raises(ConfigError, match="'solved' tells the verdict"):
        schema_of(declared, ["solved"])
    assert schema_of(declared, ["solved"], hidden=()).keys == ("solved",)
    with pytest.raises(ConfigError, match="Did you mean 'left'"):
        schema_of(declared, ["lef"])


def test_a_schema_needs_fields_and_different_ones():
    field = Evidence(key="a", type="int", help="")
    for fields in ((), (field, field)):
        with pytest.raises(ConfigError, match=r"ObservationSchema\.fields"):
            ObservationSchema(fields)


# Reading code.


def test_components_are_read_without_running(good):
    assert good.components == (Component("near", 0, 1), Component("haste", -1, 0))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("def reward(r:", "no Python"),
        ("def reward(r): return {}", "must say COMPONENTS"),
        ("COMPONENTS = {}\ndef reward(r): return {}", "must say COMPONENTS"),
        ("COMPONENTS = dict(a=(0, 1))\ndef reward(r): return {}", "must say COMPONENTS"),
        ("COMPONENTS = {'a': 1}\ndef reward(r): return {}", "must say COMPONENTS"),
        ("COMPONENTS = {'a': (1, 0)}\ndef reward(r): return {}", "lo must be below hi"),
        ("COMPONENTS = {'a': (0, 1)}", "defines no function reward"),
        ("COMPONENTS = {'a': (0, 1)}\ndef reward(): return {}", "exactly one argument"),
        ("COMPONENTS = {'a': (0, 1)}\ndef reward(a, b): return {}", "exactly one argument"),
        ("COMPONENTS = {'a': (0, 1)}\ndef reward(*a): return {}", "exactly one argument"),
        ("#" * 20_001, "at most 20000"),
        ("\x00", "no Python"),
        ("(" * 5_000, "no Python"),
    ],
)
def test_code_outside_the_contract_is_told_why(schema, body, says):
    with pytest.raises(ConfigError, match=says):
        from_code(body, schema)


def test_static_checks_name_imports_and_keys(schema):
    body = "import os, math\nfrom numpy.linalg import norm\nCOMPONENTS = {'a': (0, 1)}\ndef reward(r):\n return {'a': r['progres'] + r.get('turn', 0) + r.get('secret')}"
    imports, keys = read_statically(from_code(body, schema), schema)
    assert not imports.passed
    assert imports.detail.startswith("imports numpy, os; allowed: ")
    assert not keys.passed
    assert "unknown key of the record 'progres'" in keys.detail


# The pin.


def test_a_group_keeps_its_version(good, schema, episodes, runner):
    sound = good.examined(OK)
    pin = pin_for_group("g1", sound)
    late = annotated(episodes, sound, evaluate(sound, schema, episodes, runner))
    pin.check(late)
    other = sound.edited(sound.body + "# v2\n").examined(OK)
    with pytest.raises(ConfigError, match="pinned to the generated reward"):
        pin.allow(other)
    mixed = [
        *late[:2],
        *annotated(episodes[2:], other, evaluate(other, schema, episodes[2:], runner)),
    ]
    with pytest.raises(ConfigError, match="member 2 of group 'g1'"):
        pin.check(mixed)
    with pytest.raises(
        ConfigError, match="member 0 of group 'g1' holds values of generated reward none"
    ):
        pin.check(episodes)
    with pytest.raises(ConfigError, match="cannot be pinned: it was not checked"):
        pin_for_group("g1", good)


@pytest.mark.parametrize("end", [1e101, 10**400, float("inf"), float("nan"), "1", True])
def test_a_declared_range_whose_sums_could_overflow_is_refused(end):
    with pytest.raises(ConfigError, match="its range must be finite numbers from -1e\\+100"):
        Component("a", 0, end)
