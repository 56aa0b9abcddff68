"""The text view of an environment."""

from typing import Any

import gymnasium

from envgym.runtime.env import TaskEnv
from envgym.types import ConfigError


def as_text(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[str, str]:
    """Return the text view of ``env`` that any LLM policy can play.

    A text environment is returned unchanged.

    Raises:
        ConfigError: the environment is numeric and has no codec.
    """
    if isinstance(env.unwrapped, TaskEnv):
        return env
    name = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
    raise ConfigError(
        f"{name} has no text codec: its observations are {env.observation_space}. as_text takes"
        " text environments (subclasses of envgym.TaskEnv)."
    )
