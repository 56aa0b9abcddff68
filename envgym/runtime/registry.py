"""Ids: what is built in, what installed packages add, and how to make either."""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

import gymnasium

from envgym.types import ConfigError
from envgym.types.errors import unknown

ENTRY_POINTS = "envgym.environments"
_TEXT = "envgym.runtime.vector:"
_ARRAYS = "envgym.runtime.numeric.vector:"

BUILTIN: dict[str, str] = {
    "envgym/GuessNumber-v0": "envgym.envs.guess:GuessNumberEnv",
    "envgym/Quest-v0": "envgym.envs.quest:QuestEnv",
    "envgym/SelfPlay-v0": "envgym.envs.games.selfplay:SelfPlayEnv",
    "envgym/TravelPlan-v0": "envgym.envs.travel:TravelPlanEnv",
}
"""Text ids and where their classes live; registered as strings, imported when made."""

_BANDITS: dict[str, str] = {
    "BlackBox": "black_box",
    "Coverage": "coverage",
    "Disengage": "disengage",
    "FairThreshold": "fair",
    "FeedbackHack": "feedback",
    "LiveInsert": "live",
    "OnlineAllocation": "allocation",
    "OnlineMatching": "matching",
    "PaymentBandit": "payment",
    "SlateRetention": "slate",
    "StochasticMatching": "stochastic_matching",
}
"""Closed-loop families: each has a numeric id, a text view, and a folder below envs/bandits."""

NUMERIC: dict[str, str] = {
    f"envgym/{name}-v0": f"envgym.envs.bandits.{folder}:{name}Env"
    for name, folder in _BANDITS.items()
}
"""Numeric ids and where their classes live. ``metadata["text"]`` of each names its text view."""

BUILTIN.update(
    (f"envgym/{name}Text-v0", f"envgym.envs.bandits.{folder}:{name}Text")
    for name, folder in _BANDITS.items()
)


def register(env_id: str, entry_point: str) -> None:
    """Register a TaskEnv under ``namespace/Name-vN``, with its vector form.

    Args:
        env_id: the id for ``gym.make``.
        entry_point: ``"package.module:Class"``; imported when the id is first made.
    """
    gymnasium.register(
        id=env_id,
        entry_point=entry_point,
        vector_entry_point=f"{_TEXT}{env_id}",
        disable_env_checker=False,
    )


def register_numeric(env_id: str, entry_point: str) -> None:
    """Register a NumericEnv under ``namespace/Name-vN``, with its vector form over arrays.

    Args:
        env_id: the id for ``gym.make`` and ``gym.make_vec``.
        entry_point: ``"package.module:Class"``; imported when the id is first made.
    """
    gymnasium.register(
        id=env_id,
        entry_point=entry_point,
        vector_entry_point=f"{_ARRAYS}{env_id}",
        disable_env_checker=False,
    )


def register_builtin() -> None:
    """Register the ids of envgym itself; called once by ``import envgym``."""
    for env_id, entry_point in NUMERIC.items():
        if env_id not in gymnasium.registry:
            register_numeric(env_id, entry_point)
    for env_id, entry_point in BUILTIN.items():
        if env_id not in gymnasium.registry:
            register(env_id, entry_point)


@cache
def load_plugins() -> tuple[str, ...]:
    """Import the modules that installed packages name under ``envgym.environments``.

    Returns one sentence per package that failed; a broken plugin must not hide the others.
    """
    problems: list[str] = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            point.load()
        except Exception as error:  # noqa: BLE001  # any plugin's bug is told, never fatal
            package = point.dist.name if point.dist is not None else point.value
            problems.append(f"plugin '{point.name}' of {package} failed to load: {error!r}")
    return tuple(problems)


def ids() -> list[str]:
    """Return every id made of our text environments, plugins' included, sorted."""
    return _whose(_TEXT)


def numeric_ids() -> list[str]:
    """Return every id made of our numeric environments, plugins' included, sorted."""
    return _whose(_ARRAYS)


def is_numeric(env_id: str) -> bool:
    """Return whether an id is that of a numeric environment of ours."""
    return str(find(env_id).vector_entry_point).startswith(_ARRAYS)


def text_id(env_id: str) -> str:
    """Return the id of an environment's text view: its own, or that of a numeric environment.

    Raises:
        ConfigError: there is no such id, or a numeric environment has no text view.
    """
    if not is_numeric(env_id):
        return env_id
    found = str(env_class(env_id).metadata["text"])
    if not found:
        raise ConfigError(f"{env_id} has no text view.")
    return found


def _whose(vector: str) -> list[str]:
    load_plugins()
    return sorted(
        env_id
        for env_id, spec in gymnasium.registry.items()
        if str(spec.vector_entry_point).startswith(vector)
    )


def find(env_id: str) -> Any:
    """Return the Gymnasium spec of an id, loading plugins for one that is not known yet.

    Raises:
        ConfigError: nobody registered it; names the nearest ids.
    """
    bare = env_id.rpartition(":")[2]
    if bare not in gymnasium.registry:
        load_plugins()
    if bare not in gymnasium.registry:
        from envgym.runtime.games.registry import game_names  # it builds on this module

        problems = "".join(f" ({problem})" for problem in load_plugins())
        raise ConfigError(
            unknown("environment", env_id, [*ids(), *numeric_ids(), *game_names()]) + problems
        )
    return gymnasium.registry[bare]


def env_class(env_id: str) -> Any:
    """Return the class behind an id, imported but not instantiated."""
    entry_point = find(env_id).entry_point
    if callable(entry_point):
        return entry_point
    module, _, name = entry_point.partition(":")
    from importlib import import_module

    return getattr(import_module(module), name)


def text_class(env_id: str) -> Any:
    """Return the class behind the id of a text environment, which has presets and evidence.

    Raises:
        ConfigError: there is no such id, or it is another kind of environment.
    """
    family = env_class(env_id)
    if not hasattr(family, "presets"):
        raise ConfigError(f"{env_id} is no environment of text; see `envgym list`.")
    return family


def make(env_id: str, **kwargs: Any) -> gymnasium.Env[str, str]:
    """Return ``gymnasium.make(env_id, **kwargs)``; also finds the ids of installed plugins."""
    find(env_id)
    return gymnasium.make(env_id.rpartition(":")[2], **kwargs)
