"""Ids of numeric environments: what is listed, what belongs to what."""

import gymnasium as gym
import pytest

from envgym.runtime import registry
from envgym.types import ConfigError


def test_every_builtin_numeric_id_is_registered_and_no_text_id():
    numeric = registry.numeric_ids()
    assert set(registry.NUMERIC) <= set(numeric)
    assert not set(numeric) & set(registry.ids())
    for env_id in registry.NUMERIC:
        assert registry.is_numeric(env_id)
        assert gym.spec(env_id).vector_entry_point == f"envgym.runtime.numeric.vector:{env_id}"


def test_text_ids():
    assert registry.text_id("envgym/FairThreshold-v0") == "envgym/FairThresholdText-v0"
    assert registry.text_id("envgym/GuessNumber-v0") == "envgym/GuessNumber-v0"
    assert not registry.is_numeric("envgym/FairThresholdText-v0")
    assert "envgym/FairThresholdText-v0" in registry.ids()


def test_a_toy_is_listed_while_it_is_registered(lamps):
    assert lamps in registry.numeric_ids()
    assert registry.text_id(lamps) == "toys/LampsText-v0"
    assert registry.make(lamps, lamps=4).unwrapped.core.lamps == 4


def test_without_a_view_there_is_no_text_id(lamps, monkeypatch):
    monkeypatch.setitem(registry.env_class(lamps).metadata, "text", "")
    with pytest.raises(ConfigError, match="toys/Lamps-v0 has no text view"):
        registry.text_id(lamps)


def test_misspelt_numeric_ids_are_told_with_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'envgym/FairThreshold-v0'"):
        registry.make("envgym/FairTreshold-v0")


def test_arguments_are_in_the_spec(lamps):
    env = gym.make(lamps, lamps=4)
    assert env.spec.kwargs == {"lamps": 4}
    assert env.unwrapped.env_id == lamps
