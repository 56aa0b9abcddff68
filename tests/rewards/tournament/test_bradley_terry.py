import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.tournament.bradley_terry import bradley_terry
from envgym.rewards.tournament.confidence import confidence, cyclic_triads
from envgym.rewards.tournament.engine import Rules, run_tournament
from envgym.rewards.tournament.outcome import Outcome
from envgym.types import ConfigError, Match

games = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.0, 0.5, 1.0])).filter(
        lambda g: g[0] != g[1]
    ),
    max_size=20,
)


def fit(n, rows, prior=1.0):
    return bradley_terry(n, [(a, b) for a, b, _ in rows], [y for _, _, y in rows], prior=prior)


def outcome(a, b, y):
    verdict = "first" if y == 1 else "second" if y == 0 else "tie"
    return Outcome(a, b, verdict, (y, 1 - y))


def test_known_value_two_players():
    # With prior 1 the slope is zero where 1 - sigmoid(2 t) = t: found here by bisection.
    low, high = 0.0, 1.0
    for _ in range(60):
        t = (low + high) / 2
        low, high = (t, high) if 1 - 1 / (1 + np.exp(-2 * t)) > t else (low, t)
    assert fit(2, [(0, 1, 1.0)]).theta == pytest.approx([low, -low], abs=1e-9)


@given(games, st.sampled_from([0.01, 0.1, 1.0, 10.0]))
def test_the_slope_is_zero_at_the_fit_and_strengths_sum_to_zero(rows, prior):
    theta = fit(6, rows, prior).theta
    slope = prior * theta
    for a, b, y in rows:
        chance = 1 / (1 + np.exp(theta[b] - theta[a]))
        slope[a] += chance - y
        slope[b] -= chance - y
    assert slope == pytest.approx(np.zeros(6), abs=1e-7)
    assert abs(theta.sum()) < 1e-9


@given(games, st.permutations(range(6)))
def test_exchanging_players_exchanges_strengths(rows, order):
    moved = fit(6, [(order[a], order[b], y) for a, b, y in rows]).theta
    assert moved[list(order)] == pytest.approx(fit(6, rows).theta, abs=1e-8)


def test_a_cycle_and_ties_give_equal_strengths():
    cycle = [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)]
    assert fit(3, cycle).theta == pytest.approx([0, 0, 0], abs=1e-9)
    assert fit(3, [(0, 1, 0.5), (1, 2, 0.5)]).theta == pytest.approx([0, 0, 0], abs=1e-9)
    assert fit(3, []).theta.tolist() == [0, 0, 0]
    assert fit(0, []).theta.shape == (0,)


def test_a_clean_sweep_stays_finite_with_a_weak_prior():
    rows = [(a, b, 1.0) for a in range(8) for b in range(a + 1, 8)]
    theta = fit(8, rows, 1e-4).theta
    assert np.all(np.isfinite(theta)) and np.all(np.diff(theta) < 0)


def test_strengths_are_recovered():
    rng = np.random.default_rng(0)
    true = np.linspace(-1.5, 1.5, 6)
    rows = []
    for _ in range(4000):
        a, b = rng.choice(6, 2, replace=False)
        rows.append((a, b, float(rng.random() < 1 / (1 + np.exp(true[b] - true[a])))))
    assert fit(6, rows, 0.01).theta == pytest.approx(true, abs=0.2)


def test_a_prior_must_be_positive():
    with pytest.raises(ConfigError, match="prior must be more than 0, got 0"):
        bradley_terry(1, [], [], prior=0)


def test_confidence_is_a_coin_toss_without_matches_and_grows_with_those_that_agree():
    ranks = {0: 0.0, 1: 1.0, 2: 2.0}
    assert confidence(ranks, []) == 0.5
    assert confidence({0: 0.0}, []) == confidence({}, []) == 0.5
    assert confidence(dict.fromkeys(range(3), 1.0), [outcome(0, 1, 1)]) == 0.5
    some = [outcome(0, 1, 1)]
    more = [*some, outcome(1, 2, 1)]
    every = [*more, outcome(0, 2, 1)]
    values = [confidence(ranks, known) for known in (some, more, every)]
    assert 0.5 < values[0] < values[1] < values[2] < 1
    wrong = {0: 2.0, 1: 1.0, 2: 0.0}
    assert confidence(wrong, every) == pytest.approx(1 - values[2])


@pytest.mark.parametrize(("agreed", "orders"), [(None, 1), (True, 2)])
def test_each_order_that_was_asked_is_an_observation(agreed, orders):
    ranking = run_tournament(
        ["a", "b"],
        lambda pairs: [Match(p=1.0, agreed=agreed) for _ in pairs],
        Rules(format="round_robin"),
    )
    known = confidence({0: 0.0, 1: 1.0}, [outcome(0, 1, 1)], [orders])
    assert ranking.confidence == pytest.approx(known)
    assert known == pytest.approx(confidence({0: 0.0, 1: 1.0}, [outcome(0, 1, 1)] * orders))


def test_cyclic_triads_are_counted_once():
    cycle = [outcome(0, 1, 1), outcome(1, 2, 1), outcome(0, 2, 0)]
    assert cyclic_triads(3, cycle) == 1
    assert cyclic_triads(3, cycle[:2]) == 0
    assert cyclic_triads(3, [*cycle[:2], outcome(0, 2, 0.5)]) == 0
    # A regular tournament of 5: every i beats i + 1 and i + 2; it has 5 cyclic triads.
    five = [outcome(i, (i + d) % 5, 1) for i in range(5) for d in (1, 2)]
    assert cyclic_triads(5, five) == 5
