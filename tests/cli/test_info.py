"""``envgym info``: the class says it once, the command repeats it."""

import pytest

import envgym as package
from envgym.runtime import registry


@pytest.mark.parametrize("env_id", package.ids())
def test_facts_come_from_the_class(envgym, env_id):
    done = envgym("info", env_id, "--json")
    assert done.code == 0, done.err
    found = done.json
    family = registry.env_class(env_id)
    assert found["id"] == env_id
    assert {item["key"] for item in found["evidence"]} >= {item.key for item in family.declares}
    assert (
        set(found["presets"]) == set(family.presets()) >= {"outcome", "dense", "gated", "process"}
    )
    assert all(tool["type"] == "function" for tool in found["tools"])
    assert found["splits"]
    assert min(found["splits"].values()) > 0


@pytest.mark.parametrize("env_id", package.ids())
def test_the_page_has_every_section(envgym, env_id):
    done = envgym("info", env_id)
    assert done.code == 0, done.err
    for title in ("Tools", "Arguments", "Evidence", "Reward presets", "Tasks"):
        assert f"\n{title}\n" in done.out
    for tool in envgym("info", env_id, "--json").json["tools"]:
        assert tool["function"]["name"] in done.out


def test_unknown_id_names_the_nearest(envgym):
    done = envgym("info", "envgym/GuesNumber-v0")
    assert done.code == 2
    assert done.out == ""
    assert "Did you mean 'envgym/GuessNumber-v0'?" in done.err
    assert done.err.count("\n") == 1


def test_missing_id_is_a_usage_error(envgym):
    done = envgym("info")
    assert done.code == 2
    assert "ID" in done.err


def test_an_environment_of_numbers_costs_one_sentence(envgym):
    for command in ("info", "run"):
        done = envgym(command, "CartPole-v1")
        assert done.code == 2
        assert "CartPole-v1 is no environment of text" in done.err
