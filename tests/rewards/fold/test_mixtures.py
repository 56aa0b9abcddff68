"""Combinators that weigh: C10, C11, C12, C14's count bonus, C16."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.fold.blend import blend, two_returns
from envgym.rewards.fold.count_bonus import count_bonus
from envgym.rewards.fold.lagrangian import lagrangian, usefulness
from envgym.rewards.fold.preference import per_user, preference, user_variance
from envgym.rewards.fold.weak_verifiers import (
    Rates,
    estimate_rates,
    informative,
    min_max,
    votes,
)
from envgym.rewards.fold.weaver import weaver
from envgym.rewards.state.multiplier import Multiplier
from envgym.types import ConfigError, Stream

VOTERS = [Source(f"v{k}", "episode", lo=0, hi=1) for k in range(3)]
TPR, FPR = (0.9, 0.6, 0.7), (0.2, 0.4, 0.3)
A, B = Source("a", "episode", lo=0, hi=1), Source("b", "episode", lo=0, hi=1)
rate, unit = st.floats(0.05, 0.95), st.floats(0, 1)


def value(node, **last):
    return node.settle([{}, last])[0]


def posterior(bits, tpr=TPR, fpr=FPR, prior=0.5):
    node = weaver(VOTERS, tpr, fpr, prior)
    return value(node, **{f"v{k}": b for k, b in enumerate(bits)})


# C10


@pytest.mark.parametrize(("bits", "expected"), [((1, 1, 0), 0.743), ((1, 0, 0), 0.5625)])
def test_cookbook_c10(bits, expected):
    assert posterior(bits) == pytest.approx(expected, abs=1e-3)


@given(st.tuples(*[st.integers(0, 1)] * 3), st.tuples(*[rate] * 3), rate)
def test_a_verifier_with_equal_rates_has_no_effect(bits, rates, prior):
    fpr = (0.3, 0.2, rates[2])
    one = posterior((*bits[:2], 0), rates, fpr, prior)
    assert posterior((*bits[:2], 1), rates, fpr, prior) == pytest.approx(one)


@given(st.tuples(*[st.integers(0, 1)] * 3), st.integers(0, 2), rate)
def test_the_posterior_rises_with_each_useful_vote(bits, which, prior):
    with_vote = tuple(1 if k == which else b for k, b in enumerate(bits))
    assert posterior(with_vote, prior=prior) >= posterior(bits, prior=prior)
    assert 0 <= posterior(bits, prior=prior) <= 1


def test_weaver_names_bad_arguments():
    with pytest.raises(ConfigError, match="3 verifiers, 2 and 3 rates"):
        weaver(VOTERS, (0.5, 0.5), FPR)
    with pytest.raises(ConfigError, match="rates from 0 to 1"):
        weaver(VOTERS, (2, 0.5, 0.5), FPR)
    with pytest.raises(ConfigError, match="prior must be between 0 and 1"):
        weaver(VOTERS, TPR, FPR, 1.0)


def drawn_votes(count, tpr, fpr, prior, seed=0):
    draws = Stream(seed, "verifiers")
    right = [draws.uniform() < prior for _ in range(count)]
    table = [
        [draws.uniform() < (p if y else q) for p, q in zip(tpr, fpr, strict=True)] for y in right
    ]
    return np.array(table, dtype=float)


@pytest.mark.parametrize("prior", [0.5, 0.3])
def test_rates_are_recovered_without_labels(prior):
    tpr, fpr = (0.9, 0.6, 0.7, 0.8), (0.2, 0.4, 0.3, 0.4)
    rates = estimate_rates(drawn_votes(4000, tpr, fpr, prior), prior)
    assert rates.tpr == pytest.approx(tpr, abs=0.06)
    assert rates.fpr == pytest.approx(fpr, abs=0.06)


def test_permuting_the_verifiers_permutes_the_rates():
    table = drawn_votes(500, TPR, FPR, 0.5)
    plain, turned = estimate_rates(table), estimate_rates(table[:, ::-1])
    assert isinstance(plain, Rates)
    assert turned.tpr[::-1] == pytest.approx(plain.tpr, abs=1e-8)


def test_normalising_binarising_and_dropping():
    scores = [[1.0, 5.0, 0.0], [3.0, 5.0, 1.0], [2.0, 5.0, 1.0]]
    stretched = min_max(scores)
    assert stretched.tolist() == [[0, 0.5, 0], [1, 0.5, 1], [0.5, 0.5, 1]]
    assert votes(stretched).tolist() == [[0, 1, 0], [1, 1, 1], [1, 1, 1]]
    assert informative(votes(stretched)).tolist() == [True, False, True]
    assert min_max(np.zeros((0, 2))).shape == (0, 2)
    assert informative(np.zeros((0, 2))).tolist() == [False, False]


def test_verifiers_that_never_agree_beyond_chance_get_equal_rates():
    table = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    rates = estimate_rates(table)
    assert rates.tpr == pytest.approx(rates.fpr)


def test_weak_verifiers_name_bad_arguments():
    with pytest.raises(ConfigError, match="at least 3 verifiers and 2 responses, got 2 and 5"):
        estimate_rates(np.zeros((5, 2)))
    with pytest.raises(ConfigError, match="votes of 0 or 1"):
        estimate_rates(np.full((5, 3), 0.5))
    with pytest.raises(ConfigError, match="finite scores"):
        min_max([[np.nan]])
    with pytest.raises(ConfigError, match=r"shape \(3,\)"):
        votes([1, 2, 3])
    with pytest.raises(ConfigError, match="prior must be between"):
        estimate_rates(np.eye(3), 0.0)


# C11


def test_cookbook_c11():
    mu = Multiplier(limit=0.5, value=0.2, eta=0.1).updated(0.6)
    assert mu.value == pytest.approx(0.21)
    node = lagrangian(A, [B], [mu.coefficient])
    assert value(node, a=1.0, b=0.6) == pytest.approx(1 - 0.21 * 0.6)
    point = usefulness(A, [B], [0.5], [0.2])
    assert value(point, a=1.0, b=0.75) == pytest.approx(0.95)


@given(unit, unit, st.floats(0, 5))
def test_prices_fall_on_costs_only_and_zero_is_free(a, b, mu):
    node = lagrangian(A, [B], [mu])
    assert value(node, a=a, b=b) <= a
    assert value(lagrangian(A, [B], [0.0]), a=a, b=b) == a
    assert value(usefulness(A, [B], [b], [mu]), a=a, b=b) == pytest.approx(a, abs=1e-12)


def test_lagrangian_names_bad_arguments():
    with pytest.raises(ConfigError, match="one per channel, got 0 for 1"):
        lagrangian(A, [B], [])
    with pytest.raises(ConfigError, match="multipliers must be 0 or more"):
        lagrangian(A, [B], [-0.1])
    with pytest.raises(ConfigError, match="'s' is a step value"):
        usefulness(A, [Source("s")], [0.5], [0.1])
    with pytest.raises(ConfigError, match="points must be one per channel"):
        usefulness(A, [B], [], [0.1])


# C12


def test_cookbook_c12_two_returns_and_components():
    node = blend(A, B, (1.0, 0.5, 0.1))
    parts = {p.component: sum(p.amounts) for p in node.explain([{}, {"a": 1, "b": 0.5}]).parts}
    assert parts == {"primary": 1.0, "auxiliary": 0.25, "offset": 0.1}
    assert two_returns(A, B, [{}, {"a": 1, "b": None}]) == (1.0, None)
    assert value(blend(A, B, (1.0, 0.0)), a=0.75, b=0.5) == 0.75
    with pytest.raises(ConfigError, match="two or three numbers, got 1"):
        blend(A, B, (1.0,))


# C14, the count bonus


def test_cookbook_c14_count_bonus():
    node = count_bonus(Source("r", lo=0, hi=1), Source("n", lo=1), beta=0.5, least=0.2)
    rows = [{"r": 0, "n": 1}, {"r": 1, "n": 1}, {"r": 1, "n": 4}, {"r": 0.1, "n": 1}]
    assert node.settle(rows)[1] == (1.0, 0.5, 0.0)
    with pytest.raises(ConfigError, match=r"count_bonus.visits must lie in \[1, inf\]"):
        count_bonus(A, B)
    with pytest.raises(ConfigError, match="beta must be 0 or more"):
        count_bonus(A, Source("n", "episode", lo=1), -1)


# C16


def test_cookbook_c16():
    assert value(preference([A, B], (0.75, 0.25)), a=1.0, b=0.0) == 0.75
    assert value(user_variance([A, B], [(1, 0), (0, 1)]), a=1.0, b=0.0) == 0.25


@settings(max_examples=50)
@given(unit, unit, unit)
def test_a_mixture_lies_between_its_channels(a, b, w):
    node = preference([A, B], (w, 1 - w))
    assert min(a, b) - 1e-12 <= value(node, a=a, b=b) <= max(a, b) + 1e-12


@pytest.mark.parametrize("weights", [(0.5, 0.6), (-0.1, 1.1), (0.5, float("nan"))])
def test_weights_off_the_simplex_are_refused(weights):
    with pytest.raises(ConfigError, match="on the simplex"):
        preference([A, B], weights)


def test_per_user_reports_and_refuses():
    report = per_user([1.0, 0.0, 0.5], ["ann", "ann", "bo"])
    assert report["ann"] == (2, 0.5, 0.25)
    assert report["bo"] == (1, 0.5, 0.0)
    assert per_user([], []) == {}
    with pytest.raises(ConfigError, match="one user per return"):
        per_user([1.0], [])
    with pytest.raises(ConfigError, match="finite returns"):
        per_user([float("inf")], ["ann"])


def test_a_panel_whose_votes_hang_together_by_one_pair_only_is_solved():
    # The third voter is independent of the other two, whose moments are explained by themselves.
    table = np.array([[a, a, c] for a in (0, 1) for c in (0, 1)], dtype=float)
    rates = estimate_rates(table)
    assert rates.tpr[2] == pytest.approx(0.5) and rates.fpr[2] == pytest.approx(0.5)
    assert rates.tpr[0] > rates.fpr[0]
    assert np.all((rates.tpr >= 0) & (rates.tpr <= 1))


def test_a_verifier_that_is_usually_wrong_is_recognised():
    tpr, fpr = (0.9, 0.8, 0.85, 0.2), (0.1, 0.2, 0.15, 0.7)
    rates = estimate_rates(drawn_votes(4000, tpr, fpr, 0.4, seed=5), 0.4)
    assert rates.tpr == pytest.approx(tpr, abs=0.06)
    assert rates.fpr == pytest.approx(fpr, abs=0.06)


def test_rates_stay_rates_where_the_moments_ask_for_more():
    table = drawn_votes(300, (0.9, 0.7, 0.6), (0.1, 0.4, 0.5), 0.5)
    copied = np.column_stack([table, table[:, 0], 1 - table[:, 0]])
    rates = estimate_rates(copied)
    # A copy and its negation agree more than any two independent verifiers could.
    assert (rates.tpr[0], rates.fpr[0]) == (
        pytest.approx(2 * copied[:, 0].mean() - rates.fpr[0]),
        pytest.approx(max(0.0, 2 * copied[:, 0].mean() - 1), abs=1e-9),
    )
    assert rates.fpr[4] - rates.tpr[4] == pytest.approx(rates.tpr[0] - rates.fpr[0])
