import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.safety import SafetyTest, upper_bound
from envgym.types import ConfigError, MissingExtraError, Stream


def test_cookbook_h10():
    assert upper_bound(-0.1, 0.2, 20, 0.05) == pytest.approx(-0.0227, abs=1e-4)


@given(st.floats(-1, 1), st.floats(0.01, 2), st.integers(2, 60), st.floats(0.01, 0.5))
def test_stricter_as_delta_falls_and_with_fewer_episodes(mean, sd, n, delta):
    bound = upper_bound(mean, sd, n, delta)
    assert upper_bound(mean, sd, n, delta / 2) >= bound
    assert upper_bound(mean, sd, n + 1, delta) <= bound + 1e-12
    assert upper_bound(mean, sd, n, delta, inflation=2.0) >= bound
    assert upper_bound(mean, 0.0, n, delta) == mean


def test_the_probe_is_the_bound():
    costs = [-0.4, -0.1, 0.1, -0.2]
    report = SafetyTest().run(costs)
    assert report.metric == pytest.approx(upper_bound(np.mean(costs), np.std(costs, ddof=1), 4))
    assert report.passed == (report.metric <= 0.0)
    assert SafetyTest().run([-1.0, -1.0]).passed


def test_an_unsafe_policy_passes_rarely():
    """Of policies with mean cost exactly 0, at most about delta may pass."""
    from envgym.rewards.probe.noise import gaussian

    stream = Stream(0, "safety")
    passed = [SafetyTest().run([gaussian(stream) for _ in range(8)]).passed for _ in range(400)]
    assert np.mean(passed) == pytest.approx(0.05, abs=0.03)


def test_no_solution_found():
    unsafe, safe = [0.2, 0.3, 0.1], [-0.5, -0.4, -0.6]
    test = SafetyTest()
    assert test.choose({"a": unsafe}, {"a": 9.0}) is None
    assert test.choose({}, {}) is None
    assert test.choose({"a": unsafe, "b": safe}, {"a": 9.0, "b": 1.0}) == "b"
    assert test.choose({"b": safe, "a": safe}, {"a": 1.0, "b": 1.0}) == "a"


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(MissingExtraError, match="extra 'stats'"):
        upper_bound(0.0, 1.0, 3)


def test_a_bound_of_zero_passes():
    assert SafetyTest().run([0.0, 0.0]).passed


def test_many_candidates_share_delta():
    """Mean -.1, sd .2, n 16 passes at .05 and fails at .025."""
    half = 0.2 * np.sqrt(15 / 16)
    costs = [-0.1 - half, -0.1 + half] * 8
    assert SafetyTest().run(costs).passed
    assert SafetyTest().choose({"a": costs}, {"a": 1.0}) == "a"
    assert SafetyTest().choose({"a": costs, "b": [1.0, 2.0]}, {"a": 1.0, "b": 0.0}) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: upper_bound(0, 1, 1), "n must be 2 or more"),
        (lambda: upper_bound(0, 1, 3, 0.7), "delta must be above 0"),
        (lambda: upper_bound(0, -1, 3), "sd of 0 or more"),
        (lambda: SafetyTest(0.0), "delta must be above 0"),
        (lambda: SafetyTest().run([1.0]), "at least 2 numbers"),
        (lambda: SafetyTest().choose({"a": [1, 2]}, {}), "a gain for every candidate"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
