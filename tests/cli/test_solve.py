"""``envgym solve``: real games, real files."""

import pytest

from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import load_table
from envgym.cli.solve_figure import text_plot
from envgym.runtime.games.registry import make_game


def test_json_holds_the_curve_and_the_speed(envgym):
    done = envgym("solve", "kuhn", "--alg", "cfr", "--iterations", 100, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["game"] == "kuhn" and found["algorithm"] == "cfr" and found["iterations"] == 100
    assert found["exploitability"] == pytest.approx(0.0082260, abs=1e-6)  # OpenSpiel's
    assert found["nash_conv"] == pytest.approx(2 * found["exploitability"])
    assert found["iterations_per_second"] > 0
    assert [point["iteration"] for point in found["curve"]] == [1, 2, 5, 10, 20, 50, 100]
    assert found["curve"][0]["exploitability"] == pytest.approx(11 / 24)
    assert found["note"] == ""


def test_several_algorithms_are_a_list(envgym):
    done = envgym("solve", "kuhn", "--alg", "cfr", "--alg", "lp", "--iterations", 5, "--json")
    assert [one["algorithm"] for one in done.json] == ["cfr", "lp"]


def test_a_person_sees_a_table_and_a_plot(envgym):
    args = ("--param", "players=3", "--alg", "cfr+", "--iterations", 20, "--every", 5)
    done = envgym("solve", "kuhn", *args)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].strip() == "cfr+ on kuhn (players=3)"
    assert [line.split()[0] for line in lines[2:6]] == ["5", "10", "15", "20"]
    assert "exploitability 0.0164152, NashConv 0.0492457" in done.out
    assert "note: 'kuhn' has 3 players" in done.out
    assert "exploitability: * cfr+" in done.out


def test_the_policy_can_be_kept_and_is_not_overwritten(envgym, tmp_path):
    out = tmp_path / "kuhn.json"
    args = ("solve", "kuhn", "--iterations", 50, "--out", out)
    assert envgym(*args).code == 0
    assert load_table(out) == solve("kuhn", "cfr+", 50).average
    before = out.read_bytes()
    again = envgym(*args)
    assert again.code == 2 and "never overwritten" in again.err
    assert out.read_bytes() == before


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_figure_has_the_same_bytes_again(envgym, tmp_path, kind):
    files = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for file in files:
        args = ("--alg", "cfr", "--alg", "vad", "--iterations", 20, "--figure", file)
        done = envgym("solve", "kuhn", *args)
        assert done.code == 0, done.err
        assert f"written to {file}" in done.out
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(files[0].read_bytes()) > 5000
    assert envgym("solve", "kuhn", "--iterations", 1, "--figure", files[0]).code == 2


def test_options_and_schedule_reach_the_solver(envgym):
    args = ("solve", "kuhn", "--alg", "vad", "--iterations", 40, "--json")
    plain, cold = envgym(*args).json, envgym(*args, "--option", "warmup=0.25").json
    both = envgym(*args, "--schedule", "simultaneous").json
    assert plain["curve"][-2]["iteration"] == 20 == cold["curve"][-2]["iteration"]
    assert plain["curve"][-2]["exploitability"] > cold["curve"][-2]["exploitability"]
    assert both["schedule"] == "simultaneous" and plain["schedule"] == "alternating"
    assert both["exploitability"] != plain["exploitability"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["kunh"], "unknown game 'kunh'"),
        (["kuhn", "--alg", "cfrr"], "unknown algorithm 'cfrr'"),
        (["kuhn", "--param", "players=9"], "players"),
        (["kuhn", "--param", "players"], "--param must be NAME=VALUE, got 'players'"),
        (["kuhn", "--param", "players=2", "--param", "players=3"], "gives 'players' twice"),
        (["kuhn", "--option", "gamma=2"], "unknown cfr+ option 'gamma'"),
        (["kuhn", "--option", "every=2"], "'every' is no option of an algorithm"),
        (["kuhn", "--option", "iterations=2"], "'iterations' is no option of an algorithm"),
        (["kuhn", "--out", "no/such/t.json"], "there is no folder no/such"),
        (["kuhn", "--figure", "no/such/t.png"], "there is no folder no/such"),
        (["kuhn", "--alg", "dcfr", "--option", "gamma=x"], "dcfr.gamma must be a number"),
        (["kuhn", "--schedule", "both"], "unknown schedule 'both'"),
        (["kuhn", "--figure", "a.pdf"], "must end in .png or .svg, got 'a.pdf'"),
        (["kuhn", "--alg", "cfr", "--alg", "lp", "--out", "x.json"], "give one --alg, got 2"),
        (["kuhn", "--iterations", "0"], "--iterations"),
    ],
)
def test_bad_input_costs_one_sentence(envgym, args, said):
    done = envgym("solve", *args)
    assert done.code == 2
    assert said in done.err and "Traceback" not in done.err


def test_the_plot_in_characters():
    found = solve(make_game("matrix", preset="matching_pennies"), "cfr", 10)
    lines = text_plot([found, found]).splitlines()
    # Exactly solved from the start: all points lie on the floor, the later curve on top.
    assert len(lines) == 16
    assert lines[12].startswith(" 1e-16 |o") and lines[12].count("o") == 4
    assert lines[-1] == "exploitability: * cfr, o cfr"
