"""Draws: one generator for a batch, or one per row."""

import numpy as np
import pytest

from envgym.runtime.numeric.arrays import arrays
from envgym.runtime.numeric.noise import BatchNoise, RowNoise, generator

CHANCES = np.array([[0.1, 0.9], [0.5, 0.5], [0.0, 1.0]])
TRIALS = np.array([[10, 20], [30, 40], [50, 60]])


def rows(*seeds):
    return RowNoise([np.random.default_rng(seed) for seed in seeds])


def all_draws(noise, count):
    return [
        noise.uniform((count, 2)),
        noise.normal((count,)),
        noise.integers(7, (count, 3)),
        noise.binomial(TRIALS[:count], CHANCES[:count]),
        noise.binomial(10, CHANCES[:count, 0]),
        noise.uniform((count,)),
    ]


def test_a_row_draws_the_same_in_any_batch():
    wide = all_draws(rows(1, 2, 3), 3)
    for place, seed in enumerate((1, 2)):
        alone = [draw[place] for draw in all_draws(rows(1, 2), 2)]
        for one, other in zip(alone, wide, strict=True):
            assert (one == other[place]).all(), seed


def test_a_row_is_its_generator():
    """The order inside a row is NumPy's own: one call with the row's shape."""
    found = all_draws(rows(4, 1), 2)
    rng = np.random.default_rng(4)
    assert (found[0][0] == rng.random(2)).all()
    assert found[1][0] == rng.standard_normal()
    assert (found[2][0] == rng.integers(7, size=3)).all()
    assert (found[3][0] == rng.binomial(TRIALS[0], CHANCES[0])).all()
    assert found[4][0] == rng.binomial(10, 0.1)
    assert found[5][0] == rng.random()


def test_binomials_of_a_row_are_drawn_from_left_to_right():
    one, two = np.random.default_rng(9), np.random.default_rng(9)
    drawn = RowNoise([one]).binomial(np.array([[30, 40]]), np.array([[0.3, 0.6]]))
    assert drawn.tolist() == [[two.binomial(30, 0.3), two.binomial(40, 0.6)]]


def test_picked_rows_go_on_where_they_were():
    noise = rows(1, 2, 3)
    picked = noise.pick(np.array([2, 0])).normal((2,))
    fresh = rows(1, 2, 3).normal((3,))
    assert picked.tolist() == [fresh[2], fresh[0]]
    second = rows(2).normal((1,))
    assert noise.normal((3,))[1] == second[0]


def test_a_batch_is_one_generator():
    noise = BatchNoise(np.random.default_rng(3))
    assert noise.pick(np.array([0])) is noise
    rng = np.random.default_rng(3)
    assert (noise.uniform((2, 2)) == rng.random((2, 2))).all()
    assert (noise.integers(5, (4,)) == rng.integers(5, size=4)).all()
    drawn = noise.binomial(TRIALS, CHANCES)
    assert drawn.dtype == np.float64
    assert (drawn == rng.binomial(TRIALS, CHANCES)).all()


def test_float32_rounds_the_rows_draws_and_survives_rounded_chances():
    narrow = RowNoise([np.random.default_rng(1)], np.float32)
    wide = rows(1)
    for name in ("uniform", "normal"):
        one, other = getattr(narrow, name)((1, 4)), getattr(wide, name)((1, 4))
        assert one.dtype == np.float32
        assert (one == other.astype(np.float32)).all()
    above = np.array([1.0000001], dtype=np.float32)
    assert above[0] > 1
    for noise in (narrow, BatchNoise(np.random.default_rng(1), np.float32)):
        drawn = noise.binomial(12, above)
        assert drawn.tolist() == [12.0]
        assert drawn.dtype == np.float32
    batch = BatchNoise(np.random.default_rng(1), np.float32)
    assert batch.uniform((3,)).dtype == batch.normal((3,)).dtype == np.float32


def test_streams_and_purposes_are_apart():
    found = {
        generator(seed, stream, purpose).random()
        for seed in (0, 1)
        for stream in ("a", "b")
        for purpose in ("world", "rounds")
    }
    assert len(found) == 8
    assert generator(5, "a", "world").random() == generator(5, "a", "world").random()


def test_torch_draws_are_its_seeds_and_of_its_type():
    from envgym.runtime.numeric.torch_noise import TorchNoise

    ar = arrays("torch", "float32", None, "test")
    one, two, third = (TorchNoise(key, ar) for key in (1, 1, 2))
    for name, arguments in (
        ("uniform", ((1000,),)),
        ("normal", ((1000,),)),
        ("integers", (6, (1000,))),
    ):
        a, b, c = (getattr(noise, name)(*arguments) for noise in (one, two, third))
        assert (a == b).all()
        assert not (a == c).all()
    drawn = one.binomial(20, ar.full((5000,), 0.25))
    assert drawn.dtype == ar.dtype
    assert float(drawn.mean()) == pytest.approx(5.0, abs=4 * (20 * 0.25 * 0.75 / 5000) ** 0.5)
    assert one.pick(None) is one
