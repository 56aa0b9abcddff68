import numpy as np
import pytest

from envgym.agents.solvers.mccfr import ExternalSampling, mccfr
from envgym.agents.solvers.solve import solve
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten


@pytest.mark.parametrize("seed", [0, 1])
def test_kuhn_nears_equilibrium(seed):
    found = solve("kuhn", "mccfr", 10_000, seed=seed, every=10_000)
    # Measured over seeds 0-2: .0071 to .012.
    assert found.exploitability < 0.03
    assert found.values[0] == pytest.approx(-1 / 18, abs=0.03)


def test_leduc_nears_equilibrium():
    curve = mccfr(make_game("leduc"), 5_000, seed=0, every=1_000).curve
    # Uniform play is at 2.37. Measured over seeds 0-2: 1.1 to 1.3, then .44 to .47.
    assert curve[0].exploitability < 1.6
    assert curve[-1].exploitability < 0.6


def test_the_same_seed_gives_the_same_bits():
    game = make_game("kuhn", players=3)
    first, again = mccfr(game, 50, seed=7), mccfr(game, 50, seed=7)
    assert first == again
    assert first != mccfr(game, 50, seed=8)
    assert "no guarantee" in first.note


def test_an_iteration_visits_a_sample():
    tree = flatten(make_game("leduc"))
    solver = ExternalSampling(tree)
    for _ in range(200):
        solver.iterate()
    assert solver.visited / 400 < len(tree) / 100


def test_profiles_are_distributions_from_the_start():
    tree = flatten(make_game("kuhn"))
    solver = ExternalSampling(tree)
    starts = tree.offset[:-1]
    for _ in range(3):
        for profile in (solver.average(), solver.current()):
            np.testing.assert_allclose(np.add.reduceat(profile, starts), 1.0)
        solver.iterate()
