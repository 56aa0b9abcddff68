"""What a study is called: the environment's id in small letters, "fair-threshold" and so on."""

import re
from collections.abc import Mapping

from envgym.runtime import registry
from envgym.types import ConfigError
from envgym.types.errors import unknown

AGENTS: Mapping[str, tuple[str, ...]] = {
    "fair-threshold": (
        "ofs",
        "ucb",
        "primal-dual",
        "penalised",
        "pessimistic",
        "random",
        "oracle",
    ),
    "payment-bandit": ("squarecb", "squarecb:memory=1", "linucb", "random", "oracle"),
    "online-matching": ("diag-linucb", "linucb", "random", "oracle"),
    "online-allocation": ("mirror-descent", "mirror-descent:mirror=entropy", "random", "oracle"),
    "stochastic-matching": ("stochastic-balance", "ranking", "random", "oracle"),
    "disengage": ("ucb", "myopic", "random", "oracle"),
    "live-insert": ("ofs", "primal-dual", "random", "oracle"),
    "feedback-hack": ("linucb", "ucb", "random", "oracle"),
    "black-box": ("gp-ucb", "random", "oracle"),
    "coverage": ("myopic", "random", "oracle"),
}
"""Who plays in a study unless told otherwise; elsewhere random and the oracle."""


def study_name(env_id: str) -> str:
    """Return an id in small letters with dashes, without its namespace, and without "-v0".

    >>> study_name("envgym/FairThreshold-v0"), study_name("mine/Shop-v2")
    ('fair-threshold', 'shop-v2')
    """
    name = env_id.rpartition("/")[2].removesuffix("-v0")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def study_names() -> dict[str, str]:
    """Return the ids that can be studied, by name."""
    return {study_name(env_id): env_id for env_id in registry.numeric_ids()}


def find_study(name: str) -> str:
    """Return the id of a study's environment; an id is taken as it is.

    Raises:
        ConfigError: there is none of that name; says which there are.
    """
    known = study_names()
    if name in known.values():
        return name
    if name not in known:
        raise ConfigError(unknown("study", name, known))
    return known[name]


def default_agents(env_id: str) -> tuple[str, ...]:
    """Return who plays unless told otherwise."""
    return AGENTS.get(study_name(env_id), ("random", "oracle"))


def split_agents(text: str) -> tuple[str, ...]:
    """Return the agents of a comma-separated list; parameters may hold commas of their own.

    >>> split_agents("ofs:c=0.1,delta=0.01, ucb")
    ('ofs:c=0.1,delta=0.01', 'ucb')

    Raises:
        ConfigError: an agent without a name, or one given twice.
    """
    found: list[str] = []
    for part in (each.strip() for each in text.split(",")):
        if found and re.match(r"[a-z_]+=", part):
            found[-1] += f",{part}"
        elif not part:
            raise ConfigError(f"--agents must be NAME,NAME,..., such as ofs,ucb, got '{text}'.")
        elif part in found:
            raise ConfigError(f"--agents gives '{part}' twice; seeds are what is repeated.")
        else:
            found.append(part)
    return tuple(found)
