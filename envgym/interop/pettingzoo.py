"""Any PettingZoo environment in words: the text kernel around somebody else's AEC or parallel one.

    view = text_view(my_env, action_names=["rock", "paper", "scissors"])
    view = envgym.make_text("pettingzoo:classic.rps_v2", max_cycles=15)

Observations are told in words, actions are numbers or names, and every agent has evidence, a
ledger and rewards as in ``GameText``.
"""

import re
from functools import cache
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

import pettingzoo

from envgym.interop.pettingzoo_text import ForeignText
from envgym.runtime.multi.env import TeamEnv
from envgym.types import ConfigError
from envgym.types.errors import unknown

__all__ = ["ForeignText", "make", "text_view"]

PREFIX = "pettingzoo:"
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")


def text_view(env: Any, **options: Any) -> ForeignText:
    """Return the text view of an AEC or parallel environment; see ``ForeignText`` for options.

    Episodes that are recorded through it can be read and scored, but not run again by ``verify``:
    no file can hold a live object. ``make`` gives views that can.

    Raises:
        ConfigError: it is neither, has a space that no text can express, or an option is wrong.
    """
    kind = f"{type(env).__module__}.{type(env).__qualname__}"
    name = getattr(env, "metadata", {}).get("name") or type(env).__name__
    kept = {"object": kind, **_lasting(options)}
    return ForeignText(env, spec=(f"{PREFIX}{name}", kept), **options)


def make(name: str, **arguments: Any) -> ForeignText:
    """Return the text view of one of PettingZoo's own environments.

    Args:
        name: the module below ``pettingzoo``, such as "classic.tictactoe_v3"; its ``env()`` is
            called.
        arguments: options of ``ForeignText``; all others go to ``env()``.

    Raises:
        ConfigError: there is no such environment, a package that it needs is not installed, or an
            argument is refused.
    """
    if "object" in arguments:
        raise ConfigError(
            f"{PREFIX}{name} was a live object ({arguments['object']}), which no file can hold; "
            "make the environment by name to run such episodes again."
        )
    maker = _maker(name)
    own = _options()
    options = {key: value for key, value in arguments.items() if key in own}
    try:
        env = maker(**{key: value for key, value in arguments.items() if key not in own})
    except TypeError as error:
        raise ConfigError(
            f"{PREFIX}{name}: {error}; the view's own: {', '.join(sorted(own))}."
        ) from error
    return ForeignText(env, spec=(f"{PREFIX}{name}", _lasting(arguments)), **options)


def named(name: str, module: Any, arguments: dict[str, Any]) -> ForeignText:
    """Return the text view of a PettingZoo environment of ours that a name and arguments make.

    Args:
        name: as ``envgym.make_text`` knows it; stands in episode files.
        module: has ``parallel_env`` and ``action_names``.
        arguments: options of ``ForeignText``; all others go to ``parallel_env``.
    """
    own = _options()
    options = {key: value for key, value in arguments.items() if key in own}
    env = module.parallel_env(**{k: v for k, v in arguments.items() if k not in own})
    options.setdefault("action_names", module.action_names(env.market.topics))
    return ForeignText(env, spec=(name, _lasting(arguments)), **options)


def _lasting(arguments: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if key not in ("record", "append")}


def _maker(name: str) -> Any:
    """Return ``env`` of a module below ``pettingzoo``; nothing else is imported."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"'{PREFIX}{name}': expected a module such as classic.tictactoe_v3.")
    try:
        module = import_module(f"pettingzoo.{name}")
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "pettingzoo":
            raise ConfigError(unknown("PettingZoo environment", name, _known())) from error
        group = name.partition(".")[0]
        raise ConfigError(
            f"{PREFIX}{name} needs the package '{missing}', which is not installed: pip install "
            f"'pettingzoo[{group}]'."
        ) from error
    except ImportError as error:  # families that have moved say where to
        raise ConfigError(f"{PREFIX}{name}: {error}") from error
    found = getattr(module, "env", None)
    if not callable(found):
        raise ConfigError(unknown("PettingZoo environment", name, _known()))
    return found


def _known() -> list[str]:
    """Return names such as classic.chess_v6, read off file names; nothing is imported."""
    return sorted(
        f"{group.name}.{item.name}"
        for group in iter_modules(pettingzoo.__path__)
        if group.ispkg and group.name not in ("utils", "test")
        for item in iter_modules([f"{pettingzoo.__path__[0]}/{group.name}"])
        if re.search(r"_v\d+\Z", item.name)
    )


@cache
def _options() -> frozenset[str]:
    found = {*signature(ForeignText).parameters, *signature(TeamEnv).parameters}
    return frozenset(found - {"env", "arguments", "agents", "spec"})
