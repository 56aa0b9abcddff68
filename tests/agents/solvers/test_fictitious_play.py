import pytest

from envgym.agents.solvers.fictitious_play import FictitiousPlay, fictitious_play
from envgym.agents.solvers.mixtures import fastest_form, mixed_nash_conv
from envgym.agents.solvers.sequences import sequences
from envgym.agents.solvers.solve import solve
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten


def test_kuhn_converges_slowly():
    found = solve("kuhn", "fp", 1_000)
    assert found.exploitability < 0.01
    assert found.values[0] == pytest.approx(-1 / 18, abs=0.01)
    assert [point.iteration for point in found.curve][-3:] == [200, 500, 1000]


def test_before_the_first_iteration_it_is_uniform():
    form = fastest_form(sequences(flatten(make_game("leduc"))))
    start = FictitiousPlay(form)
    # OpenSpiel: the uniform policy's NashConv in Leduc is 4.747222222222222.
    assert mixed_nash_conv(form, start.plans) == pytest.approx(4.747222222222222, abs=1e-12)


def test_the_average_weighs_plans_not_behaviours():
    form = fastest_form(sequences(flatten(make_game("kuhn"))))
    solver = FictitiousPlay(form)
    total = [plan.copy() for plan in solver.plans]
    for _ in range(5):
        solver.iterate()
        total = [a + b for a, b in zip(total, solver.latest, strict=True)]
    for summed, plan in zip(total, solver.plans, strict=True):
        assert plan == pytest.approx(summed / 6, abs=1e-12)


def test_three_players_carry_a_note():
    assert "may cycle" in fictitious_play(make_game("kuhn", players=3), 2).note
