from importlib.util import module_from_spec, spec_from_file_location
from itertools import permutations
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.ratings.davidson import davidson
from envgym.agents.ratings.results import GameResult
from envgym.rewards.tournament.bradley_terry import bradley_terry
from envgym.types import ConfigError


def game(first, second, score, cluster=""):
    return GameResult(players=(first, second), returns=(score, 1.0 - score), cluster=cluster)


def repeated(*counts):
    return [game(a, b, score) for a, b, score, times in counts for _ in range(times)]


matches = st.lists(
    st.tuples(
        st.sampled_from(list(permutations("abcd", 2))),
        st.sampled_from([0.0, 0.5, 1.0]),
        st.sampled_from(["", "x", "y", "z"]),
    ),
    max_size=25,
).map(lambda rows: [game(*pair, score, cluster) for pair, score, cluster in rows])


def test_two_players_have_the_closed_form():
    games = repeated(("a", "b", 1.0, 8), ("a", "b", 0.0, 4), ("a", "b", 0.5, 3))
    fit = davidson(games, prior=1e-9, first_move=False)
    # Stationarity: log(w / l) = gap, nu = draws / sqrt(w l).
    assert fit.strength[0] - fit.strength[1] == pytest.approx(log(2.0), abs=1e-6)
    assert fit.draw == pytest.approx(3 / sqrt(32), abs=1e-6)


def test_first_move_is_separated_from_strength():
    games = repeated(("a", "b", 1.0, 6), ("a", "b", 0.0, 2), ("b", "a", 1.0, 4), ("b", "a", 0.0, 4))
    fit = davidson(games, prior=1e-9)
    # gap + g = log 3, -gap + g = 0.
    assert fit.first_move == pytest.approx(log(3.0) / 2, abs=1e-6)
    assert fit.strength[0] - fit.strength[1] == pytest.approx(log(3.0) / 2, abs=1e-6)
    # One binomial per order: var(log odds) = 1/6 + 1/2 and 1/4 + 1/4; the sandwich equals the
    # model's where the model fits exactly, but for C / (C - 1).
    variance = (1 / 6 + 1 / 2 + 1 / 4 + 1 / 4) / 4 * 16 / 15
    assert fit.first_move_se == pytest.approx(sqrt(variance), rel=1e-6)
    assert 2 * fit.se[0] == pytest.approx(sqrt(variance), rel=1e-6)


@given(matches)
def test_without_draws_and_first_move_it_is_bradley_terry(games):
    fit = davidson(games, prior=0.3, draws=False, first_move=False, players="abcd")
    place = {id: i for i, id in enumerate("abcd")}
    pairs = [(place[g.players[0]], place[g.players[1]]) for g in games]
    wins = [0.5 if g.returns[0] == 0.5 else float(g.returns[0] > 0.5) for g in games]
    assert fit.strength == pytest.approx(bradley_terry(4, pairs, wins, prior=0.3).theta, abs=1e-7)


@given(matches, st.permutations("abcd"), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_names_and_the_order_of_games_change_nothing(games, names, shuffle):
    fit = davidson(games, players="abcd")
    name = dict(zip("abcd", names, strict=True))
    moved = [
        GameResult(players=tuple(name[p] for p in g.players), returns=g.returns, cluster=g.cluster)
        for g in games
    ]
    shuffle.shuffle(moved)
    other = davidson(moved, players="abcd")
    for id in "abcd":
        mine, its = fit.index(id), other.index(name[id])
        assert other.strength[its] == pytest.approx(fit.strength[mine], abs=1e-6)
        assert other.se[its] == pytest.approx(fit.se[mine], rel=1e-5, abs=1e-7)
    assert abs(fit.strength.sum()) < 1e-8
    assert np.all(fit.low <= fit.strength) and np.all(fit.strength <= fit.high)
    assert np.all(np.isfinite(fit.se))
    assert fit.covariance.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-6)


def test_rock_paper_scissors_are_equal():
    games = repeated(("r", "s", 1.0, 5), ("s", "p", 1.0, 5), ("p", "r", 1.0, 5))
    fit = davidson(games)
    assert fit.strength == pytest.approx(np.zeros(3), abs=1e-9)
    assert not fit.separated and np.all(fit.se > 0)


def test_ties_only_are_equal_finite_and_unsure():
    fit = davidson(repeated(("a", "b", 0.5, 4), ("b", "a", 0.5, 4)))
    assert fit.strength == pytest.approx(np.zeros(2), abs=1e-9)
    assert np.all(fit.high > fit.low) and np.all(np.isfinite(fit.high))


@pytest.mark.parametrize("bootstrap", [0, 100])
def test_the_unbeaten_are_finite_and_not_called_sure(bootstrap):
    fit = davidson(repeated(("a", "b", 1.0, 10), ("b", "a", 0.0, 10)), bootstrap=bootstrap)
    assert fit.separated
    assert 2.0 < fit.strength[0] < 10.0
    assert fit.high[0] - fit.low[0] > 2.0


def test_clusters_of_equal_games_count_once():
    single = [game("a", "b", float(k < 7), str(k)) for k in range(10)]
    double = [one for one in single for _ in range(2)]
    once = davidson(single, first_move=False, prior=1e-9)
    twice = davidson(double, first_move=False, prior=1e-9)
    assert twice.clusters == once.clusters == 10
    assert twice.se == pytest.approx(once.se, rel=1e-6)


def test_bootstrap_agrees_with_the_sandwich_and_repeats():
    games = [game("a", "b", float(k % 3 > 0), str(k)) for k in range(60)]
    games += [game("b", "c", float(k % 2), str(-k)) for k in range(1, 61)]
    formula = davidson(games)
    drawn = davidson(games, bootstrap=200, seed=3)
    width = (drawn.high - drawn.low) / (formula.high - formula.low)
    assert np.all((width > 0.75) & (width < 1.4))
    assert drawn.low.tolist() == davidson(games, bootstrap=200, seed=3).low.tolist()


def test_no_games_at_all():
    fit = davidson([], players=["a", "b"])
    assert fit.strength.tolist() == [0.0, 0.0] and fit.separated
    assert davidson([], players=["a", "b"], bootstrap=100).high[0] > 1.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"prior": 0.0}, "prior must be more than 0"),
        ({"confidence": 1.0}, "confidence must be between 0 and 1"),
        ({"bootstrap": 5}, "100 or more resamples, got 5"),
        ({"players": ["a"]}, "two or more, got a"),
    ],
)
def test_bad_input_is_one_sentence(more, said):
    with pytest.raises(ConfigError, match=said):
        davidson([], **{"players": ["a", "b"], **more})


@pytest.mark.parametrize("luck", [0.0, 0.8, -0.8])
def test_intervals_hold_the_truth(luck):
    """The benchmark's simulation, smaller: 150 leagues of 4 players are 600 intervals, 150 free."""
    where = Path(__file__).parents[3] / "benchmarks" / "ratings.py"
    spec = spec_from_file_location("benchmark_ratings", where)
    benchmark = module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    leagues = 150
    found = benchmark.coverage(leagues, players=4, pairs=15, luck=luck, seed=11)
    # Four binomial deviations; strengths of one league are dependent, three of four are free.
    assert abs(found["clustered"] - 0.95) < 4 * sqrt(0.95 * 0.05 / (3 * leagues))
    assert abs(found["first_move"] - 0.95) < 4 * sqrt(0.95 * 0.05 / leagues)
    if luck > 0:
        assert found["independent"] < 0.9
    if luck < 0:
        assert found["independent"] > 0.98
