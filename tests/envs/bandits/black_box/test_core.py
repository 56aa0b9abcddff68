"""BlackBox: the array path against the scalar one, laws, sparsity of improvements, bad input."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy.stats import ks_2samp

from envgym.envs.bandits.black_box.core import BlackBoxCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "plane": BlackBoxCore(horizon=30),
    "line without noise": BlackBoxCore(dims=1, noise=0.0, horizon=30),
    "cube": BlackBoxCore(dims=3, length=0.4, features=16, horizon=20),
    "smooth": BlackBoxCore(length=1.0, features=1, noise=1.0, horizon=10),
}


def close(one: Any, other: Any) -> None:
    # Sums of waves in another order differ by rounding of the span, not of the value.
    np.testing.assert_allclose(
        np.asarray(one, float), np.asarray(other, float), rtol=1e-12, atol=1e-12
    )


def begin(core: BlackBoxCore, batch: int, seed: int) -> dict[str, Any]:
    state = core.start(batch, BatchNoise(default_rng(seed)), NUMPY)
    state["t"] = np.zeros(batch, dtype=np.int64)
    return state


def search(core: BlackBoxCore, batch: int, seed: int) -> dict[str, Any]:
    """Return [T, B] facts of random search."""
    state, noise = begin(core, batch, seed), BatchNoise(default_rng(seed + 1))
    rng, rows = default_rng(seed + 2), []
    for t in range(core.horizon):
        state, facts = core.advance(state, rng.random((batch, core.dims)), noise, NUMPY)
        state["t"] = np.full(batch, t + 1)
        rows.append(facts)
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", list(CORES))
def test_scalar_equals_arrays(name: str, seed: int) -> None:
    core = CORES[name]
    one, rng, act = core.scalar(), default_rng(seed + 10), default_rng(seed + 20)
    one.start(default_rng(seed))
    state = core.start(1, RowNoise([default_rng(seed)]), NUMPY)
    state["t"] = np.zeros(1, dtype=np.int64)
    noise = RowNoise([default_rng(seed + 10)])
    np.testing.assert_allclose(one.expert(), core.expert(state, NUMPY)[0], atol=1e-7)
    assert core.mask(state, NUMPY) is None
    for t in range(core.horizon + 1):
        seen, batched = one.observe(), core.observe(state, NUMPY)
        assert core.observation_space.contains(seen)
        for key, value in seen.items():
            assert batched[key].dtype == value.dtype
            close(value, batched[key][0])
        assert one.t == t
        if t == core.horizon:
            break
        action = act.random(core.dims)
        facts = one.advance(action, rng)
        after, many = core.advance(state, action[None], noise, NUMPY)
        assert list(facts) == list(many)
        for key, value in facts.items():
            close(value, np.broadcast_to(many[key], (1,))[0])
        (told,) = one.reveal(action, facts)
        (batch,) = core.reveal(state, action[None], many, NUMPY)
        assert told.round == batch.round[0]
        np.testing.assert_array_equal(told.action, batch.action[0])
        close(told.reward, batch.reward[0])
        after["t"] = state["t"] + 1
        state = after


@settings(max_examples=20)
@given(dims=st.integers(1, 2), length=st.floats(0.2, 1.0), seed=st.integers(0, 2**32))
def test_laws(dims: int, length: float, seed: int) -> None:
    core = BlackBoxCore(dims=dims, length=length, noise=0.0, horizon=8, features=12)
    facts = search(core, 3, seed % 2**31)
    assert ((facts["expected"] >= 0) & (facts["expected"] <= 1)).all()
    np.testing.assert_array_equal(facts["utility"], facts["expected"])
    np.testing.assert_allclose(facts["shortfall"], 1 - facts["expected"])
    np.testing.assert_allclose(facts["regret"], facts["shortfall"].cumsum(axis=0))
    simple = np.minimum.accumulate(facts["shortfall"], axis=0)
    np.testing.assert_array_equal(facts["simple_regret"], simple)
    np.testing.assert_array_equal(facts["progress"], 1 - simple)


def test_the_maximiser_earns_one() -> None:
    for core in CORES.values():
        state = begin(core, 6, 0)
        _, facts = core.advance(state, core.expert(state, NUMPY), BatchNoise(default_rng(0)), NUMPY)
        np.testing.assert_allclose(facts["expected"], 1.0, atol=1e-12)
        np.testing.assert_allclose(facts["simple_regret"], 0.0, atol=1e-12)


def test_improvements_are_logarithmically_sparse() -> None:
    """[38]: among T exchangeable tries the expected number of new bests is H_T, about ln T."""
    core = BlackBoxCore(dims=2, noise=0.0, horizon=64)
    facts = search(core, 400, 9)
    before = np.vstack((np.ones((1, 400)), facts["simple_regret"][:-1]))
    records = (facts["simple_regret"] < before).sum(axis=0)
    harmonic = sum(1 / t for t in range(1, 65))
    assert harmonic == pytest.approx(4.7439, abs=1e-4)
    assert abs(records.mean() - harmonic) < 3 * records.std(ddof=1) / 20


def test_noise_is_normal_and_the_observation_shows_the_noisy_best() -> None:
    core = BlackBoxCore(noise=0.2, horizon=3)
    state = begin(core, 4000, 1)
    x = np.full((4000, 2), 0.25)
    after, facts = core.advance(state, x, BatchNoise(default_rng(2)), NUMPY)
    noise = facts["utility"] - facts["expected"]
    assert abs(noise.mean()) < 3 * 0.2 / math.sqrt(4000)
    assert abs(noise.std() - 0.2) < 3 * 0.2 / math.sqrt(8000)
    after["t"] = np.ones(4000, dtype=np.int64)
    y = np.full((4000, 2), 0.75)
    last, then = core.advance(after, y, BatchNoise(default_rng(3)), NUMPY)
    last["t"] = np.full(4000, 2)
    seen = core.observe(last, NUMPY)
    np.testing.assert_array_equal(
        seen["best_value"][:, 0], np.maximum(facts["utility"], then["utility"])
    )
    improved = then["utility"] > facts["utility"]
    np.testing.assert_array_equal(seen["best_x"], np.where(improved[:, None], y, x))
    np.testing.assert_array_equal(seen["value"][:, 0], then["utility"])
    np.testing.assert_array_equal(seen["x"], y)
    np.testing.assert_allclose(seen["clock"], 1 / 3)


def test_a_first_value_below_zero_is_the_best_so_far() -> None:
    core = BlackBoxCore(noise=1.0, horizon=2)
    state = begin(core, 200, 1)
    after, facts = core.advance(state, np.zeros((200, 2)), BatchNoise(default_rng(5)), NUMPY)
    assert (facts["utility"] < 0).any()
    np.testing.assert_array_equal(after["best_value"], facts["utility"])


def test_batch_noise_has_the_distribution_of_rows() -> None:
    core = BlackBoxCore(horizon=3, features=16)
    batched = search(core, 600, 21)
    alone = []
    act = default_rng(1)
    for seed in range(600):
        one, rng = core.scalar(), default_rng(seed + 5000)
        one.start(default_rng(seed))
        for _ in range(3):
            facts = one.advance(act.random(2), rng)
        alone.append((facts["utility"], facts["expected"], facts["simple_regret"]))
    for i, key in enumerate(("utility", "expected", "simple_regret")):
        assert ks_2samp(batched[key][-1], [row[i] for row in alone]).pvalue > 0.01


def test_advance_leaves_the_state_alone_and_repeats() -> None:
    core = CORES["plane"]
    state = begin(core, 3, 0)
    before = {key: value.copy() for key, value in state.items()}
    action = default_rng(0).random((3, 2))
    first = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    second = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    for key, value in before.items():
        np.testing.assert_array_equal(state[key], value)
    for one, other in zip(first, second, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_the_action_space_refuses_nonsense() -> None:
    space = BlackBoxCore().action_space
    assert space.contains(np.array([0.0, 1.0]))
    for bad in ([0.5, 1.1], [float("nan"), 0.5], [0.5], [float("inf"), 0.5]):
        assert not space.contains(np.array(bad))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("horizon", 0, "horizon must be an integer from 1"),
        ("dims", 4, "dims must be an integer from 1 to 3, got 4"),
        ("length", 0.05, "length must be a number from 0.1 to 1, got 0.05"),
        ("features", 0, "features must be an integer from 1 to 512, got 0"),
        ("noise", float("nan"), "noise must be a number from 0 to 1, got nan"),
    ],
)
def test_bad_input(name: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        BlackBoxCore(**{name: value})
