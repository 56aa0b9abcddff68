"""LiveInsert: arrays against plain floats, batches, what the expert earns and keeps, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import PCG64, Generator
from scipy import stats

from envgym.envs.bandits.live.core import LiveInsertCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "default": LiveInsertCore(horizon=80),
    "group A": LiveInsertCore(horizon=80, share_b=0.0, live=2.0, short=3.0, floor=1.0),
    "group B": LiveInsertCore(horizon=80, share_b=1.0, displaced=0.7, levels=9, rise=3, rest=0.4),
    "unlimited": LiveInsertCore(horizon=40, floor=0.0, rest=1.0, levels=2, rise=1),
}


def _begin(core, batch, noise):
    state = core.start(batch, noise, NUMPY)
    return {**state, "t": np.zeros(batch, dtype=np.int64)}


def _play(core, state, action, noise):
    after, facts = core.advance(state, action, noise, NUMPY)
    return {**after, "t": state["t"] + 1}, facts


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_arrays_and_floats_play_the_same_episode(core, seed):
    noise, rng = RowNoise([Generator(PCG64(seed))]), Generator(PCG64(seed))
    choose = np.random.default_rng(seed)
    scalar = core.scalar()
    scalar.start(rng)
    state = _begin(core, 1, noise)
    for _ in range(core.horizon):
        single = scalar.observe()
        assert core.observation_space.contains(single)
        np.testing.assert_allclose(core.observe(state, NUMPY)[0], single, rtol=1e-12, atol=1e-14)
        assert core.expert(state, NUMPY)[0] == scalar.expert()
        assert core.myopic(state, NUMPY)[0] == scalar.myopic() == 1
        assert core.mask(state, NUMPY) is None
        assert scalar.mask() is None
        action = int(choose.integers(2))
        after, facts = _play(core, state, np.array([action]), noise)
        plain = scalar.advance(action, rng)
        assert facts.keys() == plain.keys()
        for name, value in plain.items():
            assert facts[name][0] == pytest.approx(value, rel=1e-12, abs=1e-12), name
        (shown,) = core.reveal(state, np.array([action]), facts, NUMPY)
        (told,) = scalar.reveal(action, plain)
        assert (shown.round[0], shown.action[0], shown.reward[0]) == told[:3]
        assert shown.residuals[0][0] == pytest.approx(told.residuals[0], rel=1e-12, abs=1e-12)
        state = after
    assert scalar.t == core.horizon


def test_one_round_by_hand():
    core, noise = LiveInsertCore(), BatchNoise(Generator(PCG64(1)))
    state = {
        "group": np.array([0, 1, 1]),
        "level": np.array([15, 15, 30]),
        "owed": np.array([0.0, 0.5, -2.0]),
        "t": np.array([0, 9, 9]),
    }
    after, facts = core.advance(state, np.array([1, 0, 1]), noise, NUMPY)
    # Fatigue .5: .6 exp(-1) and .45 exp(-3) at 1; rest of 15 levels: ceil(2.25) = 3.
    expected = [0.6 * math.exp(-1.0), 0.0, 0.45 * math.exp(-3.0)]
    assert facts["expected"] == pytest.approx(expected, abs=1e-12)
    assert after["level"].tolist() == [19, 12, 30]
    # Short videos: .95 - .3, .85, .7 - .3, so that .23, .03 and .48 are owed in the round.
    assert after["owed"] == pytest.approx([0.23, 0.53, -1.52], abs=1e-12)
    assert facts["violation"] == pytest.approx([0.23, 0.053, 0.0], abs=1e-12)


def test_minutes_have_their_stated_means():
    core, batch = LiveInsertCore(live=2.0, short=3.0, floor=2.0), 40_000
    noise = BatchNoise(Generator(PCG64(2)))
    state, facts = _play(core, _begin(core, batch, noise), np.ones(batch, dtype=int), noise)
    off = facts["utility"] - facts["expected"]
    assert abs(off.mean()) < 4 * off.std() / math.sqrt(batch)
    assert facts["utility"].max() <= core.problem.high
    short = core.floor - facts["duration_residual"]
    assert short.mean() == pytest.approx(2.7, abs=4 * short.std() / math.sqrt(batch))
    assert 1.35 <= short.min() <= short.max() <= 4.05
    assert state["group"].mean() == pytest.approx(0.5, abs=0.01)


def test_one_generator_for_all_draws_the_same_law():
    core, count = LiveInsertCore(), 1500
    found = []
    for noise in (
        BatchNoise(Generator(PCG64(1))),
        RowNoise([Generator(PCG64(5000 + i)) for i in range(count)]),
    ):
        state, total, owed = _begin(core, count, noise), 0.0, 0.0
        for t in range(8):
            state, facts = _play(core, state, np.full(count, int(t % 3 == 0)), noise)
            total, owed = total + facts["utility"], owed + facts["duration_residual"]
        found.append((total, owed))
    for first, second in zip(*found, strict=True):
        assert stats.ks_2samp(first, second).pvalue > 0.01


def test_a_row_does_not_depend_on_its_batch_and_seeds_decide():
    core = LiveInsertCore()

    def run(seeds):
        noise = RowNoise([Generator(PCG64(seed)) for seed in seeds])
        state, total = _begin(core, len(seeds), noise), np.zeros(len(seeds))
        for _ in range(20):
            state, facts = _play(core, state, core.expert(state, NUMPY), noise)
            total += facts["duration_residual"]
        return total

    together = run([1, 2, 3])
    assert together[1] == run([2])[0] == run([2])[0]
    assert len(set(together.tolist())) == 3


def test_advance_leaves_its_state_alone():
    core, noise = LiveInsertCore(), BatchNoise(Generator(PCG64(0)))
    state = _begin(core, 6, noise)
    kept = {name: value.copy() for name, value in state.items()}
    core.advance(state, np.arange(6) % 2, noise, NUMPY)
    assert all((state[name] == kept[name]).all() for name in kept)


@given(actions=st.lists(st.integers(0, 1), min_size=1, max_size=40), group=st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_resting_never_pays_and_never_tires(actions, group):
    core = LiveInsertCore(share_b=float(group))
    rng, scalar = Generator(PCG64(7)), core.scalar()
    scalar.start(rng)
    for action in actions:
        before = scalar.fatigue
        facts = scalar.advance(action, rng)
        assert 0.0 <= scalar.fatigue <= 1.0
        assert scalar.fatigue >= before if action else scalar.fatigue <= before
        assert facts["utility"] == 0.0 or action


def _simulate(core, name, batch=64):
    noise = BatchNoise(Generator(PCG64(5)))
    state, earned = _begin(core, batch, noise), np.zeros(batch)
    for _ in range(core.horizon):
        state, facts = _play(core, state, getattr(core, name)(state, NUMPY), noise)
        earned += facts["expected"] / core.horizon
    return state, earned, facts["violation"]


def test_the_expert_earns_the_optimum_and_keeps_the_floor():
    core = LiveInsertCore(horizon=2000)
    state, earned, violation = _simulate(core, "expert")
    assert earned == pytest.approx(core.best[state["group"]], abs=0.001)
    assert violation.max() <= 1e-9


def test_the_myopic_policy_earns_less_and_misses_the_floor():
    core = LiveInsertCore(horizon=2000)
    state, earned, violation = _simulate(core, "myopic")
    assert (earned < 0.7 * core.best[state["group"]]).all()
    assert (violation > 0.2).all()


def test_rounds_that_miss_the_floor_are_worth_nothing():
    core = LiveInsertCore()
    facts = {"utility": np.array([0.5, 0.5]), "violation": np.array([0.0, 0.01])}
    assert core.worth(facts, NUMPY).tolist() == [0.5, 0.0]
    assert [core.worth_one({"utility": 0.5, "violation": v}) for v in (0.0, 0.01)] == [0.5, 0.0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"floor": 1.1}, "floor must be at most short (1), which only never inserting reaches"),
        ({"floor": -0.1}, "floor must be a number from 0 to 1000, got -0.1"),
        ({"displaced": 0.8}, "displaced must be at most short * (1 - tire) = 0.7, got 0.8"),
        ({"appeal_a": 1.5}, "appeal_a must be a number from 0 to 1, got 1.5"),
        ({"wear_b": float("nan")}, "wear_b must be a number from 0 to 20, got nan"),
        ({"levels": 1}, "levels must be an integer from 2 to 200, got 1"),
        ({"rise": 0}, "rise must be an integer from 1 to 200, got 0"),
        ({"rest": 0.0}, "rest must be a number from 1e-06 to 1, got 0.0"),
        ({"horizon": 0}, "horizon must be an integer from 1 to 10,000,000, got 0"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "words",
)
def test_bad_input(fields, words):
    with pytest.raises(ConfigError) as caught:
        LiveInsertCore(**fields)
    assert str(caught.value).startswith("LiveInsert: ")
    assert words in str(caught.value)
