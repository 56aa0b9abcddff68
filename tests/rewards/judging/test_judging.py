"""Arithmetic on judges' answers: worked numbers and laws."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.judging.collapse import score_band
from envgym.rewards.judging.expected import expected_score
from envgym.rewards.judging.pairwise import process_score
from envgym.rewards.judging.votes import vote
from envgym.rewards.tournament.orders import match_of
from envgym.types import ConfigError

GRID = [float(s) for s in range(11)]
scores = st.floats(0, 10)
share = st.floats(0, 1)


def test_cookbook_a9():
    # The cookbook words A9 without a number; these follow from its formula by hand.
    spread_out = [0.0, 0, 0, 0, 0, 0.1, 0.2, 0.4, 0.2, 0.1, 0]
    assert expected_score(spread_out, GRID).mean == pytest.approx(7.0)
    assert expected_score(spread_out, GRID).spread == pytest.approx(math.sqrt(1.2))
    assert expected_score([0.3, 0.7], [0, 1]).mean == pytest.approx(0.7)
    assert vote([7, 8, 6, 9]).mean == 7.5
    assert vote([7, 8, 6, 9]).spread == pytest.approx(math.sqrt(1.25))
    assert vote([7, 8, 2, 9], meta=[5, 9, 1, 7]).kept == (1, 3)
    band = score_band([7.0, 7.5, 7.0, 7.5], 0, 10, spreads=[0.5] * 4)
    assert (band.width, band.spread, band.noise_share, band.collapsed) == (0.05, 0.25, 1.0, True)
    apart = score_band([2.0, 9.0, 5.0, 7.0], 0, 10, spreads=[0.5] * 4)
    assert apart.noise_share == pytest.approx(0.25 / 6.6875)
    assert not apart.collapsed


def test_cookbook_a10():
    match = match_of((7, 6), (6, 7))
    assert match.scores == (14.0, 12.0)
    assert match.p == 1.0
    assert process_score(7, 5) == pytest.approx(6.2)


@given(
    st.lists(share, min_size=11, max_size=11).filter(lambda w: max(w) > 1e-300),
    st.floats(1e-3, 1e3),
)
def test_the_expected_score_stays_on_the_grid_and_ignores_scale(weights, factor):
    found = expected_score(weights, GRID)
    assert 0.0 <= found.mean <= 10.0
    assert 0.0 <= found.spread <= 5.0 + 1e-9
    scaled = expected_score([w * factor for w in weights], GRID)
    assert scaled.mean == pytest.approx(found.mean, abs=1e-6)


@given(st.integers(0, 10))
def test_all_mass_on_one_score_is_that_score(score):
    found = expected_score([float(s == score) for s in range(11)], GRID)
    assert (found.mean, found.spread) == (score, 0.0)


@given(st.lists(st.none() | scores, max_size=9), st.floats(-5, 5))
def test_votes_move_with_the_scores_and_none_never_votes(samples, shift):
    found = vote(samples)
    valid = [s for s in samples if s is not None]
    assert len(found.kept) == len(valid)
    if not valid:
        assert found.mean is None
        assert found.spread is None
        return
    assert min(valid) <= found.mean <= max(valid)
    assert found.spread <= (max(valid) - min(valid)) / 2 + 1e-9
    moved = vote([None if s is None else s + shift for s in samples])
    assert moved.mean == pytest.approx(found.mean + shift, abs=1e-9)
    assert moved.spread == pytest.approx(found.spread, abs=1e-6)
    assert vote(samples[::-1]).mean == pytest.approx(found.mean, abs=1e-12)


@given(st.lists(st.tuples(scores, st.none() | scores), min_size=1, max_size=9))
def test_the_meta_filter_keeps_the_better_half(pairs):
    samples, meta = [a for a, _ in pairs], [b for _, b in pairs]
    kept = vote(samples, meta).kept
    assert len(kept) == max(1, len(pairs) // 2)
    left = [-1.0 if meta[i] is None else meta[i] for i in range(len(pairs)) if i not in kept]
    assert all(m <= min(-1.0 if meta[i] is None else meta[i] for i in kept) for m in left)


@given(st.lists(scores, min_size=2, max_size=9), st.floats(0, 3), st.floats(0.1, 10))
def test_bands_are_shares_and_ignore_the_unit(found, noise, unit):
    spreads = [noise] * len(found)
    band = score_band(found, 0, 10, spreads=spreads)
    assert 0.0 <= band.width <= 1.0
    assert 0.0 <= band.noise_share <= 1.0
    assert score_band(found[::-1], 0, 10, spreads=spreads).width == band.width
    scaled = score_band(
        [min(10 * unit, s * unit) for s in found], 0, 10 * unit, spreads=[noise * unit] * len(found)
    )
    assert scaled.width == pytest.approx(band.width, abs=1e-9)
    if max(found) - min(found) > 1e-3:
        assert scaled.noise_share == pytest.approx(band.noise_share, rel=1e-3, abs=1e-6)


def test_equal_scores_are_collapsed_and_one_score_is_no_group():
    assert score_band([5, 5, None], 0, 10).collapsed
    assert score_band([5, 5], 0, 10, narrow=0.0).collapsed
    assert score_band([5, None], 0, 10) is None
    assert score_band([5, 5], 0, 10, spreads=[0.0, 0.0]).noise_share == 0.0


def test_the_limits_of_a_band_are_where_they_are_said_to_be():
    assert not score_band([4.0, 5.0], 0, 10).collapsed  # width 0.1 is not below 0.1
    assert score_band([2.0, 3.0], 2, 4).width == 0.5
    half = [math.sqrt(0.5)] * 2  # noise 0.5 over variance 1
    assert score_band([3, 5], 0, 10, spreads=half, noisy=0.5 + 1e-9).collapsed is False
    assert score_band([3, 5], 0, 10, spreads=[0.5, 0.5], noisy=0.25).collapsed is False
    more = score_band([3, 5], 0, 10, spreads=[0.8, 0.8])
    assert more.noise_share == pytest.approx(0.64)
    assert more.collapsed
    assert score_band([5, 5], 0, 10, spreads=[0.5, 0.5]).noise_share == 1.0
    unknown = score_band([3, None, 5], 0, 10, spreads=[0.5, 3.0, None])
    assert unknown.noise_share == 0.25  # of the scores that have both


def test_a_grade_of_0_ranks_below_other_grades_and_above_none():
    assert vote([1, 2, 3, 4], meta=[0, 0.5, 0.25, None]).kept == (1, 2)
    assert vote([1, 2], meta=[None, 0]).kept == (1,)


def test_vanishing_probabilities_still_weigh():
    assert expected_score([5e-324, 1.5e-323], [6, 8]).mean == 7.5


@given(scores, scores, share)
def test_a_process_score_lies_between_its_parts(path, answer, weight):
    found = process_score(path, answer, weight)
    assert min(path, answer) <= found <= max(path, answer)
    assert process_score(path + 1, answer, weight) >= found - 1e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: expected_score([1.0], [0, 1]), "same length"),
        (lambda: expected_score([], []), "same length"),
        (lambda: expected_score([0.0, 0.0], [0, 1]), "not all be 0"),
        (lambda: expected_score([math.nan, 1.0], [0, 1]), "finite"),
        (lambda: expected_score([-0.1, 1.1], [0, 1]), "0 or more"),
        (lambda: expected_score([1.0], [math.inf]), "grid must be finite"),
        (lambda: vote([1.0], [1.0, 2.0]), "one score per sample, 1, got 2"),
        (lambda: vote([math.nan]), "samples must hold finite"),
        (lambda: score_band([11], 0, 10), "score 11 is outside the grid from 0 to 10"),
        (lambda: score_band([1, 2], 5, 5), "lo < hi"),
        (lambda: score_band([1, 2], 0, 5, spreads=[1]), "one per score, 2, got 1"),
        (lambda: score_band([1, 2], 0, 5, spreads=[1, -1]), "0 or more"),
        (lambda: process_score(1, 2, 1.5), "path_weight must be from 0 to 1, got 1.5"),
    ],
)
def test_bad_input_is_one_sentence(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
