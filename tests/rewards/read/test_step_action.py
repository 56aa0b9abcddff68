import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program
from envgym.rewards.read.in_box import InBox, ui_r1
from envgym.rewards.read.same import Same, equal
from envgym.rewards.read.tag_format import TagFormat
from envgym.rewards.source import Source
from envgym.types import ConfigError, EvidenceError

coordinate = st.floats(0, 1)
RIGHT = {
    "type": "click",
    "gold_type": "click",
    "point": (0.15, 0.15),
    "gold_box": (0.1, 0.1, 0.2, 0.2),
    "message": "<think>the button</think><answer>click</answer>",
}
PROGRAM = ui_r1(Same("type", "gold_type"), InBox(), TagFormat("think answer"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 3),
        ({"type": "scroll"}, 2),
        ({"point": (0.3, 0.15)}, 2),
        ({"message": "click"}, 2),
        ({"type": "scroll", "point": (), "message": ""}, 0),
    ],
)
def test_cookbook_a3(change, expected):
    assert PROGRAM.settle([RIGHT, RIGHT | change]) == (expected, (expected,))
    assert (PROGRAM.bounds.lo, PROGRAM.bounds.hi) == (0, 3)


def hit(point, box, **options):
    return InBox("p", "b", **options).read({"p": point, "b": box})


@given(coordinate, coordinate)
def test_a_huge_box_pays_no_more_than_its_capped_centre(x, y):
    inside = abs(x - 0.5) <= 0.05 + 1e-12 and abs(y - 0.5) <= 0.05 + 1e-12
    if min(abs(abs(x - 0.5) - 0.05), abs(abs(y - 0.5) - 0.05)) > 1e-9:
        assert hit((x, y), (0, 0, 1, 1), max_area=0.01) == float(inside)
    assert hit((x, y), (0, 0, 1, 1), max_area=1) == 1


def test_a_wide_box_off_the_centre_shrinks_about_its_own():
    # 0.8 by 0.2 is 0.16 of the screen; a cap of 0.04 halves both sides, about (0.5, 0.7).
    box = (0.1, 0.6, 0.9, 0.8)
    for point, inside in (((0.31, 0.66), 1), ((0.69, 0.74), 1), ((0.29, 0.7), 0), ((0.5, 0.76), 0)):
        assert hit(point, box, max_area=0.04) == inside
        assert hit(point, box[2:] + box[:2], max_area=0.04) == inside
        assert hit(point, box, max_area=1) == 1
    assert hit((0.5, 0.5), box, max_area=1) == 0


def test_edges_count_and_corners_may_come_in_any_order():
    assert hit((0.1, 0.2), (0.1, 0.1, 0.2, 0.2)) == 1
    assert hit((0.1, 0.2), (0.2, 0.2, 0.1, 0.1)) == 1
    assert hit((0.0999, 0.2), (0.1, 0.1, 0.2, 0.2)) == 0
    assert hit((5, 5), (0, 0, 10, 10), width=100, height=100) == 1
    assert hit((), (0, 0, 0.1, 0.1)) == hit((0.1, 0.1), ()) == 0
    assert hit(None, ()) is hit((), None) is None


NO_PAIR = [(1,), (1, "a"), (True, 1), (float("nan"), 1), (1, float("inf")), (10**400, 1), (None, 1)]


@pytest.mark.parametrize("point", NO_PAIR)
def test_what_is_no_point_is_a_miss_for_an_agent_may_write_anything(point):
    assert hit(point, (0, 0, 1, 1), max_area=1) == 0
    with pytest.raises(EvidenceError, match="'b' must hold 4 numbers or none"):
        hit(point, (*point, 0, 1))


def test_bad_arguments():
    with pytest.raises(ConfigError, match=r"max_area must be in \(0, 1\], got 0"):
        InBox(max_area=0)
    with pytest.raises(ConfigError, match=r"width and height must be above 0"):
        InBox(width=0)
    with pytest.raises(ConfigError, match=r"got 1 and 0"):
        InBox(height=0)
    with pytest.raises(ConfigError, match=r"ui_r1.form must lie in \[0, 1\]"):
        ui_r1(Same("type", "gold_type"), InBox(), Source("format"))


@given(
    st.recursive(st.none() | st.booleans() | st.integers(0, 1), lambda x: st.lists(x, max_size=2))
)
def test_equality_is_reflexive_and_lists_equal_tuples(value):
    assert equal(value, value)
    if isinstance(value, list):
        assert equal(value, tuple(value))


def test_equality_of_evidence():
    node = Same("a", "b")
    assert node.read({"a": 1, "b": 1.0}) == 1
    assert node.read({"a": True, "b": 1}) == 0
    assert node.read({"a": (1, (True,)), "b": [1, [1]]}) == 0
    assert node.read({"a": None, "b": 1}) is node.read({"a": 1, "b": None}) is None
    loose = Same("a", "b", normalise=True)
    assert node.read({"a": "The Cat", "b": "cat"}) == 0
    assert loose.read({"a": "The Cat", "b": "cat"}) == 1
    assert loose.read({"a": 3, "b": 3}) == 1
    # Texts without words are compared as they are: "+" is not "-".
    assert loose.read({"a": "+", "b": "-"}) == loose.read({"a": "+", "b": "x"}) == 0
    assert loose.read({"a": "+", "b": "+"}) == 1


def test_the_program_survives_json():
    program = Program("ui", PROGRAM)
    assert Program.from_spec(program.spec()) == program
    assert program.needs == {"type", "gold_type", "point", "gold_box", "message"}
