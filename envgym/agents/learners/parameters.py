"""Parameters of learners: checked at construction, read from text such as ``c=0.5,delta=0.1``."""

from dataclasses import fields
from math import isfinite
from types import NoneType, UnionType
from typing import Any, get_args

import numpy as np

from envgym.types import ConfigError
from envgym.types.errors import unknown


def number(
    learner: Any,
    name: str,
    low: float,
    high: float,
    *,
    above: bool = False,
    whole: bool = False,
    none: bool = False,
) -> None:
    """Refuse a parameter that is no finite number from ``low`` to ``high``.

    Args:
        learner: with ``name`` and the parameter.
        name: of the parameter.
        low: least value.
        high: greatest value.
        above: the parameter must exceed ``low``.
        whole: it must be an integer.
        none: None is allowed too.

    Raises:
        ConfigError: naming learner, parameter, value and what is allowed.
    """
    value = getattr(learner, name)
    if none and value is None:
        return
    kinds = (int, np.integer) if whole else (int, float, np.number)
    fits = isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value)
    if not fits or not low <= value <= high or (above and value == low):
        kind = "an integer" if whole else "a number"
        span = f"above {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"
        raise ConfigError(
            f"learner '{learner.name}': {name} must be {kind} {span}, got {value!r:.80}."
        )


def word(learner: Any, name: str, allowed: tuple[str, ...]) -> None:
    """Refuse a parameter that is none of ``allowed``.

    Raises:
        ConfigError: naming learner, value and what is allowed.
    """
    value = getattr(learner, name)
    if value not in allowed:
        raise ConfigError(f"learner '{learner.name}': {unknown(name, str(value), allowed)}")


def read_parameters(kind: type[Any], text: str) -> dict[str, Any]:
    """Return the keyword arguments that ``text`` names, "a=1,b=2", or "12" for the only one.

    Raises:
        ConfigError: no such parameter, given twice, or not of its type.
    """
    if not text:
        return {}
    types = {spec.name: spec.type for spec in fields(kind) if spec.init}
    learner = kind.name
    if not types:
        raise ConfigError(f"learner '{learner}' has no parameters, got {text!r:.80}.")
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals and len(types) == 1:
            name, value = next(iter(types)), part
        elif not equals:
            raise ConfigError(
                f"learner '{learner}': expected name=value, got {part!r:.80}; parameters:"
                f" {', '.join(sorted(types))}."
            )
        name = name.strip()
        if name not in types:
            raise ConfigError(f"learner '{learner}': {unknown('parameter', name, types)}")
        if name in found:
            raise ConfigError(f"learner '{learner}': {name} is given twice.")
        found[name] = _read(learner, name, types[name], value.strip())
    return found


def _read(learner: str, name: str, kind: Any, text: str) -> Any:
    if isinstance(kind, UnionType):
        if text == "none":
            return None
        kind = next(each for each in get_args(kind) if each is not NoneType)
    try:
        return kind(text)
    except ValueError:
        wanted = "an integer" if kind is int else "a number"
        raise ConfigError(
            f"learner '{learner}': {name} must be {wanted}, got {text!r:.80}."
        ) from None
