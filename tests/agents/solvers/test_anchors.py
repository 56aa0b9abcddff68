"""CFR, CFR+ and DCFR beside OpenSpiel: its numbers, and its solvers in the same test."""

import pyspiel
import pytest
from open_spiel.python.algorithms import cfr, discounted_cfr, exploitability

from envgym.agents.solvers.solve import solve
from tests.agents.solvers.spiel_games import ours, theirs

# Exploitability after 100 iterations of OpenSpiel 2.0.2's Python solvers.
HUNDRED = [
    ("kuhn", "cfr", 0.0082260),
    ("kuhn", "cfr+", 0.0011944),
    ("leduc", "cfr", 0.0957164),
    ("leduc", "cfr+", 0.0134160),
]
# After 1,000, where rounding separates two runs of CFR+ by a few percent.
THOUSAND = [
    ("kuhn", "cfr", 0.00093762),
    ("kuhn", "cfr+", 0.0000873653),
    ("leduc", "cfr", 0.0118178),
    ("leduc", "cfr+", 0.000257),
    ("leduc", "dcfr", 0.000155),
]


@pytest.mark.parametrize("form", ["sequence", "level"])
@pytest.mark.parametrize(("key", "algorithm", "expected"), HUNDRED)
def test_a_hundred_iterations(key, algorithm, expected, form):
    found = solve(ours(key), algorithm, 100, every=100, form=form)
    assert found.exploitability == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("key", "algorithm", "expected"), THOUSAND)
def test_a_thousand_iterations(key, algorithm, expected):
    found = solve(ours(key), algorithm, 1000, every=1000)
    assert found.exploitability == pytest.approx(expected, rel=0.05)


def test_dcfr_discounts_after_adding_as_openspiel_does():
    found = solve(ours("leduc"), "dcfr", 20, every=20)
    assert found.nash_conv == pytest.approx(0.333593635979, abs=1e-9)
    assert solve(ours("leduc"), "dcfr", 100, every=100).exploitability == pytest.approx(
        0.0077533, rel=2e-3
    )


def test_the_other_order_is_another_algorithm():
    found = solve(ours("leduc"), "dcfr-before", 20, every=20)
    assert found.nash_conv == pytest.approx(0.2780, abs=5e-5)
    assert found.average.rows == solve(ours("leduc"), "dcfr", 20, before=True).average.rows


@pytest.mark.parametrize("key", ["kuhn", "kuhn3"])
@pytest.mark.parametrize(
    ("algorithm", "solver"),
    [
        ("cfr", cfr.CFRSolver),
        ("cfr+", cfr.CFRPlusSolver),
        ("dcfr", discounted_cfr.DCFRSolver),
        ("lcfr", discounted_cfr.LCFRSolver),
    ],
)
def test_side_by_side_with_openspiels_python(key, algorithm, solver):
    judge, steps = solver(theirs(key)), 25
    for _ in range(steps):
        judge.evaluate_and_update_policy()
    found = solve(ours(key), algorithm, steps, every=steps)
    average = exploitability.nash_conv(theirs(key), judge.average_policy())
    current = exploitability.nash_conv(theirs(key), judge.current_policy())
    players = theirs(key).num_players()
    assert found.exploitability == pytest.approx(average / players, abs=1e-9)
    assert found.curve[-1].current == pytest.approx(current / players, abs=1e-9)


def test_simultaneous_updates_side_by_side():
    judge = cfr._CFRSolver(  # the one class that offers the schedule
        theirs("kuhn"),
        regret_matching_plus=False,
        alternating_updates=False,
        linear_averaging=False,
    )
    for _ in range(25):
        judge.evaluate_and_update_policy()
    found = solve(ours("kuhn"), "cfr", 25, schedule="simultaneous")
    expected = exploitability.nash_conv(theirs("kuhn"), judge.average_policy()) / 2
    assert found.exploitability == pytest.approx(expected, abs=1e-9)
    assert found.schedule == "simultaneous"


def test_side_by_side_with_openspiels_compiled_cfr():
    judge = pyspiel.CFRSolver(theirs("leduc"))
    for _ in range(20):
        judge.evaluate_and_update_policy()
    expected = pyspiel.exploitability(theirs("leduc"), judge.average_policy())
    found = solve(ours("leduc"), "cfr", 20, every=20)
    assert found.exploitability == pytest.approx(expected, abs=1e-6)
