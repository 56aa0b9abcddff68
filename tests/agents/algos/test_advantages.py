"""Advantages: known values and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.algos import discounted, episode_advantages, rewards_to_go, turn_advantages

amounts = st.floats(-5, 5).map(lambda x: round(x, 3))
names = st.sampled_from(["rloo", "grpo", "dr_grpo"])


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[list[float]], list[int]]:
    rewards = draw(st.lists(st.lists(amounts, min_size=1, max_size=5), min_size=1, max_size=8))
    groups = draw(st.lists(st.integers(0, 2), min_size=len(rewards), max_size=len(rewards)))
    return rewards, groups


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rloo", [1.0, -1 / 3, -1 / 3, -1 / 3]),
        ("grpo", [1.732, -0.577, -0.577, -0.577]),
        ("dr_grpo", [0.75, -0.25, -0.25, -0.25]),
    ],
)
def test_cookbook_d1(name: str, expected: list[float]) -> None:
    found = episode_advantages([[0, 1], [0], [0, 0, 0], [0]], [4] * 4, name=name)
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_faster_success_is_better_under_a_discount() -> None:
    fast, slow = episode_advantages([[0, 1], [0, 0, 0, 1]], [0, 0], gamma=0.9)
    assert fast > 0 > slow
    assert discounted([0, 0, 0, 1], 0.9) == pytest.approx(0.729)


@given(batches(), names, st.floats(0, 1))
def test_advantages_sum_to_zero_in_every_group(batch, name, gamma) -> None:
    rewards, groups = batch
    found = episode_advantages(rewards, groups, name=name, gamma=gamma)
    for group in set(groups):
        members = [a for a, g in zip(found, groups, strict=True) if g == group]
        assert sum(members) == pytest.approx(0, abs=1e-9)


@given(batches(), names, st.randoms())
def test_l4_order_of_rollouts_does_not_matter(batch, name, random) -> None:
    rewards, groups = batch
    order = list(range(len(rewards)))
    random.shuffle(order)
    straight = turn_advantages(rewards, groups, name=name)
    mixed = turn_advantages([rewards[i] for i in order], [groups[i] for i in order], name=name)
    for place, i in enumerate(order):
        np.testing.assert_allclose(mixed[place], straight[i], atol=1e-9)


@given(batches(), names)
def test_one_turn_each_equals_the_episode_level(batch, name) -> None:
    rewards, groups = batch
    first = [r[:1] for r in rewards]
    per_turn = turn_advantages(first, groups, name=name)
    np.testing.assert_allclose(
        [a[0] for a in per_turn], episode_advantages(first, groups, name=name), atol=1e-12
    )


@given(st.lists(amounts, min_size=1, max_size=6), st.floats(0, 1))
def test_reward_to_go_of_the_first_turn_is_the_return(rewards, gamma) -> None:
    assert rewards_to_go(rewards, gamma)[0] == pytest.approx(discounted(rewards, gamma), abs=1e-9)
