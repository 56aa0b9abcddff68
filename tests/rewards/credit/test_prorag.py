"""ProRAG: outcome and process advantages (E7)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.prorag import prorag_advantages, prorag_outcome, prorag_step
from envgym.rewards.group.normalise import grpo
from envgym.types import ConfigError

tables = hnp.arrays(float, (4, 3), elements=st.floats(-2, 2).map(lambda x: round(x, 3)))
masks = hnp.arrays(bool, (4, 3))
scores = hnp.arrays(float, 4, elements=st.floats(-1, 3).map(lambda x: round(x, 3)))


@pytest.mark.parametrize(
    ("f1", "formed", "expected"),
    [(0.19, True, 1.0), (0.2, True, 1.4), (1.0, True, 3.0), (0.19, False, -1.0)],
)
def test_cookbook_e7(f1, formed, expected):
    assert prorag_outcome(f1, formed) == pytest.approx(expected)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_malformed_step_loses_to_any_other(a, b):
    assert prorag_step(a, False) <= -1.0 < 1.0 <= prorag_step(b, True) <= 2.0
    assert (prorag_step(a, True) - prorag_step(b, True)) * (a - b) >= 0


@given(scores, tables, masks)
def test_beta_zero_is_grpo_and_retrieved_text_gets_nothing(returns, process, mask):
    whole = grpo(returns, floor=1e-4, ddof=1)
    plain = prorag_advantages(returns, process, mask, beta=0.0)
    np.testing.assert_array_equal(plain, np.where(mask, whole[:, None], 0.0))
    found = prorag_advantages(returns, process, mask)
    assert not found[~mask].any()
    assert (found - plain).sum() == pytest.approx(0.0, abs=1e-6)
    spoiled = np.where(mask, process, np.nan)
    np.testing.assert_array_equal(prorag_advantages(returns, spoiled, mask), found)


def test_both_parts_use_the_sample_std():
    found = prorag_advantages([1, 0], [[1.5, -1.5], [1.5, 1.5]])
    expected = [[0.7070 + 0.25, 0.7070 - 0.75], [-0.7070 + 0.25, -0.7070 + 0.25]]
    assert found == pytest.approx(np.array(expected), abs=1e-3)


def test_positions_of_one_step_share_its_score():
    found = prorag_advantages([0.0, 0.0], [[1.5, 1.5, -1.5], [1.5, 1.5, -1.5]])
    assert found[0, 0] == found[0, 1] > 0 > found[0, 2]


def test_f1_outside_its_range_is_refused():
    with pytest.raises(ConfigError, match="f1 must be 0 to 1, got 1.2"):
        prorag_outcome(1.2, True)
