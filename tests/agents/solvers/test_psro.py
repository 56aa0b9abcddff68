import pytest

from envgym.agents.solvers.meta.shor import mean_matching
from envgym.agents.solvers.mixtures import fastest_form
from envgym.agents.solvers.psro import Psro, psro
from envgym.agents.solvers.sequences import sequences
from envgym.agents.solvers.solve import solve
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError


def exploitability(game, iterations, train, judge, every=10):
    found = psro(make_game(game), iterations, train=train, evaluate=judge, every=every)
    return {point.iteration: point.exploitability for point in found.curve}


def test_nash_solves_kuhn_within_ten_steps():
    found = psro(make_game("kuhn"), 10, train="nash", evaluate="nash")
    assert found.exploitability < 1e-9
    assert found.values[0] == pytest.approx(-1 / 18, abs=1e-9)


def test_kuhn_with_the_loops_of_shor():
    # games 1: 1.9e-3 and 4.0e-4 at 30 (prototype); measured here 2.0e-3 and 3.8e-4.
    assert 1e-3 < exploitability("kuhn", 30, "shor", "shor_eval", 30)[30] < 4e-3
    assert 2e-4 < exploitability("kuhn", 30, mean_matching, "mean_rm+", 30)[30] < 8e-4


@pytest.mark.parametrize(
    ("meta", "known"),
    [
        ("uniform", {10: 1.27, 30: 0.56, 60: 0.35, 100: 0.25}),
        ("nash", {10: 1.52, 30: 0.74, 60: 0.20, 100: 0.107}),
        ("mean_rm+", {10: 1.38, 30: 0.23, 60: 0.079, 100: 0.022}),
    ],
)
def test_leduc_as_in_the_table(meta, known):
    # games 1, "PSRO, exact oracle, Leduc exploitability at 10/30/60/100": within 2x.
    found = exploitability("leduc", 100, meta, meta)
    for step, value in known.items():
        assert value / 2 < found[step] < value * 2, (meta, step)


def test_leduc_with_shor_as_in_the_table():
    # The table's 1.44, .28, .085 and .024 at 10, 30, 60, 100; measured here 1.34, .235, .080, .024.
    found = exploitability("leduc", 30, "shor", "shor_eval", 10)
    assert 0.72 < found[10] < 2.88
    assert 0.14 < found[30] < 0.56


def test_uniform_is_fictitious_play():
    steps = psro(make_game("leduc"), 12, train="uniform", evaluate="uniform", every=1).curve
    responses = solve("leduc", "fp", 12, every=1).curve
    assert [p.exploitability for p in steps] == pytest.approx(
        [p.exploitability for p in responses], abs=1e-9
    )


def test_training_and_evaluation_are_separate():
    form = fastest_form(sequences(flatten(make_game("kuhn"))))
    seen = []

    def train(payoffs, step):
        seen.append((step, payoffs[0].shape))
        return mean_matching(payoffs, step)

    solver = Psro(form, train, "uniform")
    for _ in range(3):
        solver.iterate()
    assert seen == [(1, (1, 1)), (2, (2, 2)), (3, (3, 3))]
    assert [w.tolist() for w in solver.weights()] == [[0.25] * 4] * 2


def test_three_players_carry_a_note():
    found = psro(make_game("kuhn", players=3), 4, train="rm", evaluate="uniform")
    assert "not a two-player zero-sum game" in found.note
    assert found.curve[-1].iteration == 4
    assert psro(make_game("kuhn"), 2, evaluate="uniform").note == ""


def test_alpha_rank_trains_too():
    assert exploitability("kuhn", 8, "alpha_rank", "nash", 8)[8] < 0.1


def test_the_default_says_nothing_of_shor():
    assert solve("kuhn", "psro", 5) == psro(make_game("kuhn"), 5, train="rm", evaluate="nash")


def test_an_unknown_meta_solver():
    with pytest.raises(ConfigError, match="unknown meta-solver 'shore'.*Did you mean 'shor'"):
        solve("kuhn", "psro", 2, train="shore")
