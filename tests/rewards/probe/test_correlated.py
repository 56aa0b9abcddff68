from math import inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.correlated import (
    CorrelatedProxy,
    certificate,
    chi2_estimate,
    chi2_exact,
    occupancy_penalty,
)
from envgym.types import ConfigError


def test_cookbook_h1():
    assert certificate(0.6, 1.0, 0.5) == pytest.approx(0.724, abs=1e-3)


def test_correlation_one_is_equality_and_none_promises_nothing():
    assert certificate(1.0, 0.7, 5.0) == 0.7
    assert certificate(0.0, 3.0, 0.1) == certificate(-0.5, 3.0, 0.1) == -inf


@given(
    base=st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
    policy=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    proxy=st.lists(st.integers(-5, 5), min_size=3, max_size=3),
    true=st.lists(st.integers(-5, 5), min_size=3, max_size=3),
)
def test_the_bound_holds_for_discrete_cases(base, policy, proxy, true):
    q = np.array(base) / sum(base)
    p = np.array(policy) / sum(policy) if sum(policy) > 0.01 else q
    f, g = np.array(proxy, float), np.array(true, float)
    sds = [float(np.sqrt(q @ (x - q @ x) ** 2)) for x in (f, g)]
    if min(sds) < 1e-6:
        return
    r = float(q @ ((f - q @ f) * (g - q @ g))) / (sds[0] * sds[1])
    if r < 1e-3:
        return
    gains = float(p @ f - q @ f) / sds[0], float(p @ g - q @ g) / sds[1]
    assert gains[1] >= certificate(min(r, 1.0), gains[0], chi2_exact(p, q)) - 1e-6


def test_logits_of_the_true_ratio_give_the_exact_divergence():
    p, q = np.array([0.75, 0.25]), np.array([0.5, 0.5])
    samples = np.repeat(np.log(p / q), [300, 100])
    assert chi2_estimate(samples, trim=0.0) == pytest.approx(chi2_exact(p, q))
    assert chi2_exact(p, q) == 0.25


def test_one_percent_at_each_end_is_left_out():
    logits = [0.0] * 98 + [-50.0, 50.0]
    assert chi2_estimate(logits) == 0.0
    assert chi2_estimate([*logits, 900.0], trim=0.0) > 1e100
    assert chi2_estimate([-1.0, -2.0]) == 0.0


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30), st.floats(0, 4))
def test_the_penalty_averages_to_the_root(logits, sd):
    charged = occupancy_penalty(logits, sd, trim=0.0)
    chi2 = chi2_estimate(logits, trim=0.0)
    assert charged.shape == (len(logits),)
    assert charged.mean() == pytest.approx(sd * sqrt(chi2), abs=1e-9)
    assert not occupancy_penalty(logits, sd, coefficient=0.0).any()


def test_hacking_is_found_and_certified():
    base = np.arange(8.0)
    true = np.array([0, 2, 1, 3, 5, 4, 6, 7.0])
    hacked = CorrelatedProxy().run(base, true, base + 4, true - 3)
    assert not hacked.passed
    assert hacked.notes and hacked.detail["correlation"] > 0.9
    fine = CorrelatedProxy().run(base, true, base + 1, true + 1, logits=[log(1.1)] * 8)
    assert fine.passed
    assert fine.metric >= fine.detail["certificate"]


@given(st.floats(0.1, 10), st.floats(-5, 5))
def test_affine_maps_change_nothing(scale, shift):
    base, true = np.arange(5.0), np.array([1, 0, 3, 2, 4.0])
    plain = CorrelatedProxy().run(base, true, base[2:], true[2:])
    moved = CorrelatedProxy().run(scale * base + shift, true, scale * base[2:] + shift, true[2:])
    assert moved.metric == pytest.approx(plain.metric)
    assert moved.detail["proxy_gain"] == pytest.approx(plain.detail["proxy_gain"])


def test_what_counts_as_hacking():
    base, true = np.arange(4.0), np.array([0, 2, 1, 3.0])
    lenient = CorrelatedProxy(least=-99.0)
    assert not lenient.run(base, true, base + 1, true - 1).passed  # hacked, however little is asked
    still = lenient.run(base, true, base, true - 1)  # the proxy did not rise
    assert still.passed and not still.notes
    same = CorrelatedProxy().run(base, true, base + 1, true)  # the truth did not fall
    assert same.passed and not same.notes


def test_states_that_nobody_visits_do_not_count():
    assert chi2_exact([0.5, 0.5, 0.0], [0.5, 0.5, 0.0]) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certificate(1.5, 0, 0), "correlation must be -1 to 1"),
        (lambda: certificate(0.5, 0, -1), "chi2 must be 0 or more"),
        (lambda: chi2_estimate([]), "logits needs at least 1 number, got 0"),
        (lambda: chi2_estimate([float("nan")]), "logits must be finite"),
        (lambda: chi2_estimate([[0.0]]), "one-dimensional"),
        (lambda: chi2_exact([1.0, 0.0], [0.0, 1.0]), "divergence is infinite"),
        (lambda: chi2_exact([0.5], [1.0]), "sum to 1"),
        (lambda: occupancy_penalty([0.0], -1.0), "0 or more"),
        (lambda: CorrelatedProxy().run([1, 1], [0, 1], [1], [1]), "base_proxy does not vary"),
        (lambda: CorrelatedProxy().run([1, 2], [0, 1], [1, 2], [1]), "proxy 2, true 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
