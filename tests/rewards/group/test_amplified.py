import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.group.amplified import Amplified, amplified, amplify
from envgym.rewards.group.normalise import dr_grpo
from envgym.types import ConfigError

values = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=1, max_size=8)


def test_cookbook_d8():
    assert amplify([1, 0.4, 0.1, 0.1]) == pytest.approx([1, 0, -0.3, -0.3], abs=1e-9)


@given(values)
def test_l8_factor_one_below_the_top_is_centred(returns):
    assert amplify(returns, factor=1.0, top=99.0) == pytest.approx(dr_grpo(returns), abs=1e-12)


@given(values, st.floats(0.1, 5))
def test_negative_scores_are_unchanged_and_positive_ones_multiplied(returns, factor):
    base = float(np.mean(returns))
    for a, r in zip(amplify(returns, factor=factor, top=3.0), returns, strict=True):
        score = r - base
        assert a == pytest.approx(factor * score if score >= 0 else score, abs=1e-9)


@given(values)
def test_a_perfect_return_scores_one(returns):
    assert all(a == 1 for a, r in zip(amplify(returns), returns, strict=True) if r >= 1)


@given(values, st.floats(0.05, 5))
def test_the_soft_baseline_lies_between_mean_and_best(returns, temperature):
    out = amplify(returns, baseline="soft", temperature=temperature, factor=1.0, top=9.0)
    base = returns[0] - out[0]
    assert np.mean(returns) - 1e-9 <= base <= max(returns) + 1e-9


def test_the_soft_baseline_is_log_mean_exp():
    out = amplify([1.0, 0.0], baseline="soft", temperature=0.5, factor=1.0, top=9.0)
    assert 1.0 - out[0] == pytest.approx(0.5 * np.log((np.exp(2.0) + 1.0) / 2))
    far = amplify([1.0, -1e6], baseline="soft", temperature=1e-3, factor=1.0, top=9.0)
    assert np.all(np.isfinite(far))


def test_l2_l9_degenerate_groups_and_masks():
    assert amplify([]).tolist() == []
    assert amplify([0.5]).tolist() == [0.0]
    assert amplify([1.0]).tolist() == [1.0]
    out = amplified([0.5, 0.1, float("nan"), 0.3], [0, 0, 0, 1], mask=[1, 1, 0, 1])
    assert out == pytest.approx([0.6, -0.2, 0, 0])


def test_the_node_shares_the_kernel():
    node = Amplified(Source("outcome", "episode"), "soft", 0.5, 2.0, 0.9)
    returns = [0.2, 0.95, 0.5]
    expected = amplify(returns, baseline="soft", temperature=0.5, factor=2.0, top=0.9)
    assert list(node.over(returns)) == expected.tolist()


def test_node_and_function_have_the_same_defaults():
    returns = [0.9, 0.2, 0.4, 1.0]
    for baseline in ("mean", "soft"):
        node = Amplified(Source("outcome", "episode"), baseline)
        assert list(node.over(returns)) == amplify(returns, baseline=baseline).tolist()
    assert amplify([0.6, 0.0]).tolist() == pytest.approx([0.9, -0.3])
    soft = np.log((np.exp(0.6) + 1) / 2)
    assert amplify([0.6, 0.0], baseline="soft") == pytest.approx([3 * (0.6 - soft), -soft])
    assert amplify([0.6, 0.0], factor=0.0) == pytest.approx([0, -0.3])


def test_a_formula_names_what_differs():
    of = Source("outcome", "episode")
    assert str(Amplified(of)) == "amplified(outcome, mean, 3, 1)"
    assert str(Amplified(of, "soft", 0.5)) == "amplified(outcome, soft 0.5, 3, 1)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: amplify([1], temperature=0), "temperature must be more than 0"),
        (lambda: amplify([1], factor=-1), "factor must be at least 0"),
        (lambda: amplify([float("inf")]), "must be finite"),
        (lambda: Amplified(Source("x", "episode"), temperature=-1), "temperature must be more"),
        (lambda: amplify([1.0], baseline="soffft"), "unknown baseline of amplify 'soffft'"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
