"""Exact solutions by linear programs, and what they have in common with regret minimisers."""

import numpy as np
import pytest

from envgym.agents.solvers.lp import equilibrium
from envgym.agents.solvers.solve import solve
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types.errors import ConfigError


def test_kuhn_is_worth_a_18th_to_the_second_player():
    value, profile = equilibrium(flatten(make_game("kuhn")))
    assert value == pytest.approx(-1 / 18, abs=1e-9)  # Kuhn 1950
    assert len(profile) == 24


@pytest.mark.parametrize(
    ("name", "params", "value"),
    [
        ("kuhn", {}, -1 / 18),
        ("leduc", {}, -0.0856064),  # OpenSpiel's sequence-form LP, seen in its tests as -0.0856
        ("matrix", {"preset": "rps"}, 0.0),
        ("liars_dice", {"sides": 4}, 1 / 16),
    ],
)
def test_values_and_agreement_with_cfr(name, params, value):
    game = make_game(name, **params)
    exact, close = solve(game, "lp"), solve(game, "cfr+", 500, every=500)
    assert exact.nash_conv <= 1e-8
    assert exact.values[0] == pytest.approx(value, abs=1e-6)
    assert exact.values[0] == pytest.approx(-exact.values[1], abs=1e-9)
    # Each player's shortfall from the game's value is at most the other's gain.
    assert abs(close.values[0] - exact.values[0]) <= close.nash_conv + 1e-12


def test_every_row_is_a_distribution():
    tree = flatten(make_game("leduc"))
    _, profile = equilibrium(tree)
    assert profile.min() >= 0.0
    assert np.add.reduceat(profile, tree.offset[:-1]) == pytest.approx(1.0)


def test_rock_paper_scissors_is_played_uniformly():
    _, profile = equilibrium(flatten(make_game("matrix", preset="rps")))
    assert profile == pytest.approx(1 / 3, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("kuhn", {"players": 3}, "'kuhn' has 3 players"),
        ("matrix", {"preset": "prisoners_dilemma"}, "'matrix' is not zero-sum"),
    ],
)
def test_other_games_are_refused(name, params, said):
    with pytest.raises(ConfigError, match=said):
        equilibrium(flatten(make_game(name, **params)))
