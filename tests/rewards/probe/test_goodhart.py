from itertools import combinations
from math import e, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.goodhart import (
    Curve,
    GoodhartCurve,
    best_of_n,
    best_of_n_kl,
    collapse_step,
    fit,
)
from envgym.types import ConfigError

score = st.floats(-5, 5).map(lambda x: round(x, 2))


def test_cookbook_h8():
    at, gold = Curve("log", 1.0, 0.2).peak
    assert at == pytest.approx(e**4, rel=1e-12)
    assert (round(at, 1), round(gold, 2)) == (54.6, 10.92)


def test_kl_of_best_of_n():
    assert best_of_n_kl(1) == 0.0
    assert best_of_n_kl(4) == pytest.approx(log(4) - 0.75)


@pytest.mark.parametrize("form", ["square", "log"])
@given(a=st.floats(0.1, 3), b=st.floats(0.05, 1))
def test_a_fit_finds_the_curve_it_came_from(form, a, b):
    curve = Curve(form, a, b)
    d = np.linspace(0.2, 6, 9)
    found = fit(d, [curve(x) for x in d], form)
    assert (found.a, found.b) == (pytest.approx(a, abs=1e-6), pytest.approx(b, abs=1e-6))


@given(a=st.floats(0.1, 3), b=st.floats(0.05, 1), x=st.floats(0, 20))
def test_nothing_is_higher_than_the_peak(a, b, x):
    for form in ("square", "log"):
        curve = Curve(form, a, b)
        assert curve(x) <= curve.peak[1] + 1e-6


def test_curves_without_a_peak():
    assert Curve("square", 1.0, 0.0).peak == (inf, inf)
    assert Curve("square", -1.0, 0.0).peak == (0.0, 0.0)
    assert Curve("square", -1.0, 1.0).peak == (0.0, 0.0)
    assert Curve("log", 1.0, 0.2)(0.0) == 0.0


@given(st.lists(st.tuples(score, score), min_size=1, max_size=7), st.data())
def test_best_of_n_is_the_mean_over_subsets(pairs, data):
    n = data.draw(st.integers(1, len(pairs)))
    proxy, gold = zip(*pairs, strict=True)
    means = []
    for subset in combinations(pairs, n):
        top = max(p for p, _ in subset)
        means.append(np.mean([g for p, g in subset if p == top]))
    found = best_of_n(proxy, gold, n)
    assert found[0] == pytest.approx(
        np.mean([max(p for p, _ in s) for s in combinations(pairs, n)])
    )
    # With ties the estimator shares weight over the tied of the whole sample.
    if len(set(proxy)) == len(proxy):
        assert found[1] == pytest.approx(np.mean(means), abs=1e-9)


def test_best_of_many_is_fast_and_finite():
    proxy = np.arange(20_000.0)
    wanted = 16_384 * 20_001 / 16_385 - 1  # mean of the largest of n ranks
    assert best_of_n(proxy, -proxy, 16_384) == (pytest.approx(wanted), pytest.approx(-wanted))


def test_collapse_step():
    assert collapse_step([1, 2, 3, 4, 5], [1, 3, 2, 1, 0], 3) == 1
    assert collapse_step([1, 2, 3, 2, 5], [1, 3, 2, 1, 0], 3) is None
    assert collapse_step([1], [1]) is None


def test_the_probe_sees_gold_fall():
    d = np.linspace(0, 1, 64)
    report = GoodhartCurve().run(d, np.where(d < 0.8, d, 1.6 - 2 * d + 0.8))
    assert not report.passed
    assert report.detail["best_n"] < 64
    assert report.metric == pytest.approx(report.detail["gold_best"] - report.detail["gold_last"])
    assert set(report.series) == {"proxy", "gold", "gold, square fit", "gold, log fit"}
    assert [row[0] for row in report.rows] == [1, 2, 4, 8, 16, 32, 64]


@given(st.lists(score, min_size=4, max_size=20))
def test_a_proxy_that_is_the_gold_loses_nothing(gold):
    report = GoodhartCurve().run(gold, gold)
    assert (report.metric, report.passed) == (0.0, True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: best_of_n_kl(0), "n must be 1 or more"),
        (lambda: best_of_n([1.0], [1.0], 2), "1 to the number of samples"),
        (lambda: fit([1.0, 1.0], [1.0, 1.0]), "two different distances"),
        (lambda: fit([-1.0, 1.0], [1.0, 1.0]), "distances must be 0 or more"),
        (lambda: fit([1.0, 2.0], [1.0, 1.0], "cube"), "square or log"),
        (lambda: fit([1.0, 2.0], [1.0]), "gold needs at least 2 numbers, got 1"),
        (lambda: GoodhartCurve().run([1.0], [1.0]), "at least 4 numbers"),
        (lambda: collapse_step([1, 2], [1, 2], 0), "m must be 1 or more"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
