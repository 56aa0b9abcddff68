"""Likelihood rewards: worked numbers and laws (A11)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.likelihood.contrast import density_ratio, follow_up
from envgym.rewards.likelihood.dro import dro_rewards, dro_signal
from envgym.rewards.likelihood.reference import reference_logprob, verifree
from envgym.rewards.likelihood.rlpr import StdFilter, mean_probability, rlpr_rewards
from envgym.rewards.likelihood.sar import perplexity, sar_rewards, sar_total
from envgym.types import ConfigError

logs = hnp.arrays(float, (3, 4), elements=st.floats(-6, 0).map(lambda x: round(x, 3)))
lengths = hnp.arrays(int, 3, elements=st.integers(1, 4))
chances = hnp.arrays(float, 3, elements=st.floats(0, 1))


def mask_of(length):
    return np.arange(4)[None, :] < length[:, None]


def test_cookbook_a11():
    assert rlpr_rewards([0.62], 0.35) == pytest.approx([0.27])
    assert verifree([[math.log(0.9)] * 50]) == pytest.approx([0.005], abs=1e-3)
    assert sar_rewards([12.0], [8.0]) == pytest.approx([0.333], abs=1e-3)
    assert sar_total([1.0], sar_rewards([12.0], [8.0])) == pytest.approx([1.0667], abs=1e-3)


@given(logs, lengths)
def test_l1_l9_of_every_reading_of_tokens(values, length):
    mask = mask_of(length)
    spoiled = np.where(mask, values, np.nan)
    for function, lo, hi in (
        (reference_logprob, -6, 0),
        (verifree, 0, 1),
        (mean_probability, 0, 1),
        (perplexity, 1, math.exp(6)),
    ):
        found = function(values, mask)
        assert ((found >= lo - 1e-9) & (found <= hi + 1e-9)).all()
        np.testing.assert_array_equal(function(spoiled, mask), found)
    # By Jensen the mean of probabilities is at least the geometric one.
    geometric = np.exp(reference_logprob(values, mask))
    assert (mean_probability(values, mask) >= geometric - 1e-12).all()
    np.testing.assert_allclose(perplexity(values, mask), 1 / geometric)


@given(st.floats(-3, -0.1), st.integers(1, 40))
def test_length_counts_for_verifree_only(per_token, length):
    tokens = [[per_token] * length]
    assert reference_logprob(tokens) == pytest.approx([per_token])
    assert verifree(tokens) == pytest.approx([math.exp(per_token * length)])


@given(chances, st.floats(0, 1), st.floats(0, 1))
def test_reasoning_that_changes_nothing_scores_nothing(given_, alone, more):
    assert not rlpr_rewards(given_, given_).any()
    found = rlpr_rewards(given_, alone)
    assert ((found >= 0) & (found <= 1)).all()
    better = rlpr_rewards(np.minimum(given_ + more, 1.0), alone)
    assert (better >= found).all()
    shaped = rlpr_rewards(given_, alone, shape="threshold", threshold=0.2)
    assert set(np.unique(shaped[shaped != found])) <= {0.0}
    soft = rlpr_rewards(given_, alone, shape="sigmoid")
    assert ((soft > 0) & (soft < 1) | np.isclose(soft, 1)).all()


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=4), max_size=5))
def test_the_filter_holds_its_whole_state(batches):
    state = StdFilter()
    mean = None
    for batch in batches:
        now = sum(batch) / len(batch)
        mean = now if mean is None else 0.99 * mean + 0.01 * now
        state = state.updated(batch)
        assert state.mean == pytest.approx(mean)
        assert state.keep(batch) == tuple(std >= 0.5 * state.mean for std in batch)
    assert StdFilter().keep([0.0, 1.0]) == (True, True)
    assert state.updated([]) == state


@given(logs, st.floats(-6, 0))
def test_a_token_that_no_reasoning_moves_has_no_effect(values, constant):
    base = dro_rewards(values)
    still = np.concatenate([values, np.full((3, 1), constant)], axis=1)
    np.testing.assert_allclose(dro_rewards(still), base, atol=1e-9)
    masked = dro_rewards(still, [True] * 4 + [False])
    np.testing.assert_allclose(masked, base, atol=1e-12)


@given(logs, st.permutations([0, 1, 2]))
def test_dro_is_equivariant_and_bounded_by_its_tokens(values, order):
    for weighting in ("proportional", "squared"):
        found = dro_rewards(values, weighting=weighting)
        mixed = dro_rewards(values[order], weighting=weighting)
        np.testing.assert_allclose(mixed, found[order], atol=1e-9)
        if dro_signal(values) > 0:
            assert (found <= values.max(axis=1) + 1e-9).all()
            assert (found >= values.min(axis=1) - 1e-9).all()
        else:
            assert not found.any()


def test_degenerate_groups():
    assert dro_rewards([[-1.0, -2.0]]).tolist() == [0.0]
    assert dro_signal([[-1.0]]) == 0.0
    assert dro_rewards(np.zeros((0, 2))).shape == (0,)
    assert verifree(np.zeros((0, 2))).shape == (0,)


@given(st.floats(1, 100), st.floats(1, 100), st.floats(0, 5))
def test_sar_is_bounded_and_falls_with_perplexity(alone, asked, more):
    found = sar_rewards([alone], [asked])[0]
    assert -1 <= found < 1
    assert sar_rewards([alone], [asked + more])[0] <= found
    assert sar_rewards([alone], [alone])[0] == 0.0


def test_sar_below_a_perplexity_of_two():
    assert sar_rewards([1.5, 1.5, 1.0], [1.2, 4.0, 1.0]) == pytest.approx([0.2, -1.0, 0.0])
    for alone, asked in ((0.99, 2.0), (2.0, 0.99)):
        with pytest.raises(ConfigError, match="perplexities, 1 or more"):
            sar_rewards([alone], [asked])


@given(st.lists(st.floats(-9, 0), min_size=1, max_size=4), st.floats(-5, 5))
def test_contrasts_ignore_a_common_offset(values, offset):
    other = [v / 2 for v in values]
    moved = [v + offset for v in values], [v + offset for v in other]
    assert follow_up(*moved) == pytest.approx(follow_up(values, other), abs=1e-9)
    assert follow_up(values, other) == pytest.approx(-follow_up(other, values), abs=1e-12)
    for per_token in (True, False):
        base = density_ratio([values], [other], per_token=per_token)
        shifted = density_ratio([moved[0]], [moved[1]], per_token=per_token)
        np.testing.assert_allclose(shifted, base, atol=1e-9)
        np.testing.assert_allclose(
            density_ratio([other], [values], per_token=per_token), -base, atol=1e-12
        )


def test_density_ratio_per_token_has_no_length_bias():
    short, long = density_ratio(
        [[-1.0, 0.0], [-1.0, -1.0]], [[-2.0, 0.0], [-2.0, -2.0]], [[True, False], [True, True]]
    )
    assert short == long == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reference_logprob([[0.5]]), "log-probabilities, 0 or less, got 0.5"),
        (lambda: reference_logprob([[0.0]], [[False]]), "a row without a token"),
        (lambda: verifree([[np.nan]]), "must be finite"),
        (lambda: perplexity([[-800.0]]), "overflows"),
        (lambda: rlpr_rewards([1.2], 0.0), "given must be mean probabilities"),
        (lambda: rlpr_rewards([0.2], [np.nan]), "alone must be mean probabilities"),
        (lambda: rlpr_rewards([0.2], [0.1, 0.2]), r"alone \[G\] or one number"),
        (lambda: rlpr_rewards([0.2], 0.1, shape="step"), "unknown shape of rlpr 'step'"),
        (lambda: StdFilter(beta=-1), "beta must be 0 or more"),
        (lambda: StdFilter().keep([np.nan]), "finite std values"),
        (lambda: dro_rewards([-1.0]), r"shape \[G, N\]"),
        (lambda: dro_rewards([[-1.0]], [True, False]), "one entry per reference token"),
        (lambda: dro_rewards([[-1.0]], weighting="cubed"), "unknown weighting of dro"),
        (lambda: sar_rewards([0.5], [2.0]), "perplexities, 1 or more"),
        (lambda: follow_up([], [-1.0]), "positive needs at least one follow-up"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_steep_sigmoid_is_a_step():
    found = rlpr_rewards([0.2, 0.9], 0.0, shape="sigmoid", threshold=0.5, steepness=1e5)
    assert found.tolist() == [0.0, 1.0]
