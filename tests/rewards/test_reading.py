"""Readings of structured evidence: types checked early, None is invalid, lists count as tuples."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from envgym.rewards import Bounds, Program, Reading, Source
from envgym.rewards.reading import ITEMS, TEXT, items, number, text
from envgym.rewards.signal import Scope
from envgym.rewards.spec import from_spec, node_kinds, to_spec
from envgym.types import ConfigError, Evidence, EvidenceError


@dataclass(frozen=True)
class Cited(Reading):
    """Share of the items that a text names."""

    kind: ClassVar[str] = "test.cited"

    answer: str
    wanted: str
    scope: Scope = "step"

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        return {self.answer: TEXT, self.wanted: ITEMS}

    @property
    def bounds(self) -> Bounds:
        return Bounds(0.0, 1.0)

    def read(self, record):
        said, names = text(record, self.answer), items(record, self.wanted)
        if said is None or not names:
            return None
        return sum(name in said for name in names) / len(names)


NODE = Cited("said", "names")


def records(*said, names=("a", "b")):
    return [{"said": each, "names": names, "end": None} for each in said]


def test_online_and_at_the_end():
    assert NODE.phase == "online"
    assert NODE.settle(records("", "a", "a b")) == (1.5, (0.5, 1.0))
    last = Cited("said", "names", "episode")
    assert last.phase == "terminal"
    assert last.settle(records("", "a", "a b")) == (1.0, (0.0, 1.0))


def test_none_is_invalid_and_a_list_is_a_tuple():
    assert NODE.settle(records("", None)) == (None, ())
    assert NODE.signal(records("", None)).reason == "reward:cited"
    assert NODE.settle(records("", "a", names=["a", "b"])) == (0.5, (0.5,))


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ({"names": ()}, "lacks evidence 'said'; it holds names"),
        ({"said": 3, "names": ()}, "evidence 'said' must be text, got 3"),
        ({"said": "x", "names": "ab"}, "evidence 'names' must be a tuple, got 'ab'"),
    ],
)
def test_wrong_evidence_is_named(record, complaint):
    with pytest.raises(EvidenceError, match=complaint):
        NODE.read(record)


def test_numbers():
    assert number({"x": True}, "x") == 1.0
    assert number({"x": float("nan")}, "x") is None
    assert number({"x": None}, "x") is None
    with pytest.raises(EvidenceError, match="must be a number or bool, got 'a'"):
        number({"x": "a"}, "x")


def test_a_program_checks_the_types_of_what_it_reads():
    program = Program("p", NODE)
    said = Evidence(key="said", type="str", help="")
    program.check({"said": said, "names": Evidence(key="names", type="tuple", help="")}, "E")
    with pytest.raises(EvidenceError, match="reads evidence 'names' as tuple, but E declares it"):
        program.check(
            {"said": said, "names": said.__class__(key="names", type="int", help="")}, "E"
        )
    late = Evidence(key="said", type="str", help="", scope="episode")
    names = Evidence(key="names", type="tuple", help="")
    with pytest.raises(EvidenceError, match=r"use Cited\(..., scope=\"episode\"\)"):
        program.check({"said": late, "names": names}, "E")
    assert program.monotone == {"said": "none", "names": "none"}
    assert program.needs == {"said", "names"}


def test_a_node_of_another_package_is_found_in_json():
    assert node_kinds()["test.cited"] is Cited
    assert from_spec(to_spec(NODE)) == NODE


def test_what_is_no_number_is_refused_and_the_culprit_is_the_reading_itself():
    with pytest.raises(EvidenceError, match=r"must be a number or bool, got \(1,\)"):
        number({"x": (1,)}, "x")
    assert NODE.culprit({"said": None, "names": ("a",)}) == "cited"
    assert NODE.culprit({"said": "a", "names": ("a",)}) == ""
    two = Program("p", Cited("said", "names") + Source("x"))
    books = two.open({"said": "", "names": ("a",), "x": 0, "end": None})
    books.step({"said": "a", "names": ("a",), "x": None, "end": None})
    assert books.reason == "reward:x"


def test_a_reading_outside_its_own_bounds_is_named_and_nan_is_invalid():
    @dataclass(frozen=True)
    class Wild(Cited):
        """Returns what the record says, whatever it promised."""

        kind: ClassVar[str] = "test.wild"

        def read(self, record):
            return record["value"]

    node = Wild("said", "names")
    assert node.settle([{"value": 0.0}, {"value": 0.5}]) == (0.5, (0.5,))
    assert node.settle([{"value": 0.0}, {"value": float("nan")}]) == (None, ())
    with pytest.raises(
        EvidenceError, match=r"'wild' read 5.0, outside its declared bounds \[0, 1\]"
    ):
        node.settle([{"value": 0.0}, {"value": 5.0}])


def test_what_a_node_of_ones_own_lacks_is_named():
    @dataclass(frozen=True)
    class Nameless(Cited):
        """Has no kind of its own."""

        kind: ClassVar[str] = ""

    with pytest.raises(ConfigError, match="Nameless has no kind"):
        to_spec(Nameless("said", "names"))

    @dataclass(frozen=True)
    class Bare(Reading):
        """Forgets everything."""

    with pytest.raises(NotImplementedError, match="Bare must define 'scope'"):
        Bare().phase  # noqa: B018
    with pytest.raises(ConfigError, match="import its module first"):
        from_spec({"node": "acme.unheard_of"})


def test_two_classes_of_one_kind_are_refused():
    made = type("Twin", (Cited,), {"kind": "test.cited", "__module__": "elsewhere"})
    with pytest.raises(ConfigError, match="two node classes have the kind 'test.cited'"):
        node_kinds()
    del made
    gc.collect()
    assert node_kinds()["test.cited"] is Cited
