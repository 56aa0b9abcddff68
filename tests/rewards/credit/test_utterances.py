"""Utterance-level advantages (E16) and duration weights (E15)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.duration import duration_weights
from envgym.rewards.credit.steps import to_tokens
from envgym.rewards.credit.utterances import utterance_advantages
from envgym.types import ConfigError

tables = hnp.arrays(float, (2, 4), elements=st.floats(-2, 2).map(lambda x: round(x, 3)))
times = hnp.arrays(float, (2, 4), elements=st.floats(0, 60).map(lambda x: round(x, 3)))
lengths = hnp.arrays(int, 2, elements=st.integers(0, 4))


def mask_of(length):
    return np.arange(4)[None, :] < length[:, None]


@given(tables, tables, lengths)
def test_utterances_telescope_to_the_return_beyond_the_critic(rewards, values, length):
    mask = mask_of(length)
    found = utterance_advantages(rewards, values, mask)
    for i, n in enumerate(length):
        whole = rewards[i, :n].sum() - (values[i, 0] if n else 0.0)
        assert found[i].sum() == pytest.approx(whole, abs=1e-9)
    assert not found[~mask].any()
    spoiled = [np.where(mask, x, np.nan) for x in (rewards, values)]
    np.testing.assert_array_equal(utterance_advantages(*spoiled, mask), found)


@given(tables, st.floats(0, 1))
def test_a_perfect_critic_leaves_nothing(rewards, gamma):
    values = np.zeros((2, 5))
    for t in range(3, -1, -1):
        values[:, t] = rewards[:, t] + gamma * values[:, t + 1]
    found = utterance_advantages(rewards, values[:, :4], gamma=gamma)
    np.testing.assert_allclose(found, 0.0, atol=1e-9)


def test_tokens_carry_their_utterances_advantage():
    found = utterance_advantages([[0.0, 1.0]], [[0.5, 0.75]])
    assert to_tokens(found, [[0, 0, -1, 1]]).tolist() == [[0.25, 0.25, 0.0, 0.25]]


@given(times, lengths, st.floats(0.1, 10))
def test_durations_weigh_one_on_average_in_any_unit(seconds, length, unit):
    mask = mask_of(length)
    found = duration_weights(seconds, mask)
    if mask.any():
        assert found[mask].mean() == pytest.approx(1.0)
    np.testing.assert_allclose(duration_weights(seconds * unit, mask), found, atol=1e-9)
    np.testing.assert_array_equal(duration_weights(np.where(mask, seconds, -1), mask), found)
    assert not found[~mask].any()


def test_equal_or_unknown_durations_change_nothing():
    assert duration_weights([[2.0, 2.0]]).tolist() == [[1.0, 1.0]]
    assert duration_weights([[0.0, 0.0]]).tolist() == [[1.0, 1.0]]


def test_bad_input():
    with pytest.raises(ConfigError, match="seconds must be 0 or more"):
        duration_weights([[-1.0]])
    with pytest.raises(ConfigError, match="gamma must be 0 to 1, got 2"):
        utterance_advantages([[0.0]], [[0.0]], gamma=2)
