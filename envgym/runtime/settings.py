"""The arguments that every text environment shares, and their checks."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal, TypedDict

from envgym.rewards import Program
from envgym.runtime.tasks import TaskSet
from envgym.runtime.transcript import TRANSCRIPT
from envgym.types import ConfigError, Task
from envgym.types.errors import unknown


class KernelArgs(TypedDict, total=False):
    """Keyword arguments of every TaskEnv. None: the family's default, or no limit."""

    tasks: str | Path | TaskSet | Sequence[Task | Mapping[str, Any]] | None
    """Where tasks come from: a file, a list, 'module:attribute', an entry point's name."""
    split: str
    """Which split ``reset(seed)`` draws from. Default "train"."""
    lenient: bool
    """Leave out bad lines of a task file instead of refusing it. Default False."""
    reward: str | Path | Mapping[str, Any] | Program
    """A preset's name, a program, its JSON, or a file holding it. Default "outcome"."""
    record_evidence: Literal["needed", "all"] | Sequence[str]
    """"all" measures costly evidence too, at every event; a list names the costly keys that are
    measured beside those the reward and the presets read. Default "needed"."""
    record: str | Path | None
    """Folder that gets this environment's episode file; must be empty. Default: none."""
    append: bool
    """Allow ``record`` to name a folder that holds episodes already. Default False."""
    max_turns: int | None
    """Truncate after this many turns, 1 or more."""
    max_tokens: int | None
    """Truncate once the agent's messages hold this many tokens (UTF-8 bytes / 4, rounded up)."""
    max_seconds: float | None
    """Truncate at the first event after this much wall-clock time, in seconds."""
    max_cost: float | None
    """Truncate once the tools have spent this much, in the family's unit of cost."""
    calls: Literal["last", "all"]
    """Which calls of a message run: the last one, or all in order. Default "last"."""
    max_obs_chars: int
    """Longest observation in characters; longer ones are cut, saying so. Default 8192."""
    render_mode: Literal["ansi"] | None
    """"ansi": ``render()`` returns the last exchange as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budgets of one episode; None is no limit."""

    turns: int | None
    tokens: int | None
    seconds: float | None
    cost: float | None

    def check(self, where: str) -> "Limits":
        """Return self, or raise ConfigError naming the first limit that is not positive."""
        for name in ("turns", "tokens", "seconds", "cost"):
            value = getattr(self, name)
            whole = name in ("turns", "tokens")
            fits = isinstance(value, int) if whole else isinstance(value, int | float)
            if value is not None and (isinstance(value, bool) or not fits or not 0 < value < inf):
                kind = "a positive integer" if whole else "a positive, finite number"
                raise ConfigError(f"{where}: max_{name} must be {kind} or None, got {value!r}.")
        return self


def refuse_unknown(family: type, given: Mapping[str, Any]) -> None:
    """Raise ConfigError for the first of the arguments ``given`` that nobody took."""
    for name in given:
        own = [
            parameter.name
            for parameter in inspect.signature(family).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        ]
        allowed = sorted({*own, *KernelArgs.__annotations__})
        raise ConfigError(f"{family.__name__}: {unknown('argument', name, allowed)}")


def check_choice(where: str, name: str, value: Any, allowed: Sequence[Any]) -> None:
    """Raise ConfigError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise ConfigError(f"{where}: {unknown(name, str(value), [str(a) for a in allowed])}")


def check_evidence(family: Any, asked: str | Sequence[str]) -> frozenset[str]:
    """Return the costly keys that ``record_evidence`` asks for.

    Raises:
        ConfigError: it is neither "needed", "all" nor a list of declared keys.
    """
    keys = {item.key: item for item in (*family.declares, *TRANSCRIPT)}
    if asked == "all":
        return frozenset(key for key, item in keys.items() if item.cost == "costly")
    if isinstance(asked, str) or not isinstance(asked, Sequence):
        check_choice(family.__name__, "record_evidence", asked, ("needed", "all"))
        return frozenset()
    for key in asked:
        if key not in keys:
            raise ConfigError(f"{family.__name__}: record_evidence: {unknown('key', key, keys)}")
    return frozenset(asked)


def to_json(value: Any) -> Any:
    """Return a constructor argument as JSON: specs and headers never hold live objects."""
    if isinstance(value, Program):
        return value.spec()
    if isinstance(value, Task):
        return value.to_json()
    if isinstance(value, TaskSet):
        return {"taskset": type(value).__name__, "splits": dict(value.splits)}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "tolist"):  # a NumPy number or array
        return value.tolist()
    return {"object": f"{type(value).__module__}.{type(value).__qualname__}"}
