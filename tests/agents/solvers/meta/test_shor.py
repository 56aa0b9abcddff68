from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from envgym.agents.solvers.meta.shor import Shor, judge_settings, shor, shor_eval, train_settings


def test_one_round_by_hand():
    # p = (1, 0) against (1/2, 1/2) for the row, so c = (.5, -.5), g = 1.5 c + .1 (1 - .5)
    # = (.8, -.7), divided by .8; Q = (1, 0). softmax(p / 1) = (.731059, .268941).
    game = np.array([[2.0, 0.0], [0.0, 0.0]])
    rules = Shor(1, mix=0.25, temperature=1.0, optimism=0.5, diversity=0.1, average=False)
    row, column = rules.solve([game, -game])
    assert row == pytest.approx([0.75 + 0.25 * 0.731059, 0.25 * 0.268941], abs=1e-6)
    # The column player sees the new row: p = (-2 row[0], 0).
    high = np.exp(-2 * row[0]) / (1 + np.exp(-2 * row[0]))
    assert column == pytest.approx([0.25 * high, 0.75 + 0.25 * (1 - high)], abs=1e-6)


def test_two_rounds_by_hand():
    # p = (1, .4, 0), c = (.533333, -.066667, -.466667). Round 1: g = 1.5 c + .3 (1 - 1/3)
    # = (1, .1, -.5), Q = (1, .1, 0), sigma = (10/11, 1/11, 0). Round 2: g = c + .3 (1 - sigma)
    # = (.560606, .206061, -.166667), scaled (1, .367568, -.297297); Q = (2, .467568, 0).
    game = np.array([[1.0], [0.4], [0.0]])
    rules = Shor(2, mix=0.0, temperature=1.0, optimism=0.5, diversity=0.3, average=False)
    last = [2.0 / 2.467568, 0.467568 / 2.467568, 0.0]
    assert rules.solve([game, -game])[0] == pytest.approx(last, abs=1e-6)
    mean = replace(rules, average=True).solve([game, -game])[0]
    both = [(10 / 11 + last[0]) / 2, (1 / 11 + last[1]) / 2, 0.0]
    assert mean == pytest.approx(both, abs=1e-6)


def test_no_gain_is_uniform():
    zero = np.zeros((3, 2))
    rules = Shor(5, mix=0.0, temperature=1.0, optimism=0.5, diversity=0.0, average=True)
    assert [w.tolist() for w in rules.solve([zero, zero])] == [[1 / 3] * 3, [0.5] * 2]


@pytest.mark.parametrize(
    ("step", "mix", "temperature", "diversity"),
    [
        (0, 0.3, 0.5, 0.05),
        (75, 0.05, 0.01, 0.001),
        (90, 0.05, 0.01, 0.001),
        (15, 0.25, 0.402, 0.0402),
    ],
)
def test_the_schedule_of_training(step, mix, temperature, diversity):
    rules = train_settings([3, 3], step)
    assert (rules.mix, rules.temperature, rules.diversity) == pytest.approx(
        (mix, temperature, diversity)
    )
    assert (rules.optimism, rules.average) == (0.5, True)


@pytest.mark.parametrize(
    ("n", "train", "judge"), [(1, 1000, 8000), (51, 2000, 10_500), (900, 5000, 15_000)]
)
def test_rounds_grow_with_the_population_and_stop_growing(n, train, judge):
    assert train_settings([1, n], 1).rounds == train
    assert judge_settings([1, n]).rounds == judge


def test_judging_takes_the_last_play():
    rules = judge_settings([2, 2])
    assert (rules.mix, rules.temperature, rules.optimism) == (0.01, 0.001, 0.2)
    assert (rules.diversity, rules.average) == (0.0, False)


@settings(max_examples=10, deadline=None)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 4), st.integers(1, 4)),
        elements=st.integers(-5, 5).map(float),
    ),
    st.integers(-64, 64),
)
def test_a_constant_on_all_payoffs_changes_nothing(game, shift):
    rules = Shor(50, mix=0.2, temperature=0.5, optimism=0.5, diversity=0.05, average=True)
    plain = rules.solve([game, -game])
    moved = rules.solve([game + shift, shift - game])
    for a, b in zip(plain, moved, strict=True):
        assert a.sum() == pytest.approx(1.0)
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_registered_functions_use_their_settings():
    game = np.array([[1.0, -1.0], [-2.0, 1.0]])
    pair = [game, -game]
    for a, b in zip(shor(pair, 30), train_settings([2, 2], 30).solve(pair), strict=True):
        assert a.tolist() == b.tolist()
    for a, b in zip(shor_eval(pair), judge_settings([2, 2]).solve(pair), strict=True):
        assert a.tolist() == b.tolist()
