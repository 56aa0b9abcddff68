"""iStar: step advantages beside the episode's (E2)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.istar import istar_advantages, preference_loss
from envgym.rewards.credit.log_ratio import log_ratio_rewards
from envgym.rewards.group.normalise import grpo
from envgym.types import ConfigError

steps = hnp.arrays(float, (4, 3), elements=st.floats(-2, 2).map(lambda x: round(x, 3)))
masks = hnp.arrays(bool, (4, 3))
returns = hnp.arrays(float, 4, elements=st.sampled_from([0.0, 1.0]))


def test_cookbook_e2():
    reward = log_ratio_rewards([[-2.1]], [[-2.5]], beta=0.05)
    assert reward[0, 0] == pytest.approx(0.02)


@given(returns, masks)
def test_an_untrained_reward_leaves_the_episode_part(scores, mask):
    found = istar_advantages(np.zeros((4, 3)), scores, mask)
    np.testing.assert_allclose(found, np.where(mask, grpo(scores)[:, None], 0.0), atol=1e-12)


@given(steps, returns, masks)
def test_the_step_part_covers_every_step_and_sums_to_zero(rewards, scores, mask):
    whole = istar_advantages(rewards, scores, mask)
    episode = istar_advantages(rewards, scores, mask, weight=0.0)
    assert (whole - episode).sum() == pytest.approx(0.0, abs=1e-6)


@given(steps, returns, masks, st.randoms())
def test_l4_and_l9(rewards, scores, mask, random):
    base = istar_advantages(rewards, scores, mask)
    order = list(range(4))
    random.shuffle(order)
    mixed = istar_advantages(rewards[order], scores[order], mask[order])
    np.testing.assert_allclose(mixed, base[order], atol=1e-6)
    spoiled = np.where(mask, rewards, np.nan)
    np.testing.assert_array_equal(istar_advantages(spoiled, scores, mask), base)


def test_groups_are_compared_apart():
    rewards = np.array([[0.1], [0.2], [5.0], [7.0]])
    together = istar_advantages(rewards, [1, 0, 1, 0], groups=[3, 3, 8, 8])
    first = istar_advantages(rewards[:2], [1, 0])
    np.testing.assert_allclose(together[:2], first)


def test_both_parts_weigh_one_by_default():
    found = istar_advantages([[0.02, 0.0], [0.02, 0.0]], [1, 0])
    assert found == pytest.approx(np.array([[2.0, 0.0], [0.0, -2.0]]), abs=1e-3)
    assert preference_loss([0.0, 2.0], [0.0, 0.0]) == pytest.approx((0.6931 + 0.1269) / 2, abs=1e-3)


def test_an_invalid_action_costs_a_tenth():
    base = istar_advantages([[0.0, 0.0]], [1.0])
    refused = istar_advantages([[0.0, 0.0]], [1.0], invalid=[[False, True]])
    assert (refused - base).tolist() == [[0.0, -0.1]]


@given(st.floats(-20, 20), st.floats(0.01, 5))
def test_the_loss_falls_as_the_better_one_leads(gap, more):
    assert preference_loss([gap + more], [0.0]) < preference_loss([gap], [0.0])
    assert preference_loss([], []) == 0.0


def test_unequal_pairs_are_refused():
    with pytest.raises(ConfigError, match="worse must be one row of 2"):
        preference_loss([0.0, 1.0], [0.0])
