"""What a study is: an environment's parameters, agents and seeds; and the shards it falls into."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

from envgym.runtime import registry
from envgym.runtime.numeric.core import Core
from envgym.runtime.settings import to_json
from envgym.types import ConfigError
from envgym.types.errors import unknown

SCHEMA = 1
"""Of shards and results; part of every digest."""
BLOCK = 10
"""Seeds per shard at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A block of seeds that one agent plays at once."""

    env_id: str
    params: Mapping[str, Any]
    """Every parameter of the environment's core, as JSON values."""
    agent: str
    seeds: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all that its numbers depend on."""
        return {**self._config, "agent": self.agent, "seeds": list(self.seeds)}

    @property
    def _config(self) -> dict[str, Any]:
        family = registry.env_class(self.env_id)
        return {
            "kind": "envgym.study",
            "schema": SCHEMA,
            "envgym": version("envgym"),
            "env": self.env_id,
            "version": family.metadata["version"],
            "params": dict(self.params),
        }

    @property
    def digest(self) -> str:
        """16 hex digits of all that its numbers depend on."""
        return digest(self.to_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A study: every agent plays every seed of one environment."""

    env_id: str
    agents: tuple[str, ...]
    core: Core
    """The environment's rules, checked."""
    first_seed: int = 0
    seeds: int = 20

    def __post_init__(self) -> None:
        _whole("seeds", self.seeds, 1, 100_000)
        _whole("first_seed", self.first_seed, 0, (1 << 62) - 1)
        if not self.agents:
            raise ConfigError("a study needs one agent or more.")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The seeds."""
        return tuple(range(self.first_seed, self.first_seed + self.seeds))

    @property
    def params(self) -> dict[str, Any]:
        """The core's parameters as JSON values."""
        found: dict[str, Any] = to_json(self.core.params)
        return found

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The blocks of all agents, agent after agent."""
        params, numbers = self.params, self.numbers
        return tuple(
            Shard(env_id=self.env_id, params=params, agent=agent, seeds=numbers[i : i + BLOCK])
            for agent in self.agents
            for i in range(0, len(numbers), BLOCK)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the study as JSON values."""
        return {
            "env": self.env_id,
            "params": self.params,
            "agents": list(self.agents),
            "first_seed": self.first_seed,
            "seeds": self.seeds,
        }

    @property
    def digest(self) -> str:
        """16 hex digits of all that its numbers depend on."""
        return digest([shard.to_json() for shard in self.shards])


def make_settings(
    env_id: str,
    agents: tuple[str, ...],
    arguments: Mapping[str, Any],
    *,
    first_seed: int = 0,
    seeds: int = 20,
) -> Settings:
    """Return a study.

    Args:
        env_id: a numeric id.
        agents: learners, as ``make_learner`` reads them.
        arguments: of the environment's core; None and what is missing: its default.
        first_seed: 0 or more.
        seeds: how many, from ``first_seed`` on.

    Raises:
        ConfigError: an argument or a value that the environment does not take.
    """
    core = registry.env_class(env_id).core_class
    allowed = [spec.name for spec in fields(core) if spec.init]
    for name in arguments:
        if name not in allowed:
            where = core.__name__.removesuffix("Core")
            raise ConfigError(f"{where}: {unknown('argument', name, allowed)}")
    made = core(**arguments)
    return Settings(env_id=env_id, agents=agents, core=made, first_seed=first_seed, seeds=seeds)


def digest(value: Any) -> str:
    """Return 16 hex digits of JSON values."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(
            f"study: {name} must be an integer from {low:,} to {high:,}, got {value!r}."
        )
