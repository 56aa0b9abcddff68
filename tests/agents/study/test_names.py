"""Names of studies and lists of agents."""

import pytest

from envgym.agents.learners.registry import make_learner
from envgym.agents.study.names import (
    AGENTS,
    default_agents,
    find_study,
    split_agents,
    study_names,
)
from envgym.types import ConfigError


def test_every_built_in_environment_has_a_name():
    names = study_names()
    expected = {
        "fair-threshold", "payment-bandit", "online-matching", "online-allocation",
        "stochastic-matching", "disengage", "live-insert", "slate-retention", "feedback-hack",
        "black-box", "coverage",
    }  # fmt: skip
    assert expected <= set(names)
    assert names["fair-threshold"] == "envgym/FairThreshold-v0"


def test_a_name_or_an_id_finds_it():
    assert find_study("black-box") == find_study("envgym/BlackBox-v0") == "envgym/BlackBox-v0"
    with pytest.raises(ConfigError, match="Did you mean 'black-box'"):
        find_study("blackbox")


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_default_agents_are_known(name):
    agents = default_agents(find_study(name))
    assert agents == AGENTS[name] and len(set(agents)) == len(agents)
    for agent in agents:
        assert make_learner(agent).name == agent.partition(":")[0]


def test_commas_inside_parameters_stay():
    text = "ofs:c=0.1,delta=0.01, ucb,fixed:3"
    assert split_agents(text) == ("ofs:c=0.1,delta=0.01", "ucb", "fixed:3")


@pytest.mark.parametrize("text", ["", "ofs,,ucb", "ofs,ofs"])
def test_bad_lists_are_refused(text):
    with pytest.raises(ConfigError, match="--agents"):
        split_agents(text)
