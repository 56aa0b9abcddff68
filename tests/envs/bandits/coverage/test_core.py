"""Coverage: the array path against the scalar one, submodularity, greedy choice, bad input."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy.stats import ks_2samp

from envgym.envs.bandits.coverage.core import CoverageCore
from envgym.envs.bandits.coverage.oracle import GREEDY_BOUND, choices, values
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "cover": CoverageCore(),
    "weighted": CoverageCore(weights="random", sets=12, items=20, horizon=4),
    "sqrt": CoverageCore(gain="sqrt", weights="random", sets=9, items=7, horizon=5),
    "all": CoverageCore(sets=4, horizon=4, density=0.9),
    "empty": CoverageCore(density=0.0),
}


def close(one: Any, other: Any) -> None:
    np.testing.assert_allclose(
        np.asarray(one, float), np.asarray(other, float), rtol=1e-12, atol=1e-14
    )


def begin(core: CoverageCore, batch: int, seed: int) -> dict[str, Any]:
    state = core.start(batch, BatchNoise(default_rng(seed)), NUMPY)
    state["t"] = np.zeros(batch, dtype=np.int64)
    return state


def play(core: CoverageCore, state: dict[str, Any], rule: str, seed: int = 0) -> Any:
    """Return what each round added, [T, B], under greedy, best or random choice."""
    rng, gained = default_rng(seed), []
    for t in range(core.horizon):
        if rule == "random":
            free = state["free"]
            action = np.where(free, rng.random(free.shape), -1.0).argmax(axis=1)
        else:
            action = (core.myopic if rule == "greedy" else core.expert)(state, NUMPY)
        state, facts = core.advance(state, action, BatchNoise(rng), NUMPY)
        state["t"] = np.full(len(action), t + 1)
        gained.append(facts["utility"])
    return np.array(gained)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", list(CORES))
def test_scalar_equals_arrays(name: str, seed: int) -> None:
    core = CORES[name]
    one, rng, act = core.scalar(), default_rng(seed + 10), default_rng(seed + 20)
    one.start(default_rng(seed))
    state = core.start(1, RowNoise([default_rng(seed)]), NUMPY)
    state["t"] = np.zeros(1, dtype=np.int64)
    noise = RowNoise([default_rng(seed + 10)])
    close(one.best, state["best"][0])  # branch and bound against enumeration
    for t in range(core.horizon + 1):
        seen, batched = one.observe(), core.observe(state, NUMPY)
        assert core.observation_space.contains(seen)
        for key, value in seen.items():
            assert batched[key].dtype == value.dtype
            close(value, batched[key][0])
        mask = one.mask()
        np.testing.assert_array_equal(mask, core.mask(state, NUMPY)[0])
        assert one.t == t
        if t == core.horizon:
            break
        gains = core.gains(state)[0]
        close(gains[one.myopic()], gains[core.myopic(state, NUMPY)[0]])
        action = int(act.choice(np.flatnonzero(mask)))
        facts = one.advance(action, rng)
        after, many = core.advance(state, np.array([action]), noise, NUMPY)
        assert list(facts) == list(many)
        for key, value in facts.items():
            close(value, np.broadcast_to(many[key], (1,))[0])
        (told,) = one.reveal(action, facts)
        (batch,) = core.reveal(state, np.array([action]), many, NUMPY)
        assert (told.round, told.action) == (batch.round[0], batch.action[0])
        close(told.reward, batch.reward[0])
        after["t"] = state["t"] + 1
        state = after


@pytest.mark.parametrize("name", ["cover", "weighted", "sqrt"])
def test_array_expert_completes_what_was_taken_in_the_best_way(name: str) -> None:
    core = CORES[name]
    state, noise = begin(core, 40, 8), BatchNoise(default_rng(0))
    first = state["members"].sum(axis=2).argmin(axis=1)  # seldom in the best choice
    start = {key: value.copy() for key, value in state.items()}
    state, _ = core.advance(state, first, noise, NUMPY)
    for _ in range(core.horizon - 1):
        state, _ = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
    table = choices(core.sets, core.horizon)
    every = values(start["members"], start["weights"], table, core.power)
    every /= float(core.horizon) ** core.power
    close(state["value"], np.where(table[:, first].T, every, -1.0).max(axis=1))


@pytest.mark.parametrize("name", ["cover", "weighted", "sqrt"])
def test_expert_reaches_the_best_on_both_paths(name: str) -> None:
    core = CORES[name]
    state = begin(core, 20, 3)
    np.testing.assert_allclose(play(core, state, "best").sum(axis=0), state["best"], atol=1e-12)
    for seed in range(5):
        one, rng = core.scalar(), default_rng(0)
        one.start(default_rng(seed))
        first = int(default_rng(seed).integers(core.sets))
        one.advance(first, rng)  # whatever was taken, the expert completes it best
        rest = [
            core_value(core, one, (first, *others))
            for others in combinations(set(range(core.sets)) - {first}, core.horizon - 1)
        ]
        while one.t < core.horizon:
            one.advance(one.expert(), rng)
        assert one.value == pytest.approx(max(rest), abs=1e-12)


def core_value(core: CoverageCore, one: Any, chosen: tuple[int, ...]) -> float:
    """F by its definition, item by item."""
    total = 0.0
    for item, weight in enumerate(one.weights):
        count = sum(item in one.sets[index] for index in chosen)
        total += weight * (
            float(count > 0) if core.gain == "cover" else (count / core.horizon) ** 0.5
        )
    return total


@settings(max_examples=40)
@given(
    gain=st.sampled_from(["cover", "sqrt"]),
    weights=st.sampled_from(["equal", "random"]),
    density=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_gains_telescope_shrink_and_greedy_keeps_its_bound(
    gain: str, weights: str, density: float, seed: int
) -> None:
    core = CoverageCore(sets=6, items=8, horizon=3, gain=gain, weights=weights, density=density)
    state = begin(core, 3, seed)
    gained = play(core, state, "random", seed % 1000)
    # Telescoping against F by its definition, and no gain above the best per world.
    one = core.scalar()
    one.start(default_rng(seed))
    before = [one.gain(i) for i in range(6)]
    total = 0.0
    for index in (4, 0, 2):
        total += one.advance(index, default_rng(0))["utility"]
        after = [one.gain(i) for i in range(6)]
        assert all(0 <= a <= b + 1e-12 for a, b in zip(after, before, strict=True))
        before = after
    assert total == pytest.approx(core_value(core, one, (4, 0, 2)), abs=1e-12)
    assert (gained >= 0).all()
    assert (gained.sum(axis=0) <= state["best"] + 1e-12).all()
    assert (state["best"] <= 1 + 1e-12).all()
    greedy = play(core, state, "greedy").sum(axis=0)
    assert (greedy >= core.oracle()["greedy_bound"] * state["best"] - 1e-12).all()
    assert core.oracle()["greedy_bound"] > GREEDY_BOUND


def test_greedy_on_200_instances() -> None:
    """Pinned table of ours; the prototype had worst .882, mean .992 on instances of its own."""
    core = CoverageCore()
    state = begin(core, 200, 0)
    ratio = play(core, state, "greedy").sum(axis=0) / state["best"]
    assert f"{ratio.min():.4f} {ratio.mean():.4f}" == "0.8889 0.9927"
    assert ratio.min() >= GREEDY_BOUND
    assert f"{GREEDY_BOUND:.3f}" == "0.632"


def test_worked_numbers() -> None:
    """Sets {0, 1}, {1, 2}, {3}; items of equal weight 1/4; two choices."""
    members = np.array([[[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]], dtype=float)
    table = choices(3, 2)
    assert table.astype(int).tolist() == [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
    weights = np.full((1, 4), 0.25)
    assert values(members, weights, table, 0.0).tolist() == [[0.75, 0.75, 0.75]]
    root = values(members, weights, table, 0.5) / 2**0.5
    assert root[0, 0] == pytest.approx(0.25 * (2 * 0.5**0.5 + 1))
    assert CoverageCore(gain="sqrt", horizon=2).pay == pytest.approx(
        [0.7071068, 0.2928932, 0.2247449], abs=1e-7
    )
    assert CoverageCore(horizon=2).oracle() == {"greedy_bound": 0.75}
    assert CoverageCore().outcome(0.2) == pytest.approx(0.6)


def test_progress_ends_at_one_exactly_for_the_best_choice() -> None:
    core = CORES["weighted"]
    one, rng = core.scalar(), default_rng(0)
    one.start(default_rng(7))
    shares = [one.advance(one.expert(), rng) for _ in range(core.horizon)]
    assert shares[-1]["progress"] == pytest.approx(1.0)
    assert sum(facts["shortfall"] for facts in shares) == pytest.approx(0.0, abs=1e-12)
    assert [facts["progress"] for facts in shares] == sorted(facts["progress"] for facts in shares)


def test_batch_noise_has_the_distribution_of_rows() -> None:
    core = CORES["weighted"]
    state = begin(core, 1500, 11)
    batched = play(core, state, "random", 1).sum(axis=0)
    alone, best, act = [], [], default_rng(2)
    for seed in range(1500):
        one, rng = core.scalar(), default_rng(0)
        one.start(default_rng(seed))
        best.append(one.best)
        for _ in range(core.horizon):
            one.advance(int(act.choice(np.flatnonzero(one.mask()))), rng)
        alone.append(one.value)
    assert ks_2samp(batched, alone).pvalue > 0.01
    assert ks_2samp(state["best"], best).pvalue > 0.01


def test_advance_leaves_the_state_alone_and_repeats() -> None:
    core = CORES["sqrt"]
    state = begin(core, 3, 0)
    before = {key: value.copy() for key, value in state.items()}
    action = np.array([0, 5, 8])
    first = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    second = core.advance(state, action, BatchNoise(default_rng(1)), NUMPY)
    for key, value in before.items():
        np.testing.assert_array_equal(state[key], value)
    for one, other in zip(first, second, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"horizon": 0}, "horizon must be an integer from 1"),
        ({"horizon": 11}, "horizon must be an integer from 1 to 10, got 11"),
        ({"sets": 101}, "sets must be an integer from 1 to 100, got 101"),
        ({"items": 0}, "items must be an integer from 1 to 1,000, got 0"),
        ({"density": float("nan")}, "density must be a number from 0 to 1, got nan"),
        ({"gain": "root"}, "unknown gain 'root'"),
        ({"weights": "rand"}, "Did you mean 'random'"),
        ({"sets": 30, "horizon": 6}, "at most 20,000 choices, got 30 and 6, which leave 593,775"),
    ],
)
def test_bad_input(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        CoverageCore(**arguments)
