"""Pivotal masks and single-step interventions (E11)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.pivotal import Intervention, first_error, intervention, pivotal
from envgym.types import ConfigError

tables = hnp.arrays(float, (2, 5), elements=st.floats(-2, 2))


@given(tables, st.integers(0, 6))
def test_the_shared_prefix_gets_exactly_nothing(values, pivot):
    found = pivotal(values, [pivot, pivot])
    assert not found[:, :pivot].any()
    np.testing.assert_array_equal(found[:, pivot:], values[:, pivot:])


@given(tables, hnp.arrays(bool, (2, 5)))
def test_no_pivot_is_the_identity_and_padding_stays_silent(values, mask):
    np.testing.assert_array_equal(pivotal(values, [0, 0], mask), np.where(mask, values, 0.0))


def test_interventions():
    assert intervention(["a", "b"], [True, False], "B") == Intervention(("a",), "B")
    assert intervention(["a"], [True], "B") is None
    assert first_error([]) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pivotal([[1.0]], [-1]), "pivots must be 0 or more"),
        (lambda: pivotal([[1.0]], [0.5]), "one whole number per rollout"),
        (lambda: pivotal([[1.0]], [0, 1]), "one whole number per rollout"),
        (lambda: intervention(["a"], [], "B"), "one verdict per step, got 0 for 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
