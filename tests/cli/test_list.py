"""``envgym list``."""

import gymnasium

import envgym as package


def test_every_registered_id_is_listed_once(envgym):
    done = envgym("list", "--json")
    assert done.code == 0, done.err
    ids = [row["id"] for row in done.json]
    assert ids == package.ids() == sorted(set(ids))
    assert "envgym/GuessNumber-v0" in ids
    assert all(env_id in gymnasium.registry for env_id in ids)


def test_each_row_is_filled(envgym):
    for row in envgym("list", "--json").json:
        assert row["summary"].endswith(".")
        assert row["proof"] in ("win", "equilibrium", "reference")
        assert row["cost"] in ("cheap", "moderate", "costly")
        assert row["tools"]


def test_the_table_shows_the_ids(envgym):
    done = envgym("list")
    assert done.code == 0
    for env_id in package.ids():
        assert env_id in done.out
