"""Disengage: arrays against plain floats, batches, returns against values, bad input."""

import math

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy import stats

from envgym.envs.bandits.disengage import DisengageEnv
from envgym.envs.bandits.disengage.core import ACTIONS, DisengageCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "default": DisengageCore(horizon=80),
    "friction": DisengageCore(horizon=80, reengage=0.3),
    "stopping": DisengageCore(horizon=80, stopping=True, discount=0.8),
    "two levels": DisengageCore(horizon=40, levels=2, begin=1, bend=0.5, floor=0.2, rise=0.8),
}


def _begin(core, batch, noise):
    state = core.start(batch, noise, NUMPY)
    return {**state, "t": np.zeros(batch, dtype=np.int64)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_arrays_and_floats_play_the_same_episode(core, seed):
    noise, rng = RowNoise([Generator(PCG64(seed))]), Generator(PCG64(seed))
    choose = np.random.default_rng(seed)
    scalar = core.scalar()
    scalar.start(rng)
    state = _begin(core, 1, noise)
    assert core.mask(state, NUMPY) is None
    assert scalar.mask() is None
    for _ in range(core.horizon):
        single = scalar.observe()
        assert core.observation_space.contains(single)
        np.testing.assert_allclose(core.observe(state, NUMPY)[0], single, rtol=1e-12)
        assert core.expert(state, NUMPY)[0] == scalar.expert()
        assert core.myopic(state, NUMPY)[0] == scalar.myopic() == 0
        action = int(choose.integers(ACTIONS))
        after, facts = core.advance(state, np.array([action]), noise, NUMPY)
        plain = scalar.advance(action, rng)
        assert facts.keys() == plain.keys()
        for name, value in plain.items():
            found = facts[name][0]
            assert found == pytest.approx(value, rel=1e-12, abs=1e-12), name
        (shown,) = core.reveal(state, np.array([action]), facts, NUMPY)
        (told,) = scalar.reveal(action, plain)
        assert (shown.round[0], shown.action[0], shown.reward[0]) == told[:3]
        state = {**after, "t": state["t"] + 1}
    assert scalar.t == core.horizon


def test_a_disengaged_user_ignores_actions():
    core, noise = DisengageCore(), BatchNoise(Generator(PCG64(1)))
    state = {"level": np.array([4, 4, 10]), "on": np.array([False, True, True])}
    after, facts = core.advance(state, np.array([0, 0, 4]), noise, NUMPY)
    assert facts["utility"].tolist() == [0.0, 1.0, 0.05]
    assert after["level"].tolist() == [4, 2, 11]
    assert facts["engaged"].tolist() == [False, True, True]
    assert facts["shortfall"][0] == 0.0 < facts["shortfall"][1]


def test_one_generator_for_all_draws_the_same_law():
    core, count = DisengageCore(stopping=True), 1500
    found = []
    for noise in (
        BatchNoise(Generator(PCG64(1))),
        RowNoise([Generator(PCG64(5000 + i)) for i in range(count)]),
    ):
        state, total, over = _begin(core, count, noise), 0.0, 0.0
        for t in range(12):
            action = np.full(count, t % ACTIONS)
            state, facts = core.advance(state, action, noise, NUMPY)
            total, over = total + facts["value"], over + facts["over"]
        found.append((total, over))
    for first, second in zip(*found, strict=True):
        assert stats.ks_2samp(first, second).pvalue > 0.01


def test_a_row_does_not_depend_on_its_batch_and_seeds_decide():
    core = DisengageCore()

    def run(seeds):
        noise = RowNoise([Generator(PCG64(seed)) for seed in seeds])
        state, total = _begin(core, len(seeds), noise), np.zeros(len(seeds))
        for t in range(30):
            action = np.full(len(seeds), t % ACTIONS)
            state, facts = core.advance(state, action, noise, NUMPY)
            total += facts["value"]
        return total

    together = run([1, 2, 3])
    assert together[1] == run([2])[0] == run([2])[0]
    assert len(set(together.tolist())) == 3


def test_advance_leaves_its_state_alone():
    core, noise = DisengageCore(), BatchNoise(Generator(PCG64(0)))
    state = _begin(core, 6, noise)
    kept = {name: value.copy() for name, value in state.items()}
    core.advance(state, np.arange(6) % ACTIONS, noise, NUMPY)
    assert all((state[name] == kept[name]).all() for name in kept)


@pytest.mark.parametrize("reengage", [1.0, 0.3])
def test_the_discounted_return_is_the_value(reengage):
    core, batch = DisengageCore(reengage=reengage), 2000
    noise = BatchNoise(Generator(PCG64(2)))
    state, total = _begin(core, batch, noise), np.zeros(batch)
    for t in range(500):  # .97^500 is 2e-7
        state, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
        total += core.discount**t * facts["utility"]
    value = core.oracle()["value"]
    assert total.mean() == pytest.approx(value, abs=3 * total.std() / math.sqrt(batch))


def test_with_stopping_the_plain_return_is_the_value():
    core, batch = DisengageCore(stopping=True), 4000
    noise = BatchNoise(Generator(PCG64(3)))
    state, total = _begin(core, batch, noise), np.zeros(batch)
    running = np.ones(batch, dtype=bool)
    for _ in range(600):
        state, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
        total += facts["utility"] * running
        running &= ~facts["over"]
    assert not running.any()
    value = core.oracle()["value"]
    assert total.mean() == pytest.approx(value, abs=3 * total.std() / math.sqrt(batch))


def test_long_runs_reproduce_the_engaged_shares():
    for reengage in (1.0, 0.6, 0.4, 0.3, 0.2, 0.1):
        core, batch = DisengageCore(reengage=reengage), 200
        noise = BatchNoise(Generator(PCG64(4)))
        state, share, paid = _begin(core, batch, noise), np.zeros(batch), np.zeros(batch)
        for t in range(700):
            state, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
            if t >= 200:
                share += facts["engaged"] / 500
                paid += facts["utility"] / 500
        known = core.oracle()
        for found, name in ((share, "engaged"), (paid, "revenue")):
            error = found.std() / math.sqrt(batch)
            assert found.mean() == pytest.approx(known[name], abs=3 * error), (reengage, name)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"levels": 1}, "levels must be an integer from 2 to 1,000, got 1"),
        ({"begin": 12}, "begin must be an integer from 0 to 11, got 12"),
        ({"reengage": 0}, "reengage must be a number from 0.001 to 1, got 0"),
        ({"discount": 1.0}, "discount must be a number from 0 to 0.9999, got 1.0"),
        ({"floor": 0.3}, "floor + rise must be at most 1, got 0.3 + 0.8"),
        ({"bend": float("nan")}, "bend must be a number from 0.1 to 10, got nan"),
        ({"stopping": "yes"}, "stopping"),
        ({"horizon": 0}, "horizon must be an integer from 1 to 10,000,000, got 0"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "words",
)
def test_bad_input(fields, words):
    with pytest.raises(ConfigError) as caught:
        DisengageCore(**fields)
    assert str(caught.value).startswith("Disengage: ")
    assert words in str(caught.value)


def test_the_process_reward_sums_to_the_outcome():
    env = DisengageEnv(reward="process", horizon=12)
    env.reset(seed=4)
    paid = [env.step(2)[1] for _ in range(11)]
    _, last, over, _, info = env.step(2)
    assert over and sum(paid) + last == pytest.approx(info["evidence"]["outcome"])


def test_a_lost_turn_forgoes_its_share_of_the_value():
    env = DisengageEnv(horizon=5)
    env.reset(seed=0)
    evidence = env.step(9)[4]["evidence"]
    assert evidence["shortfall"] == pytest.approx(0.03 * 13.577, abs=2e-5)
