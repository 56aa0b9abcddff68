"""Credit from values of states: PAV, relative progress, tree values (E4, E5, E6)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.pav import best_of, pav_from_q, pav_rewards
from envgym.rewards.credit.relative_progress import good_steps, relative_progress
from envgym.rewards.credit.tree_values import tree_path, tree_value, tree_weight
from envgym.types import ConfigError

rates = st.floats(0, 1)
paths = hnp.arrays(float, (2, 5), elements=rates)
lengths = hnp.arrays(int, 2, elements=st.integers(0, 4))


@pytest.mark.parametrize(
    ("alpha", "expected"), [(1.0, [0.25, -0.1, 0.6]), (3.0, [0.75, -0.3, 1.8])]
)
def test_cookbook_e4(alpha, expected):
    found = pav_rewards([[0.25, 0.5, 0.4, 1.0]], alpha=alpha)
    assert found[0] == pytest.approx(expected)


@given(paths, lengths, st.floats(0, 5))
def test_progress_telescopes(values, length, alpha):
    mask = np.arange(4)[None, :] < length[:, None]
    found = pav_rewards(values, mask, alpha=alpha)
    for i in range(2):
        whole = alpha * (values[i, length[i]] - values[i, 0])
        assert found[i].sum() == pytest.approx(whole if length[i] else 0.0, abs=1e-9)
    assert not found[~mask].any()
    beyond = np.concatenate([mask, np.zeros((2, 1), bool)], axis=1)
    beyond[:, 1:] |= mask
    spoiled = np.where(beyond, values, np.nan)
    np.testing.assert_array_equal(pav_rewards(spoiled, mask, alpha=alpha), found)


@given(paths)
def test_separate_estimates_agree_where_actions_are_certain(values):
    np.testing.assert_allclose(
        pav_from_q(values[:, 1:], values[:, :-1]), pav_rewards(values), atol=1e-12
    )
    assert not pav_from_q(values, values).any()


@given(rates, rates, st.integers(1, 8))
def test_a_better_prover_is_stronger_and_too_strong_a_one_is_flat(p, q, k):
    low, high = sorted((p, q))
    assert best_of(low, k) <= best_of(high, k) <= best_of(high, k + 1) <= 1.0
    assert best_of(p, 1) == pytest.approx(p)
    flat = best_of([0.25, 0.5, 0.75], 64)
    assert np.ptp(flat) < 1e-7


def test_cookbook_e5():
    assert relative_progress([[0.5]], [[0.625]])[0, 0] == pytest.approx(0.8)
    assert good_steps([[0.5]], [[0.625]]).tolist() == [[1.0]]


@given(hnp.arrays(float, 5, elements=st.floats(0.05, 1)))
def test_relative_progress_telescopes_as_a_product(values):
    found = relative_progress([values[1:]], [values[:-1]])
    assert np.prod(found) == pytest.approx(values[-1] / values[0])


def test_nothing_can_be_lost_where_nothing_could_be_reached():
    assert relative_progress([[0.0, 0.5]], [[0.0, 0.0]]).tolist() == [[1.0, 1.0]]
    assert relative_progress([[9.0, 0.4]], [[1.0, 0.5]], [[False, True]]).tolist() == [[0.0, 0.8]]
    assert good_steps([[9.0, 0.4]], [[1.0, 0.5]], [[False, True]]).tolist() == [[0.0, 1.0]]


def test_cookbook_e6():
    assert tree_weight(0.4, 2, 0.0) == pytest.approx(0.2)
    assert tree_value(0.4, 2, 0.0) == pytest.approx(0.6)


@given(rates, st.integers(0, 9), rates)
def test_tree_values_stay_in_the_unit_interval(value, left, error):
    found = tree_value(value, left, error)
    assert 0.0 <= found <= 1.0 + 1e-12
    assert tree_value(value, left, 0.5) == pytest.approx(value)
    assert tree_value(value, left, 1.0) <= found + 1e-12
    assert tree_value(value, 0, 0.0) == pytest.approx(1.0)


@given(st.integers(1, 9))
def test_a_right_path_rises_evenly(length):
    left = list(range(length - 1, -1, -1))
    found = tree_path(left, [0.0] * length)
    assert found == pytest.approx([(t + 1) / length for t in range(length)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pav_rewards([1.0]), r"values must have the shape \[G, T \+ 1\]"),
        (lambda: pav_rewards([[1.0, 2.0]], [[True, True]]), r"pav.mask must have the shape"),
        (lambda: best_of([1.5]), "success rates, 0 to 1"),
        (lambda: best_of([0.5], 0), "k must be 1 or more, got 0"),
        (lambda: relative_progress([[-1.0]], [[1.0]]), "success rates, 0 or more"),
        (lambda: tree_weight(1.5, 0, 0.0), "v and e in 0 to 1"),
        (lambda: tree_weight(0.5, -1, 0.0), "left must be a whole number"),
        (lambda: tree_path([1], []), "one error per step, got 0 for 1 steps"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
