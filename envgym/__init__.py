"""Agentic environments and rewards for LLM training, behind ``gymnasium.make``.

Importing registers the built-in ids as strings; everything else is imported when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from envgym.runtime.registry import register_builtin

if TYPE_CHECKING:
    from envgym.rewards import Program
    from envgym.runtime.codec import as_text
    from envgym.runtime.env import TaskEnv
    from envgym.runtime.games.registry import (
        game_names,
        make_aec,
        make_game,
        make_parallel,
        make_text,
        register_game,
    )
    from envgym.runtime.games.text import GameText
    from envgym.runtime.group_vector import GroupVectorEnv
    from envgym.runtime.multi.env import TeamEnv
    from envgym.runtime.multi.play import Match, matches
    from envgym.runtime.numeric.env import NumericEnv
    from envgym.runtime.numeric.text import NumericText
    from envgym.runtime.numeric.vector import NumericVectorEnv
    from envgym.runtime.registry import (
        ids,
        load_plugins,
        make,
        numeric_ids,
        register,
        register_numeric,
    )
    from envgym.runtime.rollout import Job, Rollout, rollout
    from envgym.runtime.settings import KernelArgs
    from envgym.runtime.tasks import ListTasks, ProceduralTasks, TaskSet, load_tasks
    from envgym.runtime.tools import tool
    from envgym.runtime.unicode import Unicode
    from envgym.runtime.vector import TextVectorEnv
    from envgym.types import (
        ConfigError,
        Entry,
        EnvgymError,
        EpisodeFileError,
        Evidence,
        EvidenceError,
        InfraError,
        Record,
        Stream,
        Task,
        TaskError,
        ToolError,
        Value,
    )

__version__ = "0.1.0"

_HOMES = {
    "envgym.rewards": ("Program",),
    "envgym.runtime.codec": ("as_text",),
    "envgym.runtime.env": ("TaskEnv",),
    "envgym.runtime.games.registry": (
        "game_names",
        "make_aec",
        "make_game",
        "make_parallel",
        "make_text",
        "register_game",
    ),
    "envgym.runtime.games.text": ("GameText",),
    "envgym.runtime.group_vector": ("GroupVectorEnv",),
    "envgym.runtime.multi.env": ("TeamEnv",),
    "envgym.runtime.multi.play": ("Match", "matches"),
    "envgym.runtime.numeric.env": ("NumericEnv",),
    "envgym.runtime.numeric.text": ("NumericText",),
    "envgym.runtime.numeric.vector": ("NumericVectorEnv",),
    "envgym.runtime.registry": (
        "ids",
        "load_plugins",
        "make",
        "numeric_ids",
        "register",
        "register_numeric",
    ),
    "envgym.runtime.rollout": ("Job", "Rollout", "rollout"),
    "envgym.runtime.settings": ("KernelArgs",),
    "envgym.runtime.tasks": ("ListTasks", "ProceduralTasks", "TaskSet", "load_tasks"),
    "envgym.runtime.tools": ("tool",),
    "envgym.runtime.unicode": ("Unicode",),
    "envgym.runtime.vector": ("TextVectorEnv",),
    "envgym.types": (
        "ConfigError",
        "Entry",
        "EnvgymError",
        "EpisodeFileError",
        "Evidence",
        "EvidenceError",
        "InfraError",
        "Record",
        "Stream",
        "Task",
        "TaskError",
        "ToolError",
        "Value",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ConfigError",
    "Entry",
    "EnvgymError",
    "EpisodeFileError",
    "Evidence",
    "EvidenceError",
    "GameText",
    "GroupVectorEnv",
    "InfraError",
    "Job",
    "KernelArgs",
    "ListTasks",
    "Match",
    "NumericEnv",
    "NumericText",
    "NumericVectorEnv",
    "ProceduralTasks",
    "Program",
    "Record",
    "Rollout",
    "Stream",
    "Task",
    "TaskEnv",
    "TaskError",
    "TaskSet",
    "TeamEnv",
    "TextVectorEnv",
    "ToolError",
    "Unicode",
    "Value",
    "__version__",
    "as_text",
    "game_names",
    "ids",
    "load_plugins",
    "load_tasks",
    "make",
    "make_aec",
    "make_game",
    "make_parallel",
    "make_text",
    "matches",
    "numeric_ids",
    "register",
    "register_game",
    "register_numeric",
    "rollout",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


register_builtin()
