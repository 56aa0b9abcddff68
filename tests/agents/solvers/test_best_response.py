"""Best responses and NashConv, against OpenSpiel's and against laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_spiel.python.algorithms import expected_game_score, exploitability

from envgym.agents.solvers.best_response import (
    best_response,
    best_response_table,
    expected_values,
    quality,
    table_quality,
)
from envgym.agents.solvers.sequences import sequences
from envgym.agents.solvers.table import from_profile, uniform, uniform_profile
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from tests.agents.solvers.spiel_games import as_spiel, ours, random_profile, theirs

seeds = st.integers(0, 2**32)


def check_against_openspiel(key, seed):
    tree = flatten(ours(key))
    profile = random_profile(tree, seed)
    found, policy = quality(tree, profile), as_spiel(key, profile)
    theirs_conv = exploitability.nash_conv(theirs(key), policy)
    values = expected_game_score.policy_value(
        theirs(key).new_initial_state(), [policy] * tree.game.players
    )
    assert found.nash_conv == pytest.approx(theirs_conv, abs=1e-9)
    assert found.values == pytest.approx(values, abs=1e-9)
    assert found.exploitability == found.nash_conv / tree.game.players


@pytest.mark.parametrize("key", ["kuhn", "kuhn3"])
@given(seed=seeds)
@settings(max_examples=20)
def test_equal_to_openspiels_for_any_profile(key, seed):
    check_against_openspiel(key, seed)


def test_equal_to_openspiels_in_leduc():
    check_against_openspiel("leduc", 1)


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [("kuhn", {}, 11 / 24), ("kuhn", {"players": 3}, 11 / 16), ("leduc", {}, 2.373611111111111)],
)
def test_uniform_play(name, params, expected):
    # Known values: OpenSpiel's exploitability.nash_conv / players of UniformRandomPolicy.
    tree = flatten(make_game(name, **params))
    assert table_quality(tree, uniform(tree)).exploitability == pytest.approx(expected, abs=1e-12)


@given(seed=seeds)
def test_the_response_earns_what_it_promises(seed):
    tree = flatten(make_game("kuhn", players=3))
    profile = random_profile(tree, seed)
    for player in range(3):
        value, response = best_response(tree, profile, player)
        achieved = expected_values(sequences(tree), sequences(tree).plans(response))
        assert achieved[player] == pytest.approx(value, abs=1e-12)
        assert value == pytest.approx(quality(tree, profile).best[player], abs=1e-12)
        assert best_response(tree, response, player)[0] == pytest.approx(value, abs=1e-12)


def test_ties_share_the_probability():
    tree = flatten(make_game("matrix", preset="rps"))
    value, response = best_response(tree, uniform_profile(tree), 0)
    assert value == 0.0
    assert response == pytest.approx(uniform_profile(tree))


def test_a_response_chooses_per_information_set_not_per_node():
    # Whoever saw the other's choice would win every round of rock, paper, scissors.
    tree = flatten(make_game("matrix", preset="rps"))
    assert quality(tree, uniform_profile(tree)).best == (0.0, 0.0)
    rock = uniform_profile(tree)
    rock[:3] = (1.0, 0.0, 0.0)
    assert quality(tree, rock).best == pytest.approx((0.0, 1.0))


def test_welfare_is_the_sum_of_values():
    tree = flatten(make_game("matrix", preset="prisoners_dilemma"))
    found = quality(tree, uniform_profile(tree))
    assert found.welfare == pytest.approx(sum(found.values)) and found.welfare != 0.0
    assert all(gain >= 0.0 for gain in found.gains)


def test_a_table_of_responses_is_complete():
    tree = flatten(make_game("kuhn"))
    table = best_response_table(tree, uniform(tree), 1)
    assert table.complete(tree)
    assert table_quality(tree, table).gains[1] == 0.0


@given(seed=seeds)
def test_a_table_holds_its_profile(seed):
    tree = flatten(make_game("kuhn", players=3))
    profile = random_profile(tree, seed)
    assert np.array_equal(from_profile(tree, profile).profile(tree), profile)
