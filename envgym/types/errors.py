"""Every exception envgym raises on purpose.

EnvgymError
├── ConfigError        a value the caller gave: argument, preset, config key, agent string
├── TaskError          a task or task file
├── EvidenceError      a reward program that asks for evidence nobody supplies
├── EpisodeFileError   an episode file that cannot be read or must not be overwritten
├── MissingExtraError  an optional dependency that is not installed
├── InfraError         our infrastructure failed; the episode is invalid, never reward 0
└── ToolError          raised inside a tool: the agent's mistake, told to the agent
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class EnvgymError(Exception):
    """Base of all errors of envgym; its text is one plain sentence or two."""


class ConfigError(EnvgymError, ValueError):
    """A value given by the caller is not allowed."""


class TaskError(EnvgymError, ValueError):
    """A task or a task file is wrong; names file, line and field where there are any."""


class EvidenceError(EnvgymError, ValueError):
    """A reward program needs evidence that is not there; lists what there is."""


class EpisodeFileError(EnvgymError, ValueError):
    """An episode file cannot be read, or would be overwritten."""


class MissingExtraError(EnvgymError, ImportError):
    """An optional dependency is missing; names the extra and the install command."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'envgym[{extra}]'")
        self.what, self.extra = what, extra

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.what, self.extra))  # worker processes send errors home


class InfraError(EnvgymError, RuntimeError):
    """A container, browser, judge or disk failed. ``reason`` is a short machine-readable word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.reason, self.detail))


class ToolError(EnvgymError):
    """The agent's call cannot be carried out; the message is its observation.

    Say what was wrong, what is allowed, and that nothing happened to the world.
    """


def near_file(path: Path) -> str:
    """Return " Did you mean 'FILE'?" for a missing file with a like name beside it, else ""."""
    folder = path.parent
    names = [item.name for item in folder.iterdir()] if folder.is_dir() else []
    near = get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f" Did you mean '{folder / near[0]}'?" if near else ""


def unknown(kind: str, given: str, allowed: Iterable[str]) -> str:
    """Return one sentence for a name that is not known, with the nearest valid ones.

    >>> unknown("preset", "dens", ["outcome", "dense"])
    "unknown preset 'dens'; allowed: dense, outcome. Did you mean 'dense'?"
    """
    names = sorted(allowed)
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    near = get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"unknown {kind} '{given}'; allowed: {shown or 'none'}.{hint}"
