"""The text view of an environment."""

from importlib import import_module
from typing import Any

from envgym.runtime.env import TaskEnv
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.registry import make
from envgym.types import ConfigError


def as_text(env: Any, **options: Any) -> Any:
    """Return the text view of ``env`` that any LLM policy can play.

    A text environment is returned unchanged. A game of ours, and any PettingZoo environment
    (AEC or parallel), becomes a ``TeamEnv``. A numeric environment of ours gives the environment
    of its text id with the arguments that were set; those left alone take the text view's own
    defaults, which mean fewer actions and rounds.

    Args:
        env: the environment.
        options: of the view. For environments of several agents ``reward``, ``illegal``,
            ``record`` and so on, see ``GameText`` and ``envgym.interop.pettingzoo``; for numeric
            ones ``memory``, ``names``, ``wording``, ``reward`` and those of every text environment.

    Raises:
        ConfigError: the environment is numeric and has no codec, or takes no options.
    """
    if hasattr(env, "possible_agents"):
        return _team(env, options)
    if isinstance(env.unwrapped, TaskEnv):
        if options:
            raise ConfigError(
                f"as_text: {env.unwrapped.env_id} is text already and takes no options, got "
                f"{', '.join(sorted(options))}."
            )
        return env
    if isinstance(env.unwrapped, NumericEnv):
        return _numeric(env.unwrapped, options)
    name = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
    raise ConfigError(
        f"{name} has no text codec: its observations are {env.observation_space}. as_text takes"
        " text environments (subclasses of envgym.TaskEnv) and PettingZoo environments."
    )


def _numeric(env: NumericEnv, options: dict[str, Any]) -> Any:
    text = str(env.metadata["text"])
    if not text:
        raise ConfigError(f"as_text: {env.env_id} has no text view.")
    defaults = type(env.core)().params
    given = {name: value for name, value in env.core.params.items() if value != defaults[name]}
    return make(text, disable_env_checker=True, **{**given, **options})


def _team(env: Any, options: dict[str, Any]) -> Any:
    from envgym.runtime.games.numeric import NumericGame
    from envgym.runtime.games.text import GameText
    from envgym.runtime.multi.env import TeamEnv

    if isinstance(env, TeamEnv):
        if options:
            raise ConfigError(f"as_text: {env.name} is text already and takes no options.")
        return env
    if isinstance(env, NumericGame):
        return GameText(env.game, **options)
    # By name, because adapters live above this floor.
    return import_module("envgym.interop.pettingzoo").text_view(env, **options)
