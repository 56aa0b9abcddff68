"""Observations in words."""

import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from envgym.interop.pettingzoo_words import described, told


def board():
    planes = np.zeros((3, 3, 2), np.int8)
    planes[0, 2, 0] = planes[1, 1, 0] = planes[2, 0, 1] = 1
    return planes


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "3"),
        (np.int64(-2), "-2"),
        (np.array(0.123456), "0.1235"),
        (-0.0, "0"),
        (True, "1"),
        (None, "nothing"),
        ("a text\nof two lines", "a text\nof two lines"),
        (np.array([1.0, 2.5, -0.0, 1e6]), "1, 2.5, 0, 1e+06"),
        (np.array([True, False]), "1, 0"),
        (np.zeros(0), "nothing"),
        (np.array([[1, 20], [300, 4]]), "  1  20\n300   4"),
        (board(), "3 x 3 x 2 numbers, 0 but for 1 at (from 0):\nplane 0: (0, 2) (1, 1)\n"
         "plane 1: (2, 0)"),
        (np.zeros((2, 2, 2)), "2 x 2 x 2 numbers, all 0"),
        (np.full((1, 1, 2), 0.5), "1 x 1 x 2 numbers: 0.5, 0.5"),
        (np.eye(1, 50, 7)[0], "50 numbers, 0 but for 1 at: 7"),
        (np.arange(50) % 9 < 3, "50 numbers, 0 but for 1 at: 0 to 2, 9 to 11, 18 to 20, 27 to 29, "
         "36 to 38, 45 to 47"),
        (np.stack([np.ones((2, 2)), np.eye(2)], -1), "2 x 2 x 2 numbers, 0 but for 1 at (from 0):\n"
         "plane 0: everywhere\nplane 1: (0, 0) (1, 1)"),
        (np.zeros(50), "50 numbers, 0 but for 1 at: none"),
        ((1, np.array([2, 3])), "part 1: 1\npart 2: 2, 3"),
        ({"observation": np.array([1, 2]), "action_mask": np.ones(2)}, "1, 2"),
        ({"hand": np.array([[1, 2]]), "pot": 3, "action_mask": np.ones(2)}, "hand: 1 2\npot: 3"),
        ({"only": 1}, "only: 1"),
        ({"a": {"b": 1, "c": np.eye(2)}}, "a:\nb: 1\nc:\n1 0\n0 1"),
    ],
)  # fmt: skip
def test_golden(value, words):
    assert told(value) == words


def test_long_ones_are_cut_saying_so():
    assert told(np.arange(500)).endswith("398, 399 (cut: 500 in all)")
    assert told(np.full((84, 84), 7)).endswith("\n(cut: 84 rows of 84 in all)")
    assert told(np.full((84, 84, 3), 7, np.uint8)).endswith("(cut: 21168 in all)")
    most = np.ones((30, 30, 2))
    most[0, 0] = 0
    assert told(most).endswith("\n(cut: 1798 places in all)")
    assert len(told(np.full((1, 5000), 1.23456e-300))) < 6000


@given(
    value=arrays.arrays(
        st.sampled_from([np.float32, np.float64, np.int8, np.uint8, np.bool_]),
        arrays.array_shapes(min_dims=0, max_dims=4, max_side=6),
    )
)
def test_any_array_is_told_the_same_way_twice(value):
    text = told(value)
    assert text == told(value.copy()) and text and len(text) < 20_000


def test_descriptions(monkeypatch):
    class Bare:
        pass

    class Spoken(Bare):
        """# Title

        Two lines
        of prose.

        More.
        """

        metadata = {"name": "spoken_v1"}

        @property
        def unwrapped(self):
            return self

    class Silent(Spoken):
        pass

    assert described(Spoken()) == "spoken_v1: Two lines of prose."
    assert described(Silent()) == "spoken_v1."
    assert described(SimpleNamespace(unwrapped=Bare())) == "Bare."
    # PettingZoo's own environments are described by their modules.
    module = types.ModuleType("pettingzoo.probe.silent")
    module.__doc__ = (
        "\n# Silent\n\n```{figure} x.gif\n\nno prose\n```\n\nThis environment is part of the <a href='..'>x</a>."
        "\n\n| A | B |\n|---|---|\n\nFind the\nother one.\n"
    )
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(Silent, "__module__", module.__name__)
    assert described(Silent()) == "spoken_v1: Find the other one."
