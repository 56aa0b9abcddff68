"""Results: the prior, both directions, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.league import Results
from envgym.types import ConfigError

games = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.floats(0, 1)), max_size=30
)


def filled(played, prior=2.0):
    results = Results(prior)
    for a, b, score in played:
        results.add(a, b, score)
    return results


def test_known_values():
    results = Results(prior=2.0)
    assert results.win_rate("a", "b") == 0.5
    results.add("a", "b", 3.0, games=4)  # (3 + 1) / (4 + 2)
    results.add("b", "a", 0.5)  # a's half point: (3.5 + 1) / (5 + 2)
    assert results.win_rate("a", "b") == pytest.approx(4.5 / 7)
    assert results.games("b", "a") == 5
    assert Results(prior=0.5).win_rate("x", "y") == 0.5


@given(games)
def test_both_directions_sum_to_one(played):
    results = filled(played)
    for a in "abc":
        for b in "abc":
            assert 0.0 < results.win_rate(a, b) < 1.0
            assert results.win_rate(a, b) + results.win_rate(b, a) == pytest.approx(1.0)


@given(games)
def test_payoffs_are_antisymmetric(played):
    matrix = filled(played).payoffs("abc")
    assert matrix.shape == (3, 3) and np.allclose(matrix, -matrix.T)


@given(games)
def test_who_reports_does_not_matter(played):
    mirrored = filled([(b, a, 1.0 - score) for a, b, score in played])
    for a in "abc":
        for b in "abc":
            assert mirrored.win_rate(a, b) == pytest.approx(filled(played).win_rate(a, b))


@pytest.mark.parametrize(
    ("score", "count", "sentence"),
    [
        (2.0, 1, "the score of 1 games is 0 to 1, got 2.0"),
        (-0.1, 1, "the score of 1 games is 0 to 1"),
        (float("nan"), 1, "the score of 1 games"),
        (True, 1, "the score of 1 games"),
        (0.0, 0, "games must be a whole number from 1, got 0"),
        (0.0, 1.5, "games must be a whole number from 1"),
    ],
)
def test_bad_scores(score, count, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Results().add("a", "b", score, count)


@pytest.mark.parametrize("prior", [0, -1.0, float("inf"), "2", True])
def test_bad_priors(prior):
    with pytest.raises(ConfigError, match="prior must be more than 0 games"):
        Results(prior)
