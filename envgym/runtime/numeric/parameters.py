"""Sorting an environment's keyword arguments into its core's and the kernel's."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from envgym.types import ConfigError
from envgym.types.errors import unknown


def split_arguments(
    where: str, core: Any, kernel: Any, arguments: Mapping[str, Any], more: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (the kernel's arguments, the core's).

    Args:
        where: class name for messages.
        core: the core's dataclass.
        kernel: a TypedDict of the kernel's arguments.
        arguments: what the user gave.
        more: further names that count as the kernel's.

    Raises:
        ConfigError: for an argument that nobody takes, with the nearest names.
    """
    mine = {*kernel.__annotations__, *more}
    own = {spec.name for spec in fields(core) if spec.init}
    for name in arguments:
        if name not in mine and name not in own:
            raise ConfigError(f"{where}: {unknown('argument', name, sorted(mine | own))}")
    return (
        {name: value for name, value in arguments.items() if name in mine},
        {name: value for name, value in arguments.items() if name in own},
    )


def core_parameters(core: Any, defaults: Mapping[str, Any]) -> dict[str, inspect.Parameter]:
    """Return a core's fields as keyword arguments; ``defaults`` replace the core's own."""
    found: dict[str, inspect.Parameter] = {}
    for spec in fields(core):
        default = defaults.get(spec.name, spec.default)
        found[spec.name] = inspect.Parameter(
            spec.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if default is MISSING else default,
            annotation=spec.type,
        )
    return found
