"""``envgym arena`` with a play function of known strengths in place of real games."""

import sys
from functools import partial
from xml.etree import ElementTree

import pytest
from matplotlib.axes import Axes

from envgym.agents.arena.fake import FakeGame, FakePlay
from envgym.cli import arena
from envgym.types import ConfigError


@pytest.fixture
def fake(monkeypatch):
    """Play by strengths; remembers the options it was given."""
    given = []
    fake = FakePlay(
        strength={"strong": 2.0, "weak": 0.0, "x": 0.0}, cycle=("rock", "scissors", "paper")
    )

    def play(game, params, seats, seed, **options):
        given.append({"game": game, "params": dict(params), **options})
        return fake(game, params, seats, seed)

    monkeypatch.setattr(arena, "load_play", lambda: play)
    return given


def test_table_json_ledger_and_figure(envgym, fake, tmp_path):
    call = partial(
        envgym, "arena", "--game", "kuhn", "--players", "strong,weak,strong", "--games", 10
    )
    shown = call()
    assert shown.code == 0, shown.err
    assert "strong#2" in shown.out and "95% from" in shown.out
    assert "transitive share" in shown.out and "mean score of seat 0" in shown.out
    picture = tmp_path / "figure.svg"
    kept = call("--out", tmp_path / "run", "--json", "--figure", picture)
    assert kept.json["ratings"]["rows"][-1]["player"] == "weak"
    assert kept.json["played"] == 60 and "60 games played, 60 in" in kept.err
    ElementTree.parse(picture)
    first = picture.read_bytes()
    again = call("--out", tmp_path / "run", "--json", "--figure", picture)
    assert again.json["played"] == 0 and again.json["ratings"] == kept.json["ratings"]
    assert picture.read_bytes() == first
    other = call("--out", tmp_path / "run", "--seed", 1)
    assert other.code == 2 and "with seed 0, not 1" in other.err


@pytest.mark.parametrize(("score", "cells"), [("duplicate", {"0.00", "1.00"}), ("game", {"0.50"})])
def test_the_map_shows_what_the_ratings_compare(envgym, monkeypatch, tmp_path, score, cells):
    # Each wins one game of a seed, the first far more: by duplicates it wins every seed.
    def play(game, params, seats, seed):
        won = (3.0, -3.0) if seats[0] == "a" else (1.0, -1.0)
        return FakeGame(won)

    monkeypatch.setattr(arena, "load_play", lambda: play)
    shown = []
    known = Axes.text
    monkeypatch.setattr(Axes, "text", lambda self, x, y, s, **k: shown.append(s) or known(self, x, y, s, **k))  # fmt: skip
    options = ("--players", "a,b", "--games", 3, "--score", score, "--figure", tmp_path / "a.svg")
    assert envgym("arena", "--game", "kuhn", *options).code == 0
    assert set(shown) == cells


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_other_figures(envgym, fake, tmp_path, suffix):
    out = tmp_path / f"figure{suffix}"
    options = ("--game", "kuhn", "--players", "weak,strong", "--games", 2, "--figure", out)
    assert envgym("arena", *options, "--ratings", "elo").code == 0
    assert out.stat().st_size > 1000


def test_a_cyclic_field_is_warned_about(envgym, fake):
    done = envgym("arena", "--game", "kuhn", "--players", "rock,paper,scissors", "--games", 20)
    assert done.code == 0 and "the field is cyclic" in done.err
    assert "1 cycles of three" in done.out


def test_parameters_and_options_reach_the_play_function(envgym, fake):
    options = ("--param", "players=3", "--illegal", "noop", "--players", "strong,weak,x")
    done = envgym("arena", "--game", "kuhn", *options, "--games", 2, "--json")
    assert done.json["settings"]["seats"] == 3
    assert done.json["settings"]["options"] == {"illegal": "noop"}
    assert fake[0] == {"game": "kuhn", "params": {"players": 3}, "illegal": "noop"}
    assert len(done.json["ratings"]["seats"]) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--players", "strong"), "two or more players, got strong"),
        (("--players", "strong,weak", "--game", "khun"), "Did you mean 'kuhn'"),
        (("--players", "strong,weak", "--param", "players"), "must be KEY=VALUE"),
        (("--players", "strong,nobody"), "no value for the player 'nobody'"),
        (("--players", "strong,weak", "--format", "swis"), "swis"),
        (("--players", "strong,weak", "--figure", "a.gif"), "must end in .png, .svg or .pdf"),
        (("--players", "strong,weak", "--bootstrap", "5"), "100 or more"),
    ],
)
def test_usage_errors_are_one_sentence(envgym, fake, options, said):
    game = () if "--game" in options else ("--game", "kuhn")
    done = envgym("arena", *game, *options)
    assert done.code == 2 and said in done.err


def test_what_cannot_be_drawn_or_rated_is_said_before_any_game(envgym, fake, monkeypatch):
    assert envgym("arena", "--game", "kuhn", "--players", "x,weak", "--bootstrap", 5).code == 2
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = envgym("arena", "--game", "kuhn", "--players", "x,weak", "--figure", "a.png")
    assert done.code == 2 and "needs the extra 'report'" in done.err
    assert fake == []


def test_values_of_parameters():
    assert arena.parsed(["players=3", "variant=high", 'points="3"', "on=true"]) == {
        "players": 3,
        "variant": "high",
        "points": "3",
        "on": True,
    }
    with pytest.raises(ConfigError, match="given twice"):
        arena.parsed(["a=1", "a=2"])


def test_a_tournament_of_real_policies(envgym):
    done = envgym("arena", "--game", "leduc", "--players", "random,cfr:1000,oracle",
                  "--format", "swiss", "--games", 30)  # fmt: skip
    assert done.code == 0, done.err
    for word in ("random", "cfr:1000", "oracle", "95% from", "per game", "swiss order"):
        assert word in done.out
