"""Reading actions: whatever an agent gives is an action, or one sentence."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.numeric.actions import random_valid, read_action
from envgym.types import Stream

DISCRETE, SLATE = Discrete(5), MultiDiscrete([4, 4])
BOX = Box(np.array([0.0, -1.0]), np.array([1.0, 1.0]), dtype=np.float64)


@pytest.mark.parametrize(
    "given_action", [3, np.int32(3), np.array(3), np.array([3])], ids=["int", "numpy", "0d", "1d"]
)
def test_numbers(given_action):
    found, error = read_action(given_action, DISCRETE, None, None)
    assert (found, error) == (3, None)
    assert type(found) is int


@pytest.mark.parametrize(
    ("given_action", "shown"),
    [
        (5, "5"),
        (-1, "-1"),
        (1 << 70, "1180591620717411303424"),
        (2.0, "2.0"),
        (True, "True"),
        ("2", "'2'"),
        (None, "None"),
        ([2], r"\[2\]"),
        (np.array([1, 2]), "array"),
        (float("nan"), "nan"),
    ],
    ids=["high", "low", "huge", "float", "bool", "text", "none", "list", "two", "nan"],
)
def test_what_is_no_number(given_action, shown):
    found, error = read_action(given_action, DISCRETE, None, None)
    assert found is None
    assert error.startswith("the action must be an integer from 0 to 4, got ")
    assert shown.replace("\\", "") in error


def test_masked_actions():
    mask = np.array([True, False, True, True, True])
    assert read_action(1, DISCRETE, mask, None) == (None, "action 1 is not available now.")
    assert read_action(2, DISCRETE, mask, None) == (2, None)


@pytest.mark.parametrize(
    "given_action",
    [[0.5], [[0.5, 0.0]], [2.0, 0.0], [float("nan"), 0.0], "ab", ["a", "b"], [[1], 2], {}, 0.5],
    ids=["short", "deep", "outside", "nan", "text", "texts", "ragged", "dict", "scalar"],
)
def test_what_is_no_vector(given_action):
    found, error = read_action(given_action, BOX, None, None)
    assert found is None
    assert error.startswith("the action must be one of Box(")


def test_vectors_get_the_spaces_type():
    found, error = read_action([1, 0], BOX, None, None)
    assert error is None
    assert found.dtype == np.float64
    slate, error = read_action((3, 0), SLATE, None, None)
    assert error is None
    assert slate.tolist() == [3, 0]
    assert read_action([3.0, 0.0], SLATE, None, None)[0] is None


def test_a_familys_own_rule():
    def apart(slate):
        return slate[0] != slate[1]

    assert read_action([1, 1], SLATE, None, apart) == (
        None,
        "the action [1, 1] is not available now.",
    )
    assert read_action([1, 2], SLATE, None, apart)[1] is None


@given(seed=st.integers(0, 1000))
def test_random_actions_are_valid(seed):
    stream = Stream(seed, "test")
    mask = np.array([False, True, False, True, False])
    for space, valid in ((DISCRETE, None), (BOX, None), (SLATE, lambda s: s[0] < s[1])):
        own = mask if space is DISCRETE else None
        action = random_valid(stream, space, own, valid)
        assert read_action(action, space, own, valid)[1] is None


@given(junk=st.one_of(st.text(), st.binary(), st.lists(st.none()), st.complex_numbers()))
def test_junk_never_raises(junk):
    for space in (DISCRETE, SLATE, BOX):
        assert read_action(junk, space, None, None)[0] is None
