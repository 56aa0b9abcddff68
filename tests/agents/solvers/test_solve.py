"""One call for every solver: names, schedules, curves, and what bad input is told."""

import numpy as np
import pytest

from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.solve import ALGORITHMS, checkpoints, find_algorithm, solve
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types.errors import ConfigError


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_every_name_solves_kuhn(name):
    game = make_game("kuhn")
    found = solve(game, name, 30, every=10)
    tree = flatten(game)
    assert found.algorithm == name and found.game == "kuhn" and found.params == {"players": 2}
    assert found.average.complete(tree) and found.current.complete(tree)
    measured = quality(tree, found.average.profile(tree))
    assert found.exploitability == pytest.approx(measured.exploitability, abs=1e-12)
    assert found.curve[-1].exploitability == pytest.approx(found.exploitability, abs=1e-12)
    assert found.nash_conv == pytest.approx(2 * found.exploitability)
    assert sum(found.values) == pytest.approx(0.0, abs=1e-12)
    assert found.iterations_per_second > 0.0


@pytest.mark.parametrize("name", ["cfr", "vad", "lp"])
def test_equal_runs_are_equal_whatever_their_time(name):
    one, other = solve("kuhn", name, 40), solve("kuhn", name, 40)
    assert one == other
    assert one != solve("kuhn", "cfr+", 40)


def test_the_average_and_the_last_iterate_are_apart():
    found = solve("kuhn", "cfr", 100)
    tree = flatten(make_game("kuhn"))
    last = quality(tree, found.current.profile(tree)).exploitability
    assert found.curve[-1].current == pytest.approx(last, abs=1e-12)
    assert last != pytest.approx(found.exploitability, rel=0.1)


def test_the_first_iterations_of_kuhn():
    # After one iteration the average is what was played: uniform, 11 / 24.
    found = solve("kuhn", "cfr", 1)
    assert [p.iteration for p in found.curve] == [1]
    assert found.exploitability == pytest.approx(11 / 24)
    assert set(map(tuple, (row.values() for row in found.average.rows.values()))) == {(0.5, 0.5)}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((1,), [1]),
        ((10,), [1, 2, 5, 10]),
        ((99,), [1, 2, 5, 10, 20, 50, 99]),
        ((5, 2), [2, 4, 5]),
        ((3, 10), [3]),
    ],
)
def test_checkpoints(args, expected):
    assert checkpoints(*args) == expected


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("kuhn", {}, ""),
        ("kuhn", {"players": 3}, "'kuhn' has 3 players: regret minimisation has no guarantee"),
        ("matrix", {"preset": "chicken"}, "'matrix' is not zero-sum: regret minimisation"),
    ],
)
def test_what_is_not_promised_is_said(name, params, said):
    note = solve(make_game(name, **params), "cfr", 1).note
    assert note.startswith(said) and bool(note) == bool(said)


@pytest.mark.parametrize(
    ("args", "options", "said"),
    [
        (("kunh",), {}, "unknown game 'kunh'.*Did you mean 'kuhn'"),
        (("kuhn", "cfrr"), {}, "unknown algorithm 'cfrr'.*Did you mean 'cfr"),
        (("kuhn", "cfr", 0), {}, "solve.iterations must be 1 or more, got 0"),
        (("kuhn", "cfr", 5), {"every": 0}, "solve.every must be 1 or more, got 0"),
        (("kuhn", "cfr", 5), {"schedule": "both"}, "unknown schedule 'both'; allowed: alternating"),
        (("kuhn", "cfr", 5), {"form": "tree"}, "unknown form 'tree'; allowed: level, sequence"),
        (("kuhn", "lp", 5), {"schedule": "alternating"}, "algorithm 'lp' takes no schedule"),
        (("kuhn", "lp", 5), {"form": "level"}, "algorithm 'lp' takes no form"),
        (("kuhn", "dcfr", 5), {"gama": 1}, "unknown dcfr option 'gama'.*Did you mean 'gamma'"),
        (("kuhn", "dcfr", 5), {"gamma": "2"}, "dcfr.gamma must be a number from -20 to 20"),
        (("kuhn", "dcfr", 5), {"gamma": float("nan")}, "dcfr.gamma must be a number"),
        (("kuhn", "dcfr", 5), {"gamma": 1e9}, "dcfr.gamma must be a number"),
        (("kuhn", "dcfr", 5), {"before": 1}, "dcfr.before must be true or false, got 1"),
        (("kuhn", "vad", 5), {"warmup": 2}, "vad.warmup must be from 0 to below 1"),
    ],
)
def test_bad_input_costs_one_sentence(args, options, said):
    with pytest.raises(ConfigError, match=said):
        solve(*args, **options)


def test_every_algorithm_can_be_found():
    assert all(callable(find_algorithm(name)) for name in ALGORITHMS)


def test_three_player_kuhn_comes_close_without_a_promise():
    found = solve(make_game("kuhn", players=3), "pdcfr+", 300)
    assert found.nash_conv < 1e-5 and found.note
    assert len(found.values) == 3 and sum(found.values) == pytest.approx(0.0, abs=1e-12)


def test_options_reach_the_rule():
    plain, cubic = solve("kuhn", "dcfr", 30), solve("kuhn", "dcfr", 30, gamma=3)
    assert plain.current.rows == cubic.current.rows
    assert plain.average.rows != cubic.average.rows


def test_the_result_as_json():
    data = solve("kuhn", "cfr", 10, every=5).to_json()
    assert data["curve"][0].keys() == {"iteration", "exploitability", "current"}
    assert [point["iteration"] for point in data["curve"]] == [5, 10]
    assert data["exploitability"] == data["curve"][-1]["exploitability"]
    assert data["welfare"] == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(data["iterations_per_second"])
