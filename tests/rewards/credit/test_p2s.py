"""P2S: path faithfulness (E14)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.p2s import p2s_rewards, p2s_steps, p2s_table, p2s_weights
from envgym.types import ConfigError

logs = hnp.arrays(float, (3, 2), elements=st.floats(-9, 0))


def test_the_best_suffix_counts_and_the_last_step_is_the_answer():
    assert p2s_steps([[-2.0, -1.0]], [[-2.5, -3.0]], -0.5).tolist() == [2.0, -0.5]
    assert p2s_steps(np.zeros((0, 2)), np.zeros((0, 2)), -0.5).tolist() == [-0.5]


@given(logs, logs, st.floats(-5, 5))
def test_a_common_offset_cancels_and_an_idle_prefix_scores_nothing(given_, masked, offset):
    base = p2s_steps(given_, masked, -1.0)
    np.testing.assert_allclose(p2s_steps(given_ + offset, masked + offset, -1.0), base, atol=1e-9)
    assert not p2s_steps(given_, given_, 0.0).any()


@given(st.integers(1, 20), st.floats(0.1, 20))
def test_weights_rise_and_sum_to_one(length, steepness):
    found = p2s_weights(length, steepness=steepness)
    assert sum(found) == pytest.approx(1.0)
    assert list(found) == sorted(found)
    assert p2s_weights(0) == ()
    assert p2s_weights(3) == pytest.approx((0.0506, 0.3333, 0.6161), abs=1e-4)


def test_any_correct_rollout_switches_to_correctness():
    steps = [[2.0, -0.5], [0.0, -0.5], [1.0, 1.0]]
    dense = p2s_rewards(steps, [False] * 3, [False, False, True])
    assert dense[0] > dense[1] and dense[2] == -1.0
    assert p2s_rewards(steps, [True, False, False]).tolist() == [1.0, 0.0, 0.0]
    malformed = p2s_rewards(steps, [True, False, False], [True, False, False])
    assert malformed[0] == -1.0 and malformed[1] == dense[1]


def test_the_table_asks_the_scorer_for_prefixes_and_their_blanks():
    asked = []

    def score(context, suffix):
        asked.append((context, suffix))
        return -float(len(context))

    given_, masked = p2s_table("Q", ["first", "last"], ["a", "b"], score, blank="_")
    assert asked == [("Q\nfirst", "a\nb"), ("Q\nfirst", "b"), ("Q\n_", "a\nb"), ("Q\n_", "b")]
    assert given_.shape == masked.shape == (1, 2)
    assert p2s_steps(given_, masked, 0.0)[0] == -4.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: p2s_steps([[1.0]], [[1.0, 2.0]], 0.0), "one shape"),
        (lambda: p2s_table("q", ["s"], [], lambda c, s: 0.0), "chain needs at least one step"),
        (lambda: p2s_rewards([[1.0]], [True, False]), "of one length, got 1, 2 and 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_steep_weights_are_those_of_the_later_half():
    assert p2s_weights(4, steepness=1e6) == (0.0, 0.0, 0.5, 0.5)
    assert p2s_weights(1, steepness=1e6) == (1.0,)
    assert p2s_weights(2, steepness=0) == (0.5, 0.5)
    for wrong in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="steepness must be 0 or more"):
            p2s_weights(3, steepness=wrong)
