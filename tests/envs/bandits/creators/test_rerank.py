"""The platform's re-rankers: worked lists, exact determinants, floors."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.bandits.creators.rerank import RERANKERS, greedy, lists, raise_floor

SCORE = np.array([[0.9, 0.8, 0.7, 0.2]])
TOPIC = np.array([0, 0, 1, 2])
CREATOR = np.array([0, 1, 1, 2])
NONE = np.zeros(3)


def told(policy: str, strength: float = 0.5, exposure: np.ndarray = NONE) -> list[int]:
    found = lists(policy, SCORE, TOPIC, CREATOR, exposure, 3, strength)
    return [int(item) for item in found[0]]


def test_worked_lists() -> None:
    """Item 1 repeats the topic of item 0: .8 falls to .4 - .5 (mmr), .64 to .48 (dpp)."""
    assert told("top") == [0, 1, 2]
    assert told("mmr") == [0, 2, 3]
    assert told("dpp") == [0, 2, 1]
    assert told("dpp", 0.99) == [0, 2, 3]
    assert told("boost", 1.0, np.array([6.0, 3.0, 0.0])) == [3, 1, 2]
    assert told("boost", 0.5) == [0, 1, 2]


@pytest.mark.parametrize("policy", RERANKERS)
def test_strength_zero_is_top(policy: str) -> None:
    rng = np.random.default_rng(0)
    score, topic = rng.random((7, 12)), rng.integers(3, size=12)
    creator, exposure = rng.integers(4, size=12), rng.random(4)
    found = lists(policy, score, topic, creator, exposure, 5, 0.0)
    np.testing.assert_array_equal(found, np.argsort(-score, axis=1)[:, :5])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 0.95), st.integers(1, 4))
def test_dpp_is_greedy_by_determinants(seed: int, strength: float, slots: int) -> None:
    rng = np.random.default_rng(seed)
    score, topic = 0.1 + 0.9 * rng.random(6), rng.integers(3, size=6)
    same = topic[:, None] == topic
    kernel = np.outer(score, score) * np.where(np.eye(6, dtype=bool), 1.0, same * strength)
    chosen: list[int] = []
    for _ in range(slots):
        rest = [item for item in range(6) if item not in chosen]
        volume = [np.linalg.det(kernel[np.ix_([*chosen, i], [*chosen, i])]) for i in rest]
        chosen.append(rest[int(np.argmax(volume))])
    assert greedy("dpp", score[None], topic, slots, strength)[0].tolist() == chosen


def test_fair_raises_everyone_to_the_floor() -> None:
    """Four users, two places, three creators; creator 2 is never on top. Floor 2 of 8 / 3."""
    score = np.tile([0.9, 0.8, 0.1], (4, 1)) + np.arange(4)[:, None] * np.array([0.0, 0.0, 0.01])
    creator = np.array([0, 1, 2])
    found = raise_floor(greedy("top", score, creator, 2, 0.0), score, creator, 3, 2)
    assert np.bincount(creator[found].ravel(), minlength=3).tolist() == [4, 2, 2]
    # The places cost least where the newcomer scores most: users 3 and 2.
    assert found.tolist() == [[0, 1], [0, 1], [0, 2], [0, 2]]


def test_fair_takes_nobody_below_the_floor() -> None:
    """Lists of one place: creators 0 and 1 have three each, creator 2 needs two, and takes the
    cheapest one of creator 0 only, who would fall below 2, and then one of creator 1."""
    score = np.array([[0.3, 0.0, 0.2]] * 3 + [[0.0, 0.9, 0.1]] * 3)
    creator = np.array([0, 1, 2])
    found = raise_floor(greedy("top", score, creator, 1, 0.0), score, creator, 3, 2)
    assert found[:, 0].tolist() == [2, 0, 0, 2, 1, 1]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(RERANKERS)), st.floats(0, 1))
def test_lists_repeat_nothing_and_floors_lift_the_lowest(
    seed: int, policy: str, strength: float
) -> None:
    rng = np.random.default_rng(seed)
    users, items, creators = 12, 9, 4
    score = 0.05 + rng.random((users, items)) * rng.random(items)
    topic, creator = rng.integers(3, size=items), rng.integers(creators, size=items)
    found = lists(policy, score, topic, creator, rng.random(creators), 4, strength)
    assert found.shape == (users, 4)
    assert all(len(set(row)) == 4 for row in found.tolist())
    if policy == "fair":
        shown = np.unique(creator)
        before = np.bincount(
            creator[greedy("top", score, topic, 4, 0.0)].ravel(), minlength=creators
        )
        after = np.bincount(creator[found].ravel(), minlength=creators)
        floor = int(strength * users * 4 / creators)
        assert (after[shown] >= np.minimum(before[shown], floor)).all()
        assert after.sum() == before.sum()


def test_short_markets_make_short_lists() -> None:
    assert lists("top", SCORE[:, :2], TOPIC[:2], CREATOR[:2], NONE, 5, 0.5).shape == (1, 2)
    nothing = np.zeros((3, 0))
    none = np.zeros(0, np.int64)
    for policy in RERANKERS:
        assert lists(policy, nothing, none, none, NONE, 5, 0.5).shape == (3, 0)


def test_full_strength_fills_lists_from_one_topic() -> None:
    one = np.zeros(3, np.int64)
    for kind in ("mmr", "dpp"):
        assert sorted(greedy(kind, np.array([[0.3, 0.9, 0.5]]), one, 3, 1.0)[0]) == [0, 1, 2]


def test_mmr_is_its_formula() -> None:
    rng = np.random.default_rng(3)
    score, topic = rng.random(5), np.array([0, 0, 1, 1, 2])
    best: list[int] = []
    for _ in range(3):
        rest = [item for item in range(5) if item not in best]
        held = {int(topic[item]) for item in best}
        best.append(max(rest, key=lambda i: 0.7 * score[i] - 0.3 * (int(topic[i]) in held)))
    assert greedy("mmr", score[None], topic, 3, 0.3)[0].tolist() == best
    assert tuple(best) in set(permutations(range(5), 3))
