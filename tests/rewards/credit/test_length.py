"""Decoupled length: DRPO's weights and loss, DECS's token rewards and curriculum (B11)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.credit.decs import (
    Curriculum,
    decs_advantages,
    decs_rewards,
    necessary_prefix,
)
from envgym.rewards.credit.drpo import drpo_loss, drpo_weights
from envgym.types import ConfigError

answers = st.lists(
    st.tuples(st.integers(1, 30), st.booleans(), st.floats(-4, 0)), min_size=1, max_size=6
)


def columns(rows):
    lengths, correct, scores = (np.array(c) for c in zip(*rows, strict=True))
    return lengths, correct, scores


def test_cookbook_b11():
    found = drpo_weights([100, 200, 400], [True] * 3, scale=1000)
    assert found == pytest.approx([0.705, 0.259, 0.035], abs=1e-3)


def test_cookbook_b11_decs():
    rewards, mask = decs_rewards([150], [400], [True], longest=1000)
    assert rewards[0, 149] == pytest.approx(1.10) and rewards[0, 150] == pytest.approx(1.06)
    assert mask.shape == (1, 400)


@given(answers)
def test_weights_sum_to_one_and_ignore_wrong_answers(rows):
    lengths, correct, _ = columns(rows)
    found = drpo_weights(lengths, correct, scale=30)
    assert found.sum() == pytest.approx(1.0 if correct.any() else 0.0)
    assert (found[correct] > 0).all() and not found[~correct].any()
    alone = drpo_weights(lengths[correct], correct[correct], scale=30)
    np.testing.assert_allclose(found[correct], alone)
    order = np.argsort(lengths[correct], kind="stable")
    assert (np.diff(found[correct][order]) <= 1e-12).all()


@given(answers, st.floats(0.01, 1))
def test_the_loss_rewards_right_and_punishes_wrong(rows, more):
    lengths, correct, scores = columns(rows)
    base = drpo_loss(scores, lengths, correct, scale=30)
    if correct.all() or not correct.any():
        assert base == 0.0
        return
    for i in range(len(rows)):
        raised = scores.copy()
        raised[i] += more
        change = drpo_loss(raised, lengths, correct, scale=30) - base
        assert change < 0 if correct[i] else change > 0
    flat = drpo_loss(scores, lengths, correct, scale=30, tau=1e9)
    weights = drpo_weights(lengths, correct, scale=30)
    assert flat == pytest.approx(scores[~correct].mean() - weights @ scores, abs=1e-4)


@given(answers, st.data())
def test_prefix_tokens_never_lose(rows, data):
    lengths, correct, _ = columns(rows)
    prefixes = np.array([data.draw(st.integers(0, int(n))) for n in lengths])
    rewards, mask = decs_rewards(prefixes, lengths, correct, longest=30)
    assert (mask.sum(axis=1) == lengths).all() and not rewards[~mask].any()
    gains = decs_advantages(rewards, mask)
    np.testing.assert_allclose(gains.sum(axis=0), 0.0, atol=1e-6)
    for i in np.flatnonzero(correct):
        for n in range(prefixes[i]):
            assert rewards[i, n] == pytest.approx(1.1)
            assert gains[i, n] >= gains[:, n][mask[:, n]].max() - 1e-9
            assert gains[i, n] >= -1e-9
    spoiled = np.where(mask, rewards, np.nan)
    np.testing.assert_array_equal(decs_advantages(spoiled, mask), gains)


def test_positions_are_compared_by_their_std_and_empty_answers_may_count():
    found = decs_advantages([[1.1, 1.1], [1.1, 0.0]])
    assert found == pytest.approx(np.array([[0.0, 1.0], [0.0, -1.0]]), abs=1e-4)
    assert drpo_weights([0, 0], [True, True], scale=10).tolist() == [0.5, 0.5]


@given(st.integers(1, 30), st.integers(1, 30))
def test_redundant_tokens_of_the_longer_answer_earn_less(a, b):
    short, long = sorted((a, b))
    rewards, _ = decs_rewards([0, 0], [short, long], [True, True], longest=30)
    assert rewards[0, 0] >= rewards[1, 0] >= 1.0


@pytest.mark.parametrize(
    ("holds", "expected"),
    [([False, True, True], 150), ([True, False, False], 100), ([False] * 3, 400)],
)
def test_the_necessary_prefix_ends_with_the_first_answer(holds, expected):
    assert necessary_prefix([100, 50, 250], holds) == expected


@given(st.lists(st.floats(0, 1), max_size=8))
def test_the_curriculum_follows_the_share_of_necessary_tokens(shares):
    state = Curriculum(kappa=0.5)
    for share in shares:
        state = state.updated(share)
        assert 0.0 <= state.kappa <= 1.0
    if shares:
        expected = 0.5 + 0.2 * (shares[-1] - shares[0])
        assert state.kappa == pytest.approx(expected)
    assert Curriculum(1.0).quota(10) == 10 and Curriculum(0.0).quota(10) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drpo_weights([1], [True], scale=0), "scale and temperature must be more than 0"),
        (lambda: drpo_weights([1], [True, False], scale=1), "one length, 0 or more, and one"),
        (lambda: drpo_loss([0.0], [1], [True], scale=1, tau=0), "tau must be more than 0"),
        (lambda: decs_rewards([3], [2], [True], longest=9), "between 0 and the answer's length"),
        (lambda: decs_rewards([1], [2], [True], longest=0), "longest must be 1 or more"),
        (lambda: decs_rewards([1], [2, 3], [True], longest=9), "of one length"),
        (lambda: necessary_prefix([1], []), "one verdict per chunk"),
        (lambda: Curriculum(kappa=2.0), "kappa must be 0 to 1"),
        (lambda: Curriculum().updated(2.0), "needs a share, 0 to 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
