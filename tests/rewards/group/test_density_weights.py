import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.group.density_weights import density_weights, pass_rates
from envgym.types import ConfigError

rates = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_cookbook_b8():
    weights = density_weights([0.9, 0.9, 0.9, 0.1])
    assert weights == pytest.approx([0.0551, 0.0551, 0.0551, 0.8187], abs=1e-4)
    assert weights[:3].sum() == pytest.approx(0.165, abs=1e-3)
    assert 3 * np.exp(-2 * 0.9) == pytest.approx(0.496, abs=1e-3)  # what they would total raw


@given(st.floats(0.5, 1), st.integers(1, 20))
def test_copies_of_an_easy_test_leave_the_easy_mass_constant(rho, copies):
    mass = density_weights([rho] * copies + [0.0])[:-1].sum()
    assert mass == pytest.approx(density_weights([rho, 0.0])[0], rel=1e-4)


@given(rates, st.data())
def test_l4_permuting_the_tests_permutes_the_weights(rho, data):
    order = data.draw(st.permutations(range(len(rho))))
    moved = density_weights([rho[i] for i in order])
    assert moved == pytest.approx(density_weights(rho)[list(order)], rel=1e-12)


@given(rates)
def test_weights_are_positive_at_most_one_and_sum_to_one_by_sum(rho):
    weights = density_weights(rho)
    assert np.all((weights > 0) & (weights <= 1))
    assert density_weights(rho, by_sum=True).sum() == pytest.approx(1)


def test_l9_masked_turns_do_not_count_towards_the_rates():
    passes = [[[1, 0], [9, 9]], [[0, 0], [1, 1]]]
    assert pass_rates(passes, [[1, 0], [1, 1]]).tolist() == pytest.approx([2 / 3, 1 / 3])
    assert pass_rates(passes, [[0, 0], [0, 0]]).tolist() == [0, 0]
    assert density_weights([]).tolist() == []


def test_near_rates_share_their_weight_as_a_gaussian_does():
    near = np.exp(-0.5)  # 0.1 apart at sigma 0.1
    expected = [np.exp(-2 * rho) / (1 + near) for rho in (0.5, 0.6)]
    assert density_weights([0.5, 0.6], delta=0.0) == pytest.approx(expected, rel=1e-9)
    wide = np.exp(-((0.1 / 0.3) ** 2) / 2)
    assert density_weights([0.5, 0.6], alpha=0.0, sigma=0.3, delta=1.0) == pytest.approx(
        [1 / (2 + wide)] * 2
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: density_weights([1.5]), r"pass rates must be in \[0, 1\]"),
        (lambda: density_weights([0.5], alpha=-1), "alpha must be at least 0"),
        (lambda: density_weights([0.5], alpha=np.inf), "alpha must be at least 0, got inf"),
        (lambda: density_weights([0.5], sigma=np.inf), "sigma must be at least 1e-9, got inf"),
        (lambda: density_weights([0.5], delta=np.inf), "delta must be at least 0, got inf"),
        (lambda: density_weights([0.5], sigma=0), "sigma must be at least 1e-9"),
        (lambda: density_weights([0.5], delta=-1), "delta must be at least 0"),
        (lambda: pass_rates([[1]], [[1]]), r"passes must be \[G, T, J\]"),
        (lambda: pass_rates([[[0.5]]], [[1]]), "must hold 0 or 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_steep_alpha_still_shares_out_one():
    # exp(-800) is 0 in a float: the easiest tests' weights are measured from there.
    assert density_weights([1.0, 1.0], alpha=800, by_sum=True) == pytest.approx([0.5, 0.5])
    assert density_weights([0.0, 1.0], alpha=2000, by_sum=True).tolist() == [1.0, 0.0]
