"""Strategies: worked numbers, laws, and mixtures of meta-solvers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.league import (
    Latest,
    Member,
    MetaMix,
    Mixed,
    Pfsp,
    Results,
    Uniform,
    parse_strategy,
)
from envgym.agents.league.strategies import pfsp
from envgym.types import ConfigError

rates = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def past(*names):
    return [Member(id=n, player="random", role="past", created=k) for k, n in enumerate(names)]


@pytest.mark.parametrize(
    ("given_", "rule", "expected"),
    [
        # (1 - w)^p by hand: 0.25 + 0.01 + 1 = 1.26
        ([0.5, 0.9, 0.0], Pfsp(2.0), [0.25 / 1.26, 0.01 / 1.26, 1 / 1.26]),
        ([0.5, 0.9, 0.0], Pfsp(1.0), [0.3125, 0.0625, 0.625]),
        ([0.5, 0.9, 0.0], Pfsp(0.0), [1 / 3, 1 / 3, 1 / 3]),
        # w (1 - w): 0.25 + 0.09 + 0 = 0.34
        ([0.5, 0.9, 0.0], Pfsp(weighting="variance"), [0.25 / 0.34, 0.09 / 0.34, 0.0]),
        # nobody is of use any more
        ([1.0, 1.0], Pfsp(2.0), [0.5, 0.5]),
        ([0.0, 1.0], Pfsp(weighting="variance"), [0.5, 0.5]),
    ],
)
def test_pfsp_known_values(given_, rule, expected):
    assert pfsp(given_, rule) == pytest.approx(expected)


@given(rates=rates, power=st.floats(0, 6), weighting=st.sampled_from(["hard", "variance"]))
def test_pfsp_is_a_distribution(rates, power, weighting):
    found = pfsp(rates, Pfsp(power, weighting))
    assert sum(found) == pytest.approx(1.0) and all(0.0 <= p <= 1.0 for p in found)


@given(rates=rates, power=st.floats(0.1, 6))
def test_hard_falls_as_the_win_rate_rises(rates, power):
    found = pfsp(sorted(rates), Pfsp(power))
    assert all(a >= b - 1e-12 for a, b in pairwise(found))


@given(rates=st.lists(st.integers(0, 64).map(lambda n: n / 64), min_size=1, max_size=6))
def test_variance_is_symmetric_in_winning_and_losing(rates):
    # Sixty-fourths: of much smaller rates 1 - w is 1, and symmetry is lost to rounding.
    rule = Pfsp(weighting="variance")
    assert pfsp(rates, rule) == pytest.approx(pfsp([1.0 - w for w in rates], rule), abs=1e-9)


@given(rates=rates, power=st.floats(0, 6))
def test_order_of_candidates_does_not_matter(rates, power):
    assert pfsp(rates[::-1], Pfsp(power)) == pytest.approx(pfsp(rates, Pfsp(power))[::-1])


@pytest.mark.parametrize(
    ("solver", "exact"), [("nash", 1e-6), ("prd", 1e-6), ("uniform", 1e-6), ("rm", 0.03)]
)
def test_a_cycle_of_equals_is_met_alike(solver, exact):
    """Rock, paper and scissors: each beats one and loses to one."""
    results = Results()
    for a, b in (("rock", "scissors"), ("scissors", "paper"), ("paper", "rock")):
        results.add(a, b, 30.0, games=30)
    found = MetaMix(solver).weights(past("rock", "paper", "scissors"), results, "main")
    assert found == pytest.approx([1 / 3] * 3, abs=exact)


def test_whoever_loses_to_all_is_not_met():
    results = Results()
    results.add("strong", "weak", 20.0, games=20)
    assert MetaMix("nash").weights(past("weak", "strong"), results, "main") == pytest.approx([0, 1])


def test_latest_uniform_and_mixtures():
    members, results = past("a", "b", "c", "d"), Results()
    assert Latest().weights(members, results, "x") == (0, 0, 0, 1)
    assert Uniform().weights(members, results, "x") == (0.25,) * 4
    mixed = Mixed(((3.0, Latest()), (1.0, Uniform())))
    assert mixed.weights(members, results, "x") == pytest.approx([0.0625] * 3 + [0.8125])


@pytest.mark.parametrize(
    ("word", "strategy"),
    [
        ("latest", Latest()),
        ("uniform", Uniform()),
        ("pfsp", Pfsp(2.0)),
        ("pfsp:0.5", Pfsp(0.5)),
        ("pfsp:variance", Pfsp(weighting="variance")),
        ("meta:nash", MetaMix("nash")),
        (Latest(), Latest()),
    ],
)
def test_words(word, strategy):
    assert parse_strategy(word) == strategy


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: parse_strategy("lates"), "unknown strategy 'lates'.*Did you mean 'latest'"),
        (lambda: parse_strategy("latest:2"), "unknown strategy 'latest:2'"),
        (lambda: parse_strategy(3), "a strategy is a word or has weights"),
        (lambda: parse_strategy("pfsp:hard"), "expected pfsp:POWER"),
        (lambda: parse_strategy("pfsp:-1"), "power must be 0 or more, got -1.0"),
        (lambda: parse_strategy("pfsp:nan"), "power must be 0 or more"),
        (lambda: parse_strategy("meta:nahs"), "unknown meta-solver 'nahs'.*Did you mean 'nash'"),
        (lambda: Pfsp(weighting="soft"), "unknown weighting 'soft'"),
        (lambda: Mixed(()), "a mixture needs parts"),
        (lambda: Mixed(((0.0, Latest()),)), "a mixture needs parts"),
    ],
)
def test_bad_strategies(make, sentence):
    with pytest.raises(ConfigError, match=sentence):
        make()
