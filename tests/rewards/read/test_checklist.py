import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.checklist import Checklist
from envgym.types import ConfigError, EvidenceError

ITEMS = (("found", 0.5), ("booked", 0.3), ("told", 0.2))
NAMES = [name for name, _ in ITEMS]
verdicts = st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=4).map(tuple)


def rows(*seen, **more):
    return [{"checks": (), "ok": (), "turn": 0}] + [
        {"checks": checks, "ok": (), "turn": 0} | more for checks in seen
    ]


def test_cookbook_a5():
    node = Checklist("checks", ITEMS)
    records = rows((("found", True),), (), (("booked", True), ("told", False)))[:-1]
    records.append({"checks": (("booked", True),)})
    value, paid = node.settle(records)
    assert value == pytest.approx(0.8)
    assert paid == (0.5, 0, 0.3)


@given(st.lists(verdicts, min_size=1, max_size=6))
def test_the_total_is_the_weight_of_what_was_met(seen):
    node = Checklist("checks", ITEMS)
    value, paid = node.settle(rows(*seen))
    met = {item for checks in seen for item, holds in checks if holds}
    assert value == pytest.approx(sum(dict(ITEMS)[item] for item in met))
    assert 0 <= value <= node.total.hi
    assert all(amount in node.bounds for amount in paid)


@given(st.lists(verdicts, min_size=1, max_size=4))
def test_repeating_satisfied_behaviour_adds_nothing(seen):
    node = Checklist("checks", ITEMS)
    assert node.settle(rows(*seen, *seen))[0] == pytest.approx(node.settle(rows(*seen))[0])


def test_a_criterion_on_a_failed_call_is_not_met():
    node = Checklist("checks", ITEMS, call_ok="ok")
    failed = rows((("found", True, 1),), ok=(True, False))
    worked = rows((("found", True, 0),), ok=(True, False))
    assert node.settle(failed)[0] == 0
    assert node.settle(worked)[0] == 0.5
    unknown = rows((("found", True, 0),), ok=(None,))
    assert node.settle(unknown) == (None, ())


def test_a_call_that_was_never_made_shows_nothing():
    node = Checklist("checks", ITEMS, call_ok="ok")
    for call in (-1, 2, 10**9):
        assert node.read({"checks": (("found", True, call),), "ok": (True, True)}) == 0
    assert node.read({"checks": (("found", True, 1),), "ok": (True, True)}) == 0.5


def test_only_pointed_verdicts_count_when_asked():
    node = Checklist("checks", ITEMS, call_ok="ok", pointed=True)
    assert node.settle(rows((("found", True), ("told", True, 0)), ok=(True,)))[0] == 0.2


def test_a_missed_required_item_stops_the_payments():
    node = Checklist("checks", ITEMS, required=(("found", 1),), turn="turn")
    before = [{"checks": (), "turn": 0}, {"checks": (("told", True),), "turn": 1}]
    late = {"checks": (("found", True), ("booked", True)), "turn": 2}
    assert node.settle([*before, late])[1] == (0.2, 0)
    in_time = {"checks": (("found", True),), "turn": 1}
    assert node.settle([*before, in_time, late])[1] == (0.2, 0.5, 0.3)
    state = node.init()
    for record in (*before, late):
        state, _ = node.step(state, record)
    assert node.stopped(state)
    assert not node.stopped(node.init())
    later = node.step(state, {"checks": (("booked", True),), "turn": 1})
    assert later[1] == 0


def test_unknown_verdicts_are_invalid_and_named():
    node = Checklist("checks", ITEMS, name="cm2")
    assert node.settle(rows((("found", None),))) == (None, ())
    assert node.culprit({"checks": None}) == "cm2"
    assert node.culprit({"checks": ()}) == ""
    timed = Checklist("checks", ITEMS, required=(("found", 1),), turn="turn", name="timed")
    assert timed.culprit({"checks": (), "turn": None}) == "timed"
    assert timed.culprit({"checks": (), "turn": 1}) == ""
    assert timed.settle([{"checks": (), "turn": 0}, {"checks": (), "turn": None}]) == (None, ())
    assert node.read({"checks": (("found", True), ("told", True))}) == 0.7


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ((("fund", True),), "Did you mean 'found'"),
        (((["found"], True),), "unknown item"),
        (("found",), r"must hold \(item, met\)"),
        ((("found", 3),), "must say true or false of 'found'"),
        ((("found", True, True),), "point at a call's position"),
    ],
)
def test_bad_verdicts(checks, message):
    with pytest.raises(EvidenceError, match=message):
        Checklist("checks", ITEMS, call_ok="ok").settle(rows(checks))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": ()}, "needs items, each once"),
        ({"weights": (("a", 1), ("a", 2))}, "needs items, each once"),
        ({"weights": (("a", 0),)}, "of 'a' must be above 0, got 0"),
        ({"required": (("x", 1),), "turn": "turn"}, "unknown item 'x'"),
        ({"required": (("found", 1),)}, "turn must name"),
        ({"pointed": True}, "call_ok must name"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        Checklist("checks", **{"weights": ITEMS} | options)


def test_json_and_phase():
    node = Checklist("checks", ITEMS, required=(("found", 1),), turn="turn", call_ok="ok")
    program = Program("cm2", node)
    assert Program.from_spec(program.spec()) == program
    assert program.phase == "online"
    assert program.needs == {"checks", "turn", "ok"}
    assert program.bounds.hi == pytest.approx(1)
