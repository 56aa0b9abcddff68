from math import fsum

import pytest

from envgym.rewards import Mean, OnInvalid, Source
from envgym.types import ConfigError

A, B, C = (Source(key, lo=0, hi=1) for key in "abc")


def test_cookbook_a8_weighted_rubric():
    rubric = Mean((A, B, C), (2, 1, 1))
    assert rubric.settle([{"a": 0, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 1}])[0] == 0.75
    assert Mean((A, B, C), (4, 2, 2)).combine([1, 0, 1]) == 0.75


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, 0.25), (None, 0.5)], ids=["answered", "dropped"]
)
@pytest.mark.parametrize("scope", ["step", "episode"])
def test_a_dropped_channel_leaves_and_the_other_weights_are_normalised(scope, value, expected):
    a, b = (Source(key, scope, 0, 1) for key in "ab")
    node = Mean((OnInvalid(a, "drop"), b))
    assert node.settle([{"a": 0, "b": 0}, {"a": value, "b": 0.5}])[0] == expected


def test_without_any_answer_the_mean_is_invalid():
    node = Mean((OnInvalid(A, "drop"), OnInvalid(B, "drop")))
    assert node.settle([{"a": 0, "b": 0}, {"a": None, "b": None}]) == (None, ())
    finals = tuple(OnInvalid(Source(key, "episode", 0, 1), "drop") for key in "ab")
    reason = Mean(finals, name="rubric").signal([{}, {"a": None, "b": None}]).reason
    assert reason == "reward:rubric"


def test_weights_must_fit():
    with pytest.raises(ConfigError, match="one per node, got 1 for 2"):
        Mean((A, B), (1,))
    with pytest.raises(ConfigError, match="must be positive"):
        Mean((A, B), (1, 0))
    with pytest.raises(ConfigError, match=r"^Mean.of needs at least one node\.$"):
        Mean(())


def test_l11_stepping_and_settling_agree_to_the_bit_where_shares_do_not_sum_to_one():
    node = Mean((A, B, C), (1, 6, 15))
    assert fsum((1 / 22, 6 / 22, 15 / 22)) != 1.0
    record = {"a": 0.3, "b": 0.7, "c": 1.0}
    _, stepped = node.step(node.init(), record)
    assert node.settle([record, record]) == (stepped, (stepped,))
    assert stepped == node.combine([0.3, 0.7, 1.0])


def test_a_dropped_step_leaves_a_note_and_no_trace_in_the_weights():
    node = Mean((OnInvalid(A, "drop"), B, C), (2, 1, 1))
    settled = node.explain([{"a": 0, "b": 0, "c": 0}, {"a": None, "b": 1, "c": 0.5}])
    assert settled.attribution == (0.75,)
    assert settled.notes() == ((0, "a", "drop"),)
    assert node.settle([{"a": 0, "b": 0, "c": 0}, {"a": 1, "b": None, "c": 0.5}]) == (None, ())
