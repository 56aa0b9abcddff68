"""Every rule on numbers worked by hand: one information set of player 0 with two actions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.solvers.rules.asymmetric import Aod
from envgym.agents.solvers.rules.discounted import Dcfr, DcfrBefore, Lcfr
from envgym.agents.solvers.rules.plain import Cfr, CfrPlus
from envgym.agents.solvers.rules.predictive import PcfrPlus, PdcfrPlus
from envgym.agents.solvers.rules.volatility import Ewma, Vad
from envgym.agents.solvers.sequences import sequences
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types.errors import ConfigError

PENNIES = sequences(flatten(make_game("matrix", preset="matching_pennies")))
FIRST, SECOND = np.array([2.0, -1.0]), np.array([-1.0, 1.5])


def after_two(rule):
    """What the rule plays after two iterations with the regrets above."""
    return rule.update(0, 0, FIRST.copy()).tolist(), rule.update(0, 1, SECOND.copy()).tolist()


def test_cfr_adds_up():
    # R = (2, -1), then (1, .5).
    assert after_two(Cfr(PENNIES, 2)) == ([1.0, 0.0], pytest.approx([2 / 3, 1 / 3]))


def test_cfr_plus_forgets_what_is_negative():
    # R = (2, 0), then (1, 1.5).
    assert after_two(CfrPlus(PENNIES, 2)) == ([1.0, 0.0], pytest.approx([0.4, 0.6]))


def test_dcfr_discounts_the_sum():
    # t = 1: all halved, R = (1, -.5); t = 2: R + r = (0, 1).
    assert after_two(Dcfr(PENNIES, 2)) == ([1.0, 0.0], [0.0, 1.0])
    # beta = -1000 forgets the negative altogether: R = (1, 0), then (0, 1.5).
    rule = Dcfr(PENNIES, 2, beta=-20.0)
    rule.update(0, 0, FIRST.copy())
    rule.update(0, 1, np.array([0.5, 1.5]))
    share = 2**1.5 / (2**1.5 + 1)
    assert rule.regrets[0].tolist() == pytest.approx([1.5 * share, share], abs=1e-5)


def test_dcfr_before_discounts_the_past_alone():
    # t = 1: R = (2, -1); t = 2: 2 * d - 1 and -1 / 2 + 1.5, d = 2^1.5 / (2^1.5 + 1).
    share = 2**1.5 / (2**1.5 + 1)
    first, second = 2 * share - 1, 1.0
    rule = DcfrBefore(PENNIES, 2)
    assert after_two(rule)[1] == pytest.approx(
        [first / (first + second), second / (first + second)]
    )
    assert rule.regrets[0].tolist() == pytest.approx([first, second])


def test_lcfr_weights_linearly():
    # R = (1, -.5), then (0, 1) * 2 / 3.
    rule = Lcfr(PENNIES, 2)
    after_two(rule)
    assert rule.regrets[0].tolist() == pytest.approx([0.0, 2 / 3])


def test_pcfr_plus_expects_the_last_regrets_again():
    # R = (2, 0), forecast (4, 0); R = (1, 1.5), forecast (0, 3).
    rule = PcfrPlus(PENNIES, 2)
    assert after_two(rule) == ([1.0, 0.0], [0.0, 1.0])
    assert rule.regrets[0].tolist() == [1.0, 1.5]


def test_pdcfr_plus_discounts_before_it_adds():
    # t = 1: R = (2, 0); t = 2: R = (2 / 2 - 1, 1.5), forecast (-1, 1.5 d + 1.5).
    rule = PdcfrPlus(PENNIES, 2)
    assert after_two(rule) == ([1.0, 0.0], [0.0, 1.0])
    assert rule.regrets[0].tolist() == [0.0, 1.5]


def test_vad_by_hand():
    # t = 0: m = 2, e = 2, v = 1: alpha = 1, beta = -.6; u = 1: all shares are 1 / 2.
    # R = (2.2, -1); forecast (1.1 + .5 * 2.2, -.5 - .5): sure of the first.
    rule = Vad(PENNIES, 2)
    assert rule.update(0, 0, FIRST.copy()).tolist() == [1.0, 0.0]
    assert rule.regrets[0].tolist() == pytest.approx([2.2, -1.0])
    # t = 1: m = 1.5, e = .15 + 1.8 = 1.95, v = .975: alpha = 1.0125, beta = -.5875, u = 2.
    good, bad = 2**1.0125 / (2**1.0125 + 1), 2**-0.5875 / (2**-0.5875 + 1)
    regrets = [2.2 * good - 1.0, -bad + 1.65]
    trust = (1 - 0.5 * 0.975) / 1.01
    expected = [max(0.0, regrets[0] * good - trust), regrets[1] * good + trust * 1.65]
    powers = [x**1.5 for x in expected]
    found = rule.update(0, 1, SECOND.copy())
    assert found.tolist() == pytest.approx([x / sum(powers) for x in powers])
    assert rule.regrets[0].tolist() == pytest.approx(regrets)


def test_vad_keeps_negative_regret_but_not_below_minus_20():
    rule = Vad(PENNIES, 2)
    rule.update(0, 0, np.array([1.0, -50.0]))
    assert rule.regrets[0].tolist() == [pytest.approx(1.1), -20.0]


def test_vad_average_begins_after_the_warm_up():
    rule, played = Vad(PENNIES, 4), np.array([0.25, 0.75])
    rule.average(0, 1, FIRST, played)
    assert rule.totals[0].tolist() == [0.0, 0.0]
    # t = 2, u = 3, m = 2, v' = 1: 3^3.5 / (1 + 2^1.5) * sqrt(2).
    rule.average(0, 2, FIRST, played)
    weight = 3**3.5 / (1 + 2**1.5) * 2**0.5
    assert rule.totals[0].tolist() == pytest.approx([0.25 * weight, 0.75 * weight])


def test_aod_by_hand():
    # t = 0: exponents 1 and .5, u = 1. R is 0, which counts as positive: 1.1 * 2 and .9 * -1.
    # Forecast (2.2 + 1.1)^2 of R - 0; the average then is (.22, -.09).
    rule = Aod(PENNIES, 4)
    assert rule.update(0, 0, FIRST.copy()).tolist() == [1.0, 0.0]
    assert rule.regrets[0].tolist() == pytest.approx([2.2, -0.9])
    assert rule.trend[0].tolist() == pytest.approx([0.22, -0.09])
    # t = 1 of a ramp of 2: exponents 1.75 and .25, u = 2; scales .9 and .7.
    good, bad = 2**1.75 / (2**1.75 + 1), 2**0.25 / (2**0.25 + 1)
    regrets = [2.2 * good - 0.9, -0.9 * bad + 0.7 * 1.5]
    weights = [(1.5 * regrets[0] - 0.11) ** 2, (1.5 * regrets[1] + 0.045) ** 2]
    found = rule.update(0, 1, SECOND.copy())
    assert found.tolist() == pytest.approx([x / sum(weights) for x in weights])
    # The average fades by u^gamma / (u^gamma + 1), gamma from 1 to 5: 1 / 2, then 2^3 / 9.
    played = np.array([0.25, 0.75])
    for t in (0, 1):
        rule.average(0, t, FIRST, played)
    assert rule.totals[0].tolist() == pytest.approx([0.25 * 17 / 9, 0.75 * 17 / 9])


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (Cfr, (1, 1)),
        (CfrPlus, (1, 2)),
        (Dcfr, (1, 4)),
        (Lcfr, (1, 2)),
        (PcfrPlus, (1, 4)),
        (PdcfrPlus, (1, 32)),
    ],
)
def test_weights_of_the_average(make, weights):
    rule = make(PENNIES, 2)
    rule.average(0, 0, FIRST, np.array([1.0, 0.0]))
    rule.average(0, 1, FIRST, np.array([0.0, 1.0]))
    assert rule.totals[0].tolist() == list(weights)
    assert rule.totals[1].tolist() == [0.0, 0.0]


@given(
    numbers=st.lists(st.floats(0, 5), min_size=1, max_size=300),
    cut=st.integers(0, 300),
    start=st.floats(0, 5),
)
def test_the_moving_average_in_arrays_is_the_one_by_one(numbers, cut, start):
    ewma, last, expected = Ewma(0.1), start, []
    ewma.start(np.array([start]))
    for number in numbers:
        last = 0.1 * number + 0.9 * last
        expected.append(last)
    found = [*ewma(np.array(numbers[:cut])), *ewma(np.array(numbers[cut:]))]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert ewma.last == found[-1]


def test_the_moving_average_starts_with_the_numbers_themselves():
    ewma = Ewma(0.1)
    assert ewma.start(np.array([3.0, 1.0])).tolist() == [3.0, 1.0]
    assert ewma(np.array([2.0])).tolist() == pytest.approx([1.1])


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (Vad, {"warmup": 1.0}, "vad.warmup must be from 0 to below 1, got 1.0"),
        (Vad, {"warmup": -0.1}, "vad.warmup"),
        (Aod, {"ramp": 0.0}, "aod.ramp must be above 0 and at most 1, got 0.0"),
    ],
)
def test_shares_out_of_range(make, options, said):
    with pytest.raises(ConfigError, match=said):
        make(PENNIES, 10, **options)
