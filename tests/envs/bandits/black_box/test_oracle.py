"""BlackBox: the maximum, found another way."""

from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.optimize import minimize

from envgym.envs.bandits.black_box.oracle import evaluate, maximise


def drawn(dims: int, length: float, features: int, batch: int) -> tuple[Any, Any, Any]:
    rng = default_rng(dims)
    return (
        rng.standard_normal((batch, features, dims)) / length,
        2 * np.pi * rng.random((batch, features)),
        rng.standard_normal((batch, features)),
    )


def test_evaluate_known_value() -> None:
    waves = np.array([[[np.pi, 0.0], [0.0, 2 * np.pi]]])
    phases, weights = np.array([[0.0, np.pi / 2]]), np.array([[2.0, 3.0]])
    # 2 cos(pi x) + 3 cos(2 pi y + pi / 2)
    x = np.array([[[0.0, 0.0], [1.0, 0.75], [0.5, 0.25]]])
    np.testing.assert_allclose(evaluate(waves, phases, weights, x), [[2.0, 1.0, -3.0]], atol=1e-12)


def test_known_maxima_inside_on_an_edge_and_in_a_corner() -> None:
    waves = np.array([[[2 * np.pi]], [[1.0]], [[1.0]]])
    phases = np.array([[-np.pi], [0.0], [np.pi]])
    value, x = maximise(waves, phases, np.ones((3, 1)), 0.25)
    np.testing.assert_allclose(value, [1.0, 1.0, np.cos(np.pi + 1)], atol=1e-12)
    np.testing.assert_allclose(x[:, 0], [0.5, 0.0, 1.0], atol=1e-7)


def test_a_constant_function_has_a_maximum() -> None:
    value, x = maximise(np.zeros((1, 1, 2)), np.zeros((1, 1)), np.ones((1, 1)), 0.5)
    assert value[0] == 1.0
    assert ((x >= 0) & (x <= 1)).all()


@pytest.mark.parametrize(("dims", "length"), [(1, 0.1), (2, 0.25), (2, 0.1), (3, 0.4)])
def test_maximum_by_quasi_newton_from_many_starts(dims: int, length: float) -> None:
    """SciPy's L-BFGS-B from the best of a dense random sample finds nothing higher."""
    waves, phases, weights = drawn(dims, length, 24, 4)
    value, x = maximise(waves, phases, weights, length)
    rng = default_rng(99)
    for i in range(4):
        k, b, w = waves[i], phases[i], weights[i]

        def down(point: Any, k: Any = k, b: Any = b, w: Any = w) -> tuple[float, Any]:
            angle = k @ point + b
            return -float(w @ np.cos(angle)), (w * np.sin(angle)) @ k

        sample = rng.random((20_000, dims))
        heights = evaluate(waves[i : i + 1], phases[i : i + 1], weights[i : i + 1], sample[None])[0]
        starts = sample[np.argsort(-heights)[::40][:40]]
        options = {"ftol": 1e-15, "gtol": 1e-12}
        found = max(
            -minimize(
                down, start, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * dims, options=options
            ).fun
            for start in starts
        )
        assert value[i] >= heights.max()
        assert value[i] == pytest.approx(found, abs=1e-6)
        assert value[i] == pytest.approx(-down(x[i])[0], abs=1e-12)


def test_a_row_does_not_depend_on_its_batch() -> None:
    waves, phases, weights = drawn(2, 0.25, 32, 9)
    together, at = maximise(waves, phases, weights, 0.25)
    for i in range(9):
        part = slice(i, i + 1)
        alone, there = maximise(waves[part], phases[part], weights[part], 0.25)
        assert alone[0] == pytest.approx(together[i], rel=1e-13)
        np.testing.assert_allclose(there[0], at[i], atol=1e-6)


def test_the_long_ridges_of_two_waves_are_climbed() -> None:
    """Nothing on a grid of 201 x 201 points is higher; row 70 and 90 need short steps."""
    rng = default_rng(5)
    waves = rng.standard_normal((150, 2, 2))[60:100] / 0.25
    phases = 2 * np.pi * rng.random((150, 2))[60:100]
    weights = rng.standard_normal((150, 2))[60:100]
    axis = np.linspace(0.0, 1.0, 201)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    value, _ = maximise(waves, phases, weights, 0.25)
    for i in range(40):
        part = slice(i, i + 1)
        heights = evaluate(waves[part], phases[part], weights[part], grid[None])
        assert value[i] >= heights.max() - 1e-9
