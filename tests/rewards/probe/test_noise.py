from itertools import product
from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import GroupNormalised, Program, Source, grpo, rloo, score
from envgym.rewards.probe.noise import Noise, NoiseRobustness, flipped, gaussian
from envgym.types import ConfigError, Stream

OUTCOME = Program("outcome", Source("outcome", "episode"))


def episodes(*outcomes):
    return [[{"end": None}, {"outcome": x, "end": "task"}] for x in outcomes]


@given(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 0.1, 0.2, 0.4]))
def test_cookbook_h7(reward, p):
    assert Noise(flip=p).expected(reward) == pytest.approx((1 - 2 * p) * reward + p)


@pytest.mark.parametrize("p", [0.1, 0.4])
def test_draws_have_that_mean(p):
    rewards = np.array([0.0, 1.0] * 4000)
    drawn = flipped(rewards, p, Stream(3, "noise"))
    for value in (0.0, 1.0):
        expected = (1 - 2 * p) * value + p
        assert drawn[rewards == value].mean() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("estimator", [grpo, rloo])
@pytest.mark.parametrize("rewards", [(1, 0, 0), (1, 1, 0, 1)])
def test_a_coin_leaves_no_advantage_on_average(estimator, rewards):
    """Exactly: the mean over all patterns of flips, which are alike for p = .5."""
    means = [
        estimator(np.array([float(r ^ f) for r, f in zip(rewards, flips, strict=True)]))
        for flips in product((0, 1), repeat=len(rewards))
    ]
    assert np.mean(means, axis=0) == pytest.approx(np.zeros(len(rewards)), abs=1e-12)


def test_no_noise_is_the_identity():
    scores = score(episodes(0.25, 1.0), OUTCOME)
    assert Noise().group(scores) == scores
    assert Noise(flip=0.0).apply("a", 0.3) == 0.3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(0, 99))
def test_a_noisy_group_keeps_its_books(outcomes, seed):
    scores = Noise(flip=0.5, sd=0.3, seed=seed).group(score(episodes(*outcomes), OUTCOME))
    for each in scores:
        assert fsum(entry.value for entry in each.ledger) == pytest.approx(each.total, abs=1e-9)
        assert fsum(each.settled) == pytest.approx(each.total, abs=1e-9)
    assert len(scores) == len(outcomes)


def test_a_draw_follows_the_rollout_not_its_place():
    noise = Noise(flip=0.5, seed=1)
    found = {id: noise.apply(id, 1.0) for id in "abcdef"}
    assert {id: noise.apply(id, 1.0) for id in "fedcba"} == found
    assert set(found.values()) == {0.0, 1.0}


def test_rollouts_without_a_total_keep_none():
    scores = Noise(flip=1.0).group(score(episodes(1.0, None), OUTCOME))
    assert [each.total for each in scores] == [0.0, None]


def test_noise_reaches_group_programs():
    versus = Program("versus", GroupNormalised(Source("outcome", "episode"), "dr_grpo"))
    scores = Noise(flip=1.0, lo=-0.5, hi=0.5).group(score(episodes(1.0, 0.0), versus))
    assert [each.total for each in scores] == [-0.5, 0.5]


def test_gaussian_has_the_right_width():
    stream = Stream(0, "gaussian")
    drawn = np.array([gaussian(stream) for _ in range(4000)])
    assert drawn.mean() == pytest.approx(0.0, abs=0.05)
    assert drawn.std() == pytest.approx(1.0, abs=0.05)


def test_the_signal_left_by_each_level():
    report = NoiseRobustness().run(OUTCOME, episodes(*[0.0, 1.0] * 20))
    kept = list(report.detail.values())
    assert kept == pytest.approx([1.0, 0.8, 0.6, 0.2], abs=0.05)
    assert report.passed
    assert report == NoiseRobustness().run(OUTCOME, episodes(*[0.0, 1.0] * 20))


def test_returns_that_do_not_vary_have_no_signal():
    report = NoiseRobustness().run(OUTCOME, episodes(1.0, 1.0))
    assert (report.metric, report.passed) == (0.0, False)
    assert report.notes == ("the returns do not vary: there is no signal",)


def test_the_gaussian_has_the_width_it_was_given():
    noise = Noise(sd=3.0)
    drawn = np.array([noise.apply(str(i), 5.0) for i in range(3000)])
    assert drawn.mean() == pytest.approx(5.0, abs=0.2)
    assert drawn.std() == pytest.approx(3.0, abs=0.2)


def test_the_error_is_earned_by_the_last_event():
    two = [[{"end": None}, {"end": None}, {"outcome": 1.0, "end": "task"}]]
    (noisy,) = Noise(flip=1.0).group(score(two, OUTCOME))
    assert (noisy.ledger[-1].component, noisy.ledger[-1].earned) == ("noise", 1)
    assert (noisy.ledger[-1].paid, noisy.settled) == (None, (0.0, 0.0))


def test_one_draw_will_do():
    report = NoiseRobustness(levels=(0.0,), least=1.0, draws=1).run(OUTCOME, episodes(0.0, 1.0))
    assert report.passed


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Noise(flip=1.5), "flip must be 0 to 1"),
        (lambda: Noise(sd=-1), "sd must be 0 or more"),
        (lambda: Noise(lo=2, hi=1), "lo must not exceed hi"),
        (lambda: flipped([0.5], 0.1, Stream(0, "x")), "must be 0 or 1"),
        (lambda: NoiseRobustness(levels=()), "at least one level"),
        (lambda: NoiseRobustness(levels=(2.0,)), "must be 0 to 1"),
        (lambda: NoiseRobustness().run(OUTCOME, episodes(None)), "at least 2 numbers"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
