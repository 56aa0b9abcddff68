import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source
from envgym.rewards.read.set_value import SetValue, set_gain
from envgym.types import ConfigError, EvidenceError

words = st.lists(st.sampled_from("abcd"), max_size=8)
features = st.lists(st.tuples(*[st.floats(-2, 2).map(lambda x: round(x, 2))] * 3), max_size=6)
FORMS = pytest.mark.parametrize("form", ["coverage", "sqrt", "log_det"])


def grown(found):
    return [{"found": tuple(found[:n]), "end": None} for n in range(len(found) + 1)]


def drawn(form, data):
    return data.draw(features if form == "log_det" else words)


def test_cookbook_c14():
    each = set_gain("found", "sqrt").settle(grown(["a", "a", "a"]))[1]
    assert each == pytest.approx((1, 0.414, 0.318), abs=1e-3)


@FORMS
@given(data=st.data())
def test_it_telescopes_and_never_falls(form, data):
    found = drawn(form, data)
    total, each = set_gain("found", form).settle(grown(found))
    assert total == pytest.approx(SetValue("found", form).read({"found": tuple(found)}), abs=1e-9)
    assert all(gain >= -1e-9 for gain in each)


@FORMS
@given(data=st.data())
def test_the_order_does_not_matter(form, data):
    found = drawn(form, data)
    node = SetValue("found", form)
    turned = data.draw(st.permutations(found))
    assert node.read({"found": tuple(found)}) == node.read({"found": tuple(turned)})


@FORMS
@given(data=st.data())
def test_an_item_adds_at_most_what_it_would_have_added_earlier(form, data):
    small, more = drawn(form, data), drawn(form, data)
    item = data.draw(st.sampled_from("abcd")) if form != "log_det" else (1.0, -0.5, 0.25)
    node = SetValue("found", form)

    def gain(base):
        return node.read({"found": (*base, item)}) - node.read({"found": tuple(base)})

    assert gain([*small, *more]) <= gain(small) + 1e-9


def test_weights_name_what_counts():
    node = SetValue("found", weights=(("a", 2.0), ("b", 0.5)))
    assert node.read({"found": ("a", "a", "z")}) == 2.0
    assert str(node.bounds) == "[0, 2.5]"
    assert node.read({"found": ()}) == 0


def test_l1_an_item_in_two_types_pays_its_weight_once():
    node = SetValue("found", weights=(("1", 2.0),))
    assert node.read({"found": (1, "1", 1)}) == node.bounds.hi == 2.0
    root = SetValue("found", "sqrt", weights=(("1", 2.0),))
    assert root.read({"found": (1, "1")}) == pytest.approx(2 * math.sqrt(2))


def test_features_too_large_for_a_determinant_are_invalid_and_not_worth_nothing():
    node = SetValue("found", "log_det")
    assert node.read({"found": ((1e200, 1.0), (1.0, 1e200))}) is None


def test_log_det_of_orthogonal_and_of_repeated_features():
    node = SetValue("found", "log_det")
    assert node.read({"found": ((1, 0), (0, 1))}) == pytest.approx(2 * math.log(2))
    assert node.read({"found": ((1, 0), (1, 0))}) == pytest.approx(math.log(3))
    assert node.read({"found": ()}) == 0


def test_lists_of_a_file_count_as_tuples_and_none_is_invalid():
    node = SetValue("found", "sqrt")
    assert node.read({"found": [["a", 1], ["a", 1]]}) == pytest.approx(math.sqrt(2))
    assert node.read({"found": None}) is None
    assert node.settle([{"found": ()}, {"found": None}]) == (None, ())


def test_it_serialises_and_runs_at_the_end_too():
    node = SetValue("found", "sqrt", (("a", 1.0),), scope="episode") + Source("won", "episode")
    program = Program("set", node)
    assert Program.from_spec(program.spec()) == program
    assert node.settle([{}, {"found": ("a",) * 4, "won": 1}])[0] == 3.0
    assert set_gain("found", weights={"a": 1.0}).phase == "online"


def test_bad_arguments_and_evidence_are_named():
    with pytest.raises(ConfigError, match="weights must be 0 or more"):
        SetValue("found", weights=(("a", -1),))
    with pytest.raises(ConfigError, match="every item once"):
        SetValue("found", weights=(("a", 1), ("a", 2)))
    with pytest.raises(ConfigError, match="no meaning for 'log_det'"):
        SetValue("found", "log_det", (("a", 1),))
    with pytest.raises(ConfigError, match="gain must be more than 0"):
        SetValue("found", "log_det", gain=0)
    with pytest.raises(ConfigError, match=r"form: unknown value 'squirt'.*'sqrt'"):
        SetValue("found", "squirt")
    for bad in (((1, 2), (1,)), ("ab",), ((math.nan,),)):
        with pytest.raises(EvidenceError, match="tuples of finite numbers"):
            SetValue("found", "log_det").read({"found": bad})
    with pytest.raises(EvidenceError, match="must be a tuple, got 3"):
        SetValue("found").read({"found": 3})
