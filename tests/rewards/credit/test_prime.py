"""PRIME: token advantages from implicit process rewards (E3)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.log_ratio import log_ratio_rewards
from envgym.rewards.credit.prime import prime_advantages, prime_loss, prime_returns
from envgym.rewards.credit.ragged import to_go
from envgym.rewards.group.normalise import rloo

tokens = hnp.arrays(float, (4, 5), elements=st.floats(-2, 2).map(lambda x: round(x, 3)))
outcomes = hnp.arrays(float, 4, elements=st.sampled_from([0.0, 1.0]))
lengths = hnp.arrays(int, 4, elements=st.integers(1, 5))


def mask_of(length):
    return np.arange(5)[None, :] < length[:, None]


def by_hand(rewards, scores, mask, process, outcome):
    """The recipe, spelled out token by token."""
    size = len(scores)
    out = np.zeros(rewards.shape)
    for i in range(size):
        places = np.flatnonzero(mask[i])
        means = [rewards[j][mask[j]].mean() for j in range(size)]
        for n in places:
            out[i, n] = process * (rewards[i, n] * size - sum(means)) / (size - 1)
        out[i, places[-1]] += outcome * (scores[i] - (scores.sum() - scores[i]) / (size - 1))
    return np.where(mask, to_go(out), 0.0)


def test_cookbook_e3():
    """The example of E2: the token reward is the same beta * log ratio."""
    rewards = log_ratio_rewards([[-2.1], [-2.5]], [[-2.5], [-2.5]])
    assert rewards[0, 0] == pytest.approx(0.02)
    found = prime_returns(rewards, [1, 0], process=1.0, outcome=1.0)
    assert found[:, 0] == pytest.approx([0.02 * 2 - 0.02 + 1.0, -0.02 - 1.0])


@given(tokens, outcomes, lengths)
def test_equals_the_recipe_spelled_out(rewards, scores, length):
    mask = mask_of(length)
    found = prime_returns(rewards, scores, mask, process=2.0, outcome=3.0)
    np.testing.assert_allclose(found, by_hand(rewards, scores, mask, 2.0, 3.0), atol=1e-9)


@given(outcomes, lengths)
def test_equal_models_leave_the_outcome_at_every_token(scores, length):
    mask = mask_of(length)
    found = prime_returns(np.zeros((4, 5)), scores, mask, outcome=1.0)
    np.testing.assert_allclose(found, np.where(mask, rloo(scores)[:, None], 0.0), atol=1e-12)


@given(tokens, outcomes, lengths)
def test_whitened_over_the_tokens_of_the_batch(rewards, scores, length):
    mask = mask_of(length)
    found = prime_advantages(rewards, scores, mask)
    assert found[mask].mean() == pytest.approx(0.0, abs=1e-9)
    if np.ptp(prime_returns(rewards, scores, mask)[mask]) > 1e-2:
        assert found[mask].var(ddof=1) == pytest.approx(1.0, abs=1e-3)


@given(tokens, outcomes, lengths, st.randoms())
def test_l4_l9(rewards, scores, length, random):
    mask = mask_of(length)
    base = prime_advantages(rewards, scores, mask)
    assert not base[~mask].any()
    spoiled = np.where(mask, rewards, np.inf)
    np.testing.assert_array_equal(prime_advantages(spoiled, scores, mask), base)
    order = list(range(4))
    random.shuffle(order)
    mixed = prime_returns(rewards[order], scores[order], mask[order])
    np.testing.assert_allclose(mixed, prime_returns(rewards, scores, mask)[order], atol=1e-9)


def test_two_tokens_are_enough_to_whiten():
    found = prime_advantages([[0.0], [0.0]], [1, 0])
    assert found[:, 0] == pytest.approx([0.7071, -0.7071], abs=1e-3)


def test_groups_and_lone_rollouts():
    rewards, scores = np.ones((3, 2)), [1.0, 0.0, 1.0]
    found = prime_returns(rewards, scores, groups=[0, 0, 1], outcome=1.0)
    assert found[2].tolist() == [0.0, 0.0]
    assert found[0].tolist() == [1.0, 1.0]
    assert not prime_advantages(rewards[:1], [1.0]).any()
    assert prime_advantages(np.zeros((0, 3)), []).shape == (0, 3)


@given(st.floats(-30, 30))
def test_the_loss_is_binary_cross_entropy(score):
    chance = 1 / (1 + math.exp(-score))
    assert prime_loss([[score]], [1.0]) == pytest.approx(-math.log(chance), abs=1e-6)
    assert prime_loss([[score]], [0.0]) == pytest.approx(score - math.log(chance), abs=1e-6)
    assert prime_loss(np.zeros((0, 1)), []) == 0.0
