import numpy as np
import pytest
from numpy.random import PCG64, Generator

from envgym.agents.selfplay.sampler import TreeSampler
from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import uniform_profile
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten


@pytest.mark.parametrize("name", ["kuhn", "leduc"])
def test_mean_returns_are_the_profiles_values(name):
    tree = flatten(make_game(name))
    for profile in (uniform_profile(tree), solve(name, "cfr", 10).average.profile(tree)):
        batch = TreeSampler(tree).play(profile, 20_000, Generator(PCG64(0)))
        error = 5 * batch.returns.std(axis=0) / np.sqrt(20_000)
        truth = quality(tree, profile).values
        assert np.all(np.abs(batch.returns.mean(axis=0) - truth) < error)


def test_actions_are_drawn_as_often_as_the_profile_says():
    tree = flatten(make_game("kuhn"))
    profile = solve("kuhn", "cfr", 3).average.profile(tree)
    batch = TreeSampler(tree).play(profile, 50_000, Generator(PCG64(1)))
    counts = np.bincount(batch.pair, minlength=len(profile)).astype(float)
    visits = np.repeat(np.add.reduceat(counts, tree.offset[:-1]), np.diff(tree.offset))
    error = 5 * np.sqrt(profile * (1 - profile) / visits) + 1e-12
    assert np.all(np.abs(counts / visits - profile) <= error)
    assert counts[profile == 0.0].sum() == 0


def test_every_game_is_whole():
    tree = flatten(make_game("kuhn"))
    batch = TreeSampler(tree).play(uniform_profile(tree), 500, Generator(PCG64(2)))
    decisions = np.bincount(batch.episode, minlength=500)
    assert set(decisions.tolist()) == {2, 3}
    np.testing.assert_allclose(batch.returns.sum(axis=1), 0.0)
    assert set(np.abs(batch.returns[:, 0]).tolist()) == {1.0, 2.0}
