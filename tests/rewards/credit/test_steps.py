"""Log-ratios, sums of tokens by step, and values of steps on tokens (E2, E3, E17)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.log_ratio import log_ratio_rewards
from envgym.rewards.credit.steps import sum_by_step, to_tokens
from envgym.types import ConfigError

logs = hnp.arrays(float, (3, 5), elements=st.floats(-9, 0))
places = hnp.arrays(int, (3, 5), elements=st.integers(-1, 3))


def test_cookbook_e17():
    assert log_ratio_rewards([[-2.1]], [[-2.5]])[0, 0] == pytest.approx(0.02)


@given(logs, logs)
def test_equal_policies_earn_nothing_and_swapping_them_turns_the_sign(a, b):
    assert not log_ratio_rewards(a, a).any()
    np.testing.assert_allclose(log_ratio_rewards(a, b), -log_ratio_rewards(b, a), atol=1e-12)


@given(logs, logs, places)
def test_steps_sum_to_the_implicit_reward_of_the_text(a, b, steps):
    tokens = log_ratio_rewards(a, b)
    by_step = sum_by_step(tokens, steps, 4)
    counted = np.where(steps >= 0, tokens, 0.0).sum(axis=1)
    np.testing.assert_allclose(by_step.sum(axis=1), counted, atol=1e-9)
    every = np.zeros((3, 5), int)
    whole = sum_by_step(tokens, every)
    assert whole.shape == (3, 1)
    whole = whole[:, 0]
    np.testing.assert_allclose(whole, 0.05 * (a.sum(axis=1) - b.sum(axis=1)), atol=1e-9)


@given(logs, places)
def test_tokens_of_no_step_do_not_matter(tokens, steps):
    spoiled = np.where(steps < 0, np.nan, tokens)
    np.testing.assert_array_equal(sum_by_step(tokens, steps, 4), sum_by_step(spoiled, steps, 4))


@given(hnp.arrays(float, (3, 4), elements=st.floats(-5, 5)), places)
def test_every_token_of_a_step_carries_its_value(values, steps):
    tokens = to_tokens(values, steps)
    for i, n in np.ndindex(steps.shape):
        assert tokens[i, n] == (values[i, steps[i, n]] if steps[i, n] >= 0 else 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sum_by_step([[1.0]], [[0.5]]), "steps must be whole numbers"),
        (lambda: sum_by_step([[1.0]], [[2]], 2), "length must be 3 or more, got 2"),
        (lambda: to_tokens([[1.0]], [[1]]), "a value for every step named"),
        (lambda: to_tokens([[1.0]], [[0], [0]]), "for 2 rows"),
        (lambda: log_ratio_rewards([[0.0]], [[0.0, 0.0]]), "its mask"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
