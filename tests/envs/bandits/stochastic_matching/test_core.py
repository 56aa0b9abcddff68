"""StochasticMatching: the array path against the scalar one, laws, bad input."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy.stats import ks_2samp

from envgym.envs.bandits.stochastic_matching.core import StochasticMatchingCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "triangular": StochasticMatchingCore(),
    "block": StochasticMatchingCore(instance="block", nodes=7, horizon=33, probability=0.4),
    "random": StochasticMatchingCore(
        instance="random", nodes=6, horizon=50, probability=0.3, spread=0.5
    ),
    "in order": StochasticMatchingCore(shuffled=False, spread=1.0, nodes=5, horizon=12),
    "one": StochasticMatchingCore(nodes=1, horizon=1, probability=1.0),
}


def close(one: Any, other: Any) -> None:
    np.testing.assert_allclose(
        np.asarray(one, float), np.asarray(other, float), rtol=1e-12, atol=1e-14
    )


def random_actions(mask: Any, rng: Any) -> Any:
    return np.where(mask, rng.random(mask.shape), -1.0).argmax(axis=1)


def episode(core: StochasticMatchingCore, batch: int, seed: int) -> dict[str, Any]:
    """Return [T, B] facts of random valid play."""
    state = core.start(batch, BatchNoise(default_rng(seed)), NUMPY)
    state["t"] = np.zeros(batch, dtype=np.int64)
    noise, rng = BatchNoise(default_rng(seed + 1)), default_rng(seed + 2)
    rows: list[dict[str, Any]] = []
    for t in range(core.horizon):
        mask = core.mask(state, NUMPY)
        state, facts = core.advance(state, random_actions(mask, rng), noise, NUMPY)
        state["t"] = np.full(batch, t + 1)
        rows.append({**facts, "load": state["load"], "available": state["available"]})
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
    for t in range(core.horizon + 1):
        seen, batched = one.observe(), core.observe(state, NUMPY)
        assert core.observation_space.contains(seen)
        assert list(seen) == list(batched)
        for key, value in seen.items():
            assert batched[key].dtype == value.dtype
            close(value, batched[key][0])
        mask = one.mask()
        np.testing.assert_array_equal(mask, core.mask(state, NUMPY)[0])
        assert one.myopic() == core.myopic(state, NUMPY)[0]
        assert one.t == t
        if t == core.horizon:
            break
        action = int(act.choice(np.flatnonzero(mask)))
        facts = one.advance(action, rng)
        after, many = core.advance(state, np.array([action]), noise, NUMPY)
        assert list(facts) == list(many)
        for key, value in facts.items():
            close(value, np.broadcast_to(many[key], (1,))[0])
        (told,) = one.reveal(action, facts)
        (batch,) = core.reveal(state, np.array([action]), many, NUMPY)
        assert (told.round, told.action, told.reward) == (
            batch.round[0],
            batch.action[0],
            batch.reward[0],
        )
        after["t"] = state["t"] + 1
        state = after


@pytest.mark.parametrize(
    "core",
    [
        StochasticMatchingCore(nodes=4, horizon=8, probability=0.3, spread=0.5),
        StochasticMatchingCore(nodes=4, horizon=8, probability=0.3, instance="random"),
        StochasticMatchingCore(nodes=15, horizon=40),  # Stochastic Balance: too large to solve
    ],
    ids=["spread", "random", "balance"],
)
def test_expert_equals_on_both_paths(core: StochasticMatchingCore) -> None:
    singles, rngs = [core.scalar() for _ in range(5)], [default_rng(i + 50) for i in range(5)]
    for i, one in enumerate(singles):
        one.start(default_rng(i))
    state = core.start(5, RowNoise([default_rng(i) for i in range(5)]), NUMPY)
    noise = RowNoise([default_rng(i + 50) for i in range(5)])
    for t in range(core.horizon):
        state["t"] = np.full(5, t)
        action = core.expert(state, NUMPY)
        assert [one.expert() for one in singles] == action.tolist()
        for one, rng, node in zip(singles, rngs, action, strict=True):
            one.advance(node, rng)
        state, _ = core.advance(state, action, noise, NUMPY)


def test_batch_noise_has_the_distribution_of_rows() -> None:
    core = StochasticMatchingCore(nodes=6, horizon=12, probability=0.3, instance="random")
    batched = episode(core, 2000, 5)
    alone = []
    act = default_rng(3)
    for seed in range(2000):
        one, rng = core.scalar(), default_rng(seed + 10_000)
        one.start(default_rng(seed))
        total = 0.0
        for _ in range(core.horizon):
            facts = one.advance(int(act.choice(np.flatnonzero(one.mask()))), rng)
            total += facts["expected"]
        alone.append((facts["matched"], total, max(one.load)))
    for i, key in enumerate(("matched", "expected", "load")):
        values = batched[key].sum(axis=0) if key == "expected" else batched[key][-1]
        values = values.max(axis=1) if key == "load" else values
        assert ks_2samp(values, [row[i] for row in alone]).pvalue > 0.01


@given(
    instance=st.sampled_from(["triangular", "block", "random"]),
    nodes=st.integers(1, 8),
    horizon=st.integers(1, 20),
    spread=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_laws(instance: str, nodes: int, horizon: int, spread: float, seed: int) -> None:
    core = StochasticMatchingCore(
        instance=instance, nodes=nodes, horizon=horizon, probability=0.5, spread=spread
    )
    facts = episode(core, 4, seed)
    assert core.counts.sum() == horizon
    # What was assigned is the load; what was won is gone; nothing comes back.
    np.testing.assert_allclose(facts["load"][-1].sum(axis=1), facts["expected"].sum(axis=0))
    np.testing.assert_array_equal(facts["matched"][-1], facts["utility"].sum(axis=0))
    assert (np.diff(facts["available"].astype(int), axis=0) <= 0).all()
    assert ((facts["expected"] > 0) >= (facts["utility"] > 0)).all()
    mean = facts["utility"].mean(axis=0)
    for i in range(4):
        assert core.outcome(mean[i]) == pytest.approx(facts["matched"][-1][i] / min(nodes, horizon))


def test_advance_leaves_the_state_alone_and_repeats() -> None:
    core = CORES["random"]
    state = core.start(3, BatchNoise(default_rng(0)), NUMPY)
    state["t"] = np.zeros(3, dtype=np.int64)
    before = {key: value.copy() for key, value in state.items()}
    action = core.myopic(state, NUMPY)
    first = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    second = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    for key, value in before.items():
        np.testing.assert_array_equal(state[key], value)
    for one, other in zip(first, second, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_edges_of_the_instances() -> None:
    triangular = StochasticMatchingCore(nodes=3, horizon=7, shuffled=False)
    assert triangular.edges.tolist() == [[True] * 3, [False, True, True], [False, False, True]]
    assert triangular.counts.tolist() == [3, 2, 2]  # floor(3 t / 7) for t = 0 to 6
    block = StochasticMatchingCore(nodes=3, horizon=7, instance="block")
    assert block.edges.tolist() == [[True, True, False], [True] * 3, [True, True, False]]


def test_shuffling_renumbers_the_nodes_alike_for_every_kind() -> None:
    core = StochasticMatchingCore(nodes=6, horizon=12)
    chances = core.start(1, BatchNoise(default_rng(4)), NUMPY)["chances"][0]
    degrees = (chances > 0).sum(axis=0)
    assert sorted(degrees) == [1, 2, 3, 4, 5, 6]
    assert degrees.tolist() != [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(chances[:, degrees.argsort()] > 0, core.edges)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("horizon", 0, "horizon must be an integer from 1"),
        ("nodes", 201, "nodes must be an integer from 1 to 200, got 201"),
        ("probability", 0.0, "probability must be a number from 1e-06 to 1"),
        ("probability", float("nan"), "probability must be a number"),
        ("spread", -0.1, "spread must be a number from 0 to 1"),
        ("density", 2, "density must be a number from 0 to 1"),
        ("instance", "triangle", "Did you mean 'triangular'"),
        ("shuffled", "no", "shuffled"),
    ],
)
def test_bad_input(name: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        StochasticMatchingCore(**{name: value})


def test_probabilities_stay_below_one() -> None:
    with pytest.raises(ConfigError, match=r"probability \* \(1 \+ spread\) must be at most 1"):
        StochasticMatchingCore(probability=0.8, spread=0.5)
