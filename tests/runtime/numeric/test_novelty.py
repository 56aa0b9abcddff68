"""Distillation: the statistic is 1 / n on average."""

import numpy as np
import pytest

from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.runtime.numeric.novelty import TARGETS, Distillation

MEASURED = {1: 1.025, 4: 0.2555, 16: 0.0600, 64: 0.0161, 256: 0.0030}
"""Mean y over draws with 10 fixed targets, as measured by an independent prototype."""
ROWS = 4000


@pytest.fixture(scope="module")
def curve():
    """Return mean and standard error of y after each number of visits."""
    found = Distillation("measured", 1, ROWS)
    noise = BatchNoise(np.random.default_rng(0))
    rows, action = np.arange(ROWS), np.zeros(ROWS, np.int64)
    ys = {}
    for n in range(1, 257):
        y = found.visit(rows, action, noise)
        ys[n] = (float(y.mean()), float(y.std(ddof=1)) / ROWS**0.5)
    return ys


@pytest.mark.parametrize("visits", MEASURED)
def test_the_mean_is_one_over_visits(curve, visits):
    mean, error = curve[visits]
    assert abs(mean - 1 / visits) <= 4 * error


@pytest.mark.parametrize("visits", MEASURED)
def test_the_prototype_measured_the_same(curve, visits):
    """Its draws were fewer: its own error is taken as five of ours."""
    mean, error = curve[visits]
    assert abs(mean - MEASURED[visits]) <= 5 * error


def test_the_first_visit_by_hand():
    found = Distillation("hand", 3, 1)
    targets = found.targets[2]
    rng = np.random.default_rng(5)
    drawn = targets[np.random.default_rng(5).integers(TARGETS, size=(1,))[0]]
    mu, square = targets.sum() / 10, (targets**2).sum() / 10
    y = found.visit(np.array([0]), np.array([2]), BatchNoise(rng))
    assert y[0] == pytest.approx((drawn**2 - mu**2) / (square - mu**2), rel=1e-12)


def test_targets_are_the_familys_and_rows_are_apart():
    one, other, third = (Distillation(name, 4, 2) for name in ("a", "a", "b"))
    assert (one.targets == other.targets).all()
    assert not (one.targets == third.targets).any()
    rngs = [np.random.default_rng(1), np.random.default_rng(2)]
    y = one.visit(np.array([0, 1]), np.array([1, 1]), RowNoise(rngs))
    alone = other.visit(np.array([1]), np.array([1]), RowNoise([np.random.default_rng(2)]))
    assert y[1] == alone[0]
    one.reset(np.array([0]))
    assert one.count.tolist() == [[0, 0, 0, 0], [0, 1, 0, 0]]
