"""``envgym list``."""

import gymnasium

import envgym as package
from envgym.runtime.games import registry
from envgym.runtime.games.registry import MARKETS, TEAMS


def test_every_registered_id_is_listed_once(envgym):
    done = envgym("list", "--json")
    assert done.code == 0, done.err
    ids = [row["id"] for row in done.json]
    assert len(ids) == len(set(ids))
    every = sorted([*package.ids(), *package.numeric_ids()])
    assert [i for i in ids if i in gymnasium.registry] == every
    assert "envgym/GuessNumber-v0" in ids
    several = {*package.game_names(), *TEAMS, *MARKETS}
    assert several == {i for i in ids if i not in gymnasium.registry}


def test_each_row_is_filled(envgym):
    for row in envgym("list", "--json").json:
        assert row["summary"].endswith(".")
        assert row["proof"] in ("win", "equilibrium", "reference")
        assert row["cost"] in ("cheap", "moderate", "costly")
        assert row["tools"] or row["id"] in package.numeric_ids()


def test_the_table_shows_the_ids(envgym):
    done = envgym("list")
    assert done.code == 0
    for env_id in (*package.ids(), *package.numeric_ids(), *package.game_names(), *TEAMS, *MARKETS):
        assert env_id in done.out


def test_games_are_proved_as_they_say(envgym):
    for row in envgym("list", "--json").json:
        if row["id"] in package.game_names():
            env = package.make_text(row["id"])
            assert row["proof"] == env.metadata["proof"], row["id"]
            assert row["agents"] == len(env.possible_agents)
            env.close()


def test_a_game_that_needs_arguments_is_listed_all_the_same(envgym, monkeypatch, tmp_path):
    (tmp_path / "sized_games.py").write_text(
        '"""Games of a size."""\nclass Sized:\n    def __init__(self, *, size): ...\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_added", {"mylib/sized": "sized_games:Sized"})
    rows = {row["id"]: row for row in envgym("list", "--json").json}
    assert rows["mylib/sized"]["agents"] is None
    assert rows["mylib/sized"]["summary"] == "Games of a size."
    assert rows["kuhn"]["agents"] == 2
