"""creator_market: creators compete for clicks on a platform [266], as PettingZoo environments."""

from dataclasses import fields
from importlib.util import find_spec
from typing import Any

from envgym.envs.bandits.creators.market import LEVELS, Market
from envgym.types import ConfigError, MissingExtraError
from envgym.types.errors import unknown

PUBLIC: dict[str, Any] = {
    "users": 1500,
    "creators": 50,
    "rounds": 110,
    "slots": 5,
    "lifetime": 10,
    "activity": 0.5,
    "step": 0.1,
}
"""The public configuration of [266] (seen): ``parallel_env(**PUBLIC)``."""


def parallel_env(*, render_mode: str | None = None, **params: Any) -> Any:
    """Return the market as a PettingZoo ``ParallelEnv``; see ``CreatorMarket``.

    Args:
        render_mode: None or "ansi".
        params: fields of ``Market``, such as ``users=1500``.

    Raises:
        ConfigError: an unknown argument or a value that is not allowed.
        MissingExtraError: PettingZoo is not installed.
    """
    allowed = [spec.name for spec in fields(Market)]
    for name in params:
        if name not in allowed:
            raise ConfigError(unknown("argument of creator_market", name, allowed))
    market = Market(**params)
    if find_spec("pettingzoo") is None:
        raise MissingExtraError("creator_market", "games")
    from envgym.envs.bandits.creators.parallel import CreatorMarket

    return CreatorMarket(market, render_mode)


def env(*, render_mode: str | None = None, **params: Any) -> Any:
    """Return the market as a PettingZoo ``AECEnv``; arguments as for ``parallel_env``."""
    made = parallel_env(render_mode=render_mode, **params)
    from pettingzoo.utils import parallel_to_aec

    return parallel_to_aec(made)


def action_names(topics: int) -> list[str]:
    """Return names of the actions for text views: "topic 0 plain", "topic 0 good", ..."""
    words = ("plain", "good", "best")
    return [f"topic {topic} {words[level]}" for topic in range(topics) for level in range(LEVELS)]
