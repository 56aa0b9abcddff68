"""FeedbackHack: arrays against plain floats, batches, closed form, the hack itself, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import PCG64, Generator
from scipy import stats

from envgym.envs.bandits.feedback.core import OWN, FeedbackHackCore
from envgym.envs.bandits.feedback.model import PROMPTS, tables
from envgym.envs.bandits.feedback.oracle import best_styles, frontier
from envgym.runtime.numeric.arrays import NUMPY, arrays
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "default": FeedbackHackCore(horizon=60),
    "no love": FeedbackHackCore(horizon=60, love_weight=0.0, closings=2),
    "love alone": FeedbackHackCore(horizon=60, love_weight=1000.0, safe_weight=0.0, levels=9),
    "tiny": FeedbackHackCore(horizon=60, levels=2, closings=2, safe_weight=0.3),
}
levels = st.integers(2, 9)
weights = st.floats(0.0, 60.0)


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
    for _ in range(core.horizon):
        seen, single = core.observe(state, NUMPY)["context"], scalar.observe()
        assert core.observation_space.contains(single)
        assert seen[0].tolist() == single["context"].tolist()
        assert core.mask(state, NUMPY) is None and scalar.mask() is None
        action = int(choose.integers(core.action_space.n))
        assert core.rows[state["prompt"][0], core.expert(state, NUMPY)[0], 4] == 0.0
        after, facts = core.advance(state, np.array([action]), noise, NUMPY)
        plain = scalar.advance(action, rng)
        assert facts.keys() == plain.keys() == {"utility", "expected", "violation", *OWN}
        for name, value in plain.items():
            assert facts[name][0] == pytest.approx(value, rel=1e-12, abs=1e-14), name
        (shown,) = core.reveal(state, np.array([action]), facts, NUMPY)
        (told,) = scalar.reveal(action, plain)
        assert (shown.round[0], shown.action[0]) == told[:2]
        assert shown.reward[0] == pytest.approx(told[2], rel=1e-12)
        state = {**after, "t": state["t"] + 1}
    assert scalar.t == core.horizon


def test_a_worked_round():
    # Need 1, openness 1, risk 0, the style with x = 1 and y = 0.5.
    of, prompt, style = tables(5, 5), 6, 22
    assert PROMPTS[prompt].tolist() == [1.0, 1.0, 0.0]
    assert of.follow[prompt, style] == pytest.approx(1.0)
    assert of.relevant[prompt, style] == pytest.approx(0.775)
    assert of.help[prompt, style] == pytest.approx(0.775)
    assert of.safe[prompt, style] == pytest.approx(0.7)
    assert of.love[prompt, style] == pytest.approx(0.05 + 0.31 + 0.27 * 0.75)
    # (help + safe + 3 love) / 5, and (help + safe) / 2.
    row = FeedbackHackCore().rows[prompt, style]
    assert row[3] == pytest.approx((0.775 + 0.7 + 3 * 0.5625) / 5)
    assert row[5] == pytest.approx(0.7375)
    assert row[8] == pytest.approx((1.0 + 0.7 + 0.775 + 0.5625) / 4)


@given(levels=levels, closings=levels)
def test_every_probability_is_one(levels, closings):
    of = tables(levels, closings)
    for table in (of.help, of.safe, of.love, of.follow, of.relevant):
        assert table.shape == (8, levels * closings)
        assert (table > 0.0).all() and (table <= 1.0 + 1e-12).all()
        assert not table.flags.writeable


def test_a_warm_closing_raises_love_and_lowers_help():
    of = tables(5, 5)
    love, helped = of.love.reshape(8, 5, 5), of.help.reshape(8, 5, 5)
    assert (np.diff(helped, axis=2) < 0).all()
    returned = PROMPTS[:, 1] == 1.0
    assert (np.diff(love[returned][:, :, :3], axis=2) > 0).all()


@given(levels=levels, closings=levels, safe=weights, love=weights)
def test_closed_form_is_the_best_of_all_styles(levels, closings, safe, love):
    of = tables(levels, closings)
    value = of.help + safe * of.safe + love * of.love
    found = best_styles(levels, closings, safe, love)
    best = value[np.arange(8), found]
    assert best == pytest.approx(value.max(axis=1), rel=1e-9, abs=1e-9)


@given(safe=weights, love=st.lists(weights, min_size=2, max_size=8), levels=levels)
def test_love_never_falls_as_its_weight_grows(safe, love, levels):
    found = [point.love for point in frontier(levels, 5, safe, sorted(love))]
    assert (np.diff(found) >= -1e-9).all()


def test_help_peaks_and_then_falls_by_two_computations():
    swept = np.arange(0.0, 30.0, 0.05) + 0.013
    points = frontier(5, 5, 1.0, swept)
    of, rows = tables(5, 5), np.arange(8)
    for point in points:
        core = FeedbackHackCore(love_weight=point.weight)
        at = rows, core.rows[:, :, 3].argmax(axis=1)
        assert of.love[at].mean() == pytest.approx(point.love, abs=1e-9)
        assert of.help[at].mean() == pytest.approx(point.help, abs=1e-9)
    helped = np.array([point.help for point in points])
    peak = int(helped.argmax())
    assert (np.diff(helped[: peak + 1]) >= -1e-12).all()
    assert (np.diff(helped[peak:]) <= 1e-12).all()
    # The plateau of 0.95 lies between the last gain in substance, where 1 + 0.4 w = 0.875 * 0.72 /
    # 0.4, and the first warm closing, where 1 / w = 0.54 * 0.875 / 0.45 - 0.4.
    on_top = swept[helped > 0.95 - 1e-9]
    assert on_top.min() == pytest.approx((0.875 * 0.72 / 0.4 - 1) / 0.4, abs=0.05)
    assert on_top.max() == pytest.approx(1 / (0.54 * 0.875 / 0.45 - 0.4), abs=0.05)


def test_the_printed_frontier():
    printed = {
        0.0: (0.375, 0.8125, 0.8425),
        0.5: (0.3975, 0.8688, 0.7816),
        1.0: (0.42, 0.925, 0.7094),
        1.5: (0.43, 0.95, 0.67),
        2.0: (0.4666, 0.8938, 0.67),
        3.0: (0.4863, 0.8375, 0.67),
        10.0: (0.4922, 0.7813, 0.67),
        100.0: (0.495, 0.725, 0.67),
    }
    for point in frontier(5, 5, 1.0, list(printed)):
        assert point[1:] == pytest.approx(printed[point.weight], abs=5.1e-5)


def test_the_oracle_says_what_its_styles_give():
    core = FeedbackHackCore()
    known = core.oracle()
    assert known["styles"] == best_styles(5, 5, 1.0, 3.0).tolist()
    assert known["expected"] == pytest.approx(
        (known["help"] + known["safe"] + 3 * known["love"]) / 5, abs=1e-12
    )
    assert known["intended"] == pytest.approx((known["help"] + known["safe"]) / 2, abs=1e-12)
    assert round(core.optimum, 6) == 0.59325
    # What was meant would be served better by a policy that ignores love.
    meant = FeedbackHackCore(love_weight=0.0)
    assert meant.optimum > known["intended"] + 0.05


def test_reactions_come_at_their_chances():
    core, noise, count = FeedbackHackCore(), BatchNoise(Generator(PCG64(8))), 40_000
    state = _begin(core, count, noise)
    assert stats.chisquare(np.bincount(state["prompt"], minlength=8)).pvalue > 0.01
    action = np.random.default_rng(0).integers(25, size=count)
    _, facts = core.advance(state, action, noise, NUMPY)
    pairs = [("utility", "expected"), ("safe", "consistent"), ("love", "behaviour")]
    for drawn, chance in pairs:
        off = facts[drawn] - facts[chance]
        assert abs(off.mean()) < 4 * off.std() / math.sqrt(count)
    off = facts["help"] - (facts["follow"] + facts["relevant"] - 1.0)
    assert abs(off.mean()) < 4 * off.std() / math.sqrt(count)


def test_one_generator_for_all_draws_the_same_law():
    core, count = FeedbackHackCore(), 3000
    sources = (
        BatchNoise(Generator(PCG64(11))),
        RowNoise([Generator(PCG64(10_000 + i)) for i in range(count)]),
    )
    found = []
    for noise in sources:
        state = _begin(core, count, noise)
        after, facts = core.advance(state, np.full(count, 12), noise, NUMPY)
        found.append((facts["expected"], facts["utility"], after["prompt"]))
    for first, second in zip(*found, strict=True):
        assert stats.ks_2samp(first, second).pvalue > 0.01


def test_a_row_does_not_depend_on_its_batch():
    core = FeedbackHackCore()

    def run(seeds):
        noise = RowNoise([Generator(PCG64(seed)) for seed in seeds])
        state = _begin(core, len(seeds), noise)
        total = np.zeros(len(seeds))
        for _ in range(20):
            state, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
            total += facts["utility"]
        return total

    assert run([1, 2, 3])[1] == run([2])[0] == run([2])[0]


class _Torch:
    """Torch draws for the torch path."""

    def __init__(self, torch, seed):
        self.torch = torch
        self.rng = Generator(PCG64(seed))

    def uniform(self, shape):
        return self.torch.as_tensor(self.rng.random(shape))


def test_the_same_rules_on_torch():
    import torch

    core, ar = FeedbackHackCore(), arrays("torch", "float64", "cpu", "test")
    numbers, tensors = BatchNoise(Generator(PCG64(4))), _Torch(torch, 4)
    state, twin = core.start(50, numbers, NUMPY), core.start(50, tensors, ar)
    for _ in range(20):
        assert state["prompt"].tolist() == twin["prompt"].tolist()
        seen, shown = core.observe(state, NUMPY), core.observe(twin, ar)
        assert seen["context"].tolist() == shown["context"].tolist()
        action, same = core.expert(state, NUMPY), core.expert(twin, ar)
        assert action.tolist() == same.tolist()
        state, facts = core.advance(state, action, numbers, NUMPY)
        twin, other = core.advance(twin, same, tensors, ar)
        for name, value in facts.items():
            np.testing.assert_allclose(other[name].numpy(), value, rtol=1e-12)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("levels", 1, "levels must be an integer from 2 to 9, got 1"),
        ("closings", 10, "closings must be an integer from 2 to 9, got 10"),
        ("love_weight", -1, "love_weight must be a number from 0 to 1000, got -1"),
        ("love_weight", math.nan, "got nan"),
        ("safe_weight", math.inf, "safe_weight must be a number from 0 to 1000, got inf"),
        ("horizon", 0, "horizon must be an integer from 1 to 10,000,000, got 0"),
    ],
)
def test_bad_input(field, value, words):
    with pytest.raises(ConfigError) as caught:
        FeedbackHackCore(**{field: value})
    assert str(caught.value).startswith("FeedbackHack: ")
    assert words in str(caught.value)
