import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.group.bnpo import BetaNormalised, BetaShape, bnpo
from envgym.rewards.group.normalise import dr_grpo, grpo
from envgym.types import ConfigError

BATCH = [1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1]
GROUPS = [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
binary = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=8)
OUTCOME = Source("outcome", "episode", 0, 1)


def test_cookbook_d2():
    shape = BetaShape.fit([0.25, 0.5, 0.75, 0.5])
    assert (shape.alpha, shape.beta) == pytest.approx((1.833, 1.833), abs=1e-3)
    assert shape.density(0.25) == pytest.approx(1.124, abs=1e-3)
    out = bnpo(BATCH, GROUPS)
    assert out[:4] == pytest.approx([0.667, -0.222, -0.222, -0.222], abs=1e-3)


@given(st.lists(binary, min_size=1, max_size=4))
def test_sums_to_zero_per_group_and_is_finite(groups):
    returns = [x for group in groups for x in group]
    labels = [i for i, group in enumerate(groups) for _ in group]
    out = bnpo(returns, labels)
    assert np.all(np.isfinite(out))
    for i, group in enumerate(groups):
        part = out[np.asarray(labels) == i]
        assert abs(part.sum()) < 1e-9
        if len(set(group)) == 1:
            assert np.all(part == 0)


@given(binary)
def test_alpha_and_beta_one_give_centred_returns(values):
    assert bnpo(values, [0] * len(values)).tolist() == dr_grpo(values).tolist()
    assert BetaShape().weigh(values).tolist() == dr_grpo(values).tolist()


@given(binary.filter(lambda v: 0 < sum(v) < len(v)))
def test_alpha_and_beta_one_and_a_half_are_proportional_to_grpo(values):
    # 1 / pdf of Beta(1.5, 1.5) is pi / 8 over the std of a Bernoulli.
    out = BetaShape(1.5, 1.5).weigh(values)
    assert out == pytest.approx(np.pi / 8 * grpo(values, floor=1e-12), rel=1e-6)


@given(st.floats(0.01, 0.99), st.floats(1, 5), st.floats(1, 5))
def test_the_density_is_that_of_scipy(p, alpha, beta):
    from scipy import stats

    assert BetaShape(alpha, beta).density(p) == pytest.approx(stats.beta(alpha, beta).pdf(p))


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_a_vanishing_density_gives_zero_and_no_nan(p):
    shape = BetaShape(2.0, 2.0)
    assert shape.density(p) == 0
    assert shape.weigh([p, p, p]).tolist() == [0, 0, 0]
    # A mean of 1e-9: the density all but vanishes and the weight stays at its limit.
    tiny = shape.weigh([2e-9, 0.0])
    assert np.all(np.abs(tiny) <= 1e-9 * 1e6)


@pytest.mark.parametrize("means", [[], [0.3], [0.5, 0.5, 0.5], [0, 0], [1, 1], [0.3, 0.1 + 0.2]])
def test_no_variance_between_groups_gives_one_and_one(means):
    assert BetaShape.fit(means) == BetaShape(1.0, 1.0)


def test_an_affine_range_is_mapped_and_several_rewards_are_averaged():
    scaled = [4 * x - 2 for x in BATCH]
    assert bnpo(scaled, GROUPS, lo=-2, hi=2) == pytest.approx(bnpo(BATCH, GROUPS))
    other = BATCH[::-1]
    mean = (bnpo(BATCH, GROUPS) + bnpo(other, GROUPS)) / 2
    assert bnpo([BATCH, other], GROUPS) == pytest.approx(mean)
    mask = [True] * 12 + [False] * 4
    both = bnpo([BATCH, other], GROUPS, mask=mask)
    assert np.all(both[12:] == 0)


@given(st.sampled_from([0.0, 7.0, float("nan"), float("inf")]))
def test_l9_what_is_masked_changes_nothing(filler):
    mask = [True] * 12 + [False] * 4
    filled = BATCH[:12] + [filler] * 4
    out = bnpo(filled, GROUPS, mask=mask)
    assert out.tolist() == [*bnpo(BATCH[:12], GROUPS[:12]).tolist(), 0, 0, 0, 0]


def test_everything_masked_and_nothing_at_all():
    assert bnpo([], []).tolist() == []
    assert bnpo([float("nan")] * 3, [0, 0, 0], mask=[False] * 3).tolist() == [0, 0, 0]


def test_the_node_and_the_arrays_share_one_kernel():
    shape = BetaShape.fit([0.25, 0.5, 0.75, 0.5])
    node = shape.node(OUTCOME)
    assert list(node.over([1, 0, 0, 0])) == bnpo(BATCH, GROUPS)[:4].tolist()
    assert node == BetaNormalised(OUTCOME, shape.alpha, shape.beta)
    assert shape.updated([0.25, 0.5, 0.75, 0.5]) == shape
    wide = shape.node(OUTCOME, -1, 1)
    assert list(wide.over([1, -1, -1, -1])) == list(node.over([1, 0, 0, 0]))


def test_defaults_and_formula_of_the_node():
    assert list(BetaNormalised(OUTCOME).over([1, 0, 0])) == dr_grpo([1, 0, 0]).tolist()
    assert str(BetaNormalised(OUTCOME, 1.5, 2.0)) == "bnpo(outcome, 1.5, 2)"
    assert str(BetaNormalised(OUTCOME, 1.5, 2.0, -1, 1)) == "bnpo(outcome, 1.5, 2, -1, 1)"
    assert BetaShape.fit([0.0, 1.0]) == BetaShape(1.0, 1.0)  # more spread than any Beta has
    skewed = BetaShape.fit([0.1, 0.3])
    # m = 0.2, v = 0.02, k = 7
    assert (skewed.alpha, skewed.beta) == pytest.approx((1 + 7 * 0.2 / 3, 1 + 7 * 0.8 / 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bnpo([3.0, 2.0], [0, 0]), r"must be in \[0, 1\], got 2.5"),
        (lambda: bnpo([1.5, 0.0], [0, 0]), "one lies outside"),
        (lambda: bnpo([1], [0, 1]), "bnpo needs returns, groups and mask of one length"),
        (lambda: bnpo([float("nan")], [0]), "must be finite"),
        (lambda: bnpo([1], [0], lo=1, hi=1), "lo must be less than hi"),
        (lambda: bnpo([[1]], [0], shape=BetaShape()), "one reward"),
        (lambda: BetaShape(0.5, 1), "alpha must be at least 1"),
        (lambda: BetaShape(float("inf"), 1), "alpha must be at least 1, got inf"),
        (lambda: BetaShape.fit([-0.1, 0.5]), r"must be in \[0, 1\], got -0.1 to 0.5"),
        (lambda: BetaNormalised(OUTCOME, 1, 0), "beta must be at least 1"),
        (lambda: BetaNormalised(OUTCOME).over([3.0]), "one lies outside"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
