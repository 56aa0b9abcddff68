"""Checks of a node's arguments, driven by its field annotations."""

from dataclasses import MISSING, Field, fields
from math import isfinite, isnan
from typing import Any, Literal, get_args, get_origin

from envgym.types.errors import ConfigError, unknown

_MAY_BE_INFINITE = frozenset({"lo", "hi", "threshold"})


def check_fields(node: Any, base: type) -> None:
    """Check every field of the dataclass ``node``; ints become floats where floats are meant.

    Args:
        node: a frozen dataclass whose annotations are ``base``, float, int, bool, str, Literal of
            strings, or tuples: ``tuple[X, ...]`` of these, ``tuple[tuple[str, float], ...]``.
        base: the node class.

    Raises:
        ConfigError: naming the node, the field, the value and what is allowed.
    """
    for spec in fields(node):
        value = getattr(node, spec.name)
        where = f"{type(node).__name__}.{spec.name}"
        kind = _annotation(spec)
        if kind is base:
            if not isinstance(value, base):
                raise ConfigError(f"{where} must be a reward node, got {value!r}.")
        elif kind is float:
            object.__setattr__(node, spec.name, _number(where, spec.name, value))
        elif kind is str:
            _text(where, value)
        elif kind is int:
            if isinstance(value, bool) or not isinstance(value, int):
                raise ConfigError(f"{where} must be a whole number, got {value!r}.")
        elif kind is bool:
            if not isinstance(value, bool):
                raise ConfigError(f"{where} must be true or false, got {value!r}.")
        elif get_origin(kind) is Literal:
            _choice(where, value, get_args(kind))
        elif get_origin(kind) is tuple:
            object.__setattr__(node, spec.name, _many(where, value, get_args(kind)[0], base))


def required(cls: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass that have no default."""
    return tuple(
        f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING
    )


def _annotation(spec: Field[Any]) -> Any:
    if isinstance(spec.type, str):
        raise TypeError(f"write the annotation of {spec.name} without quotes")
    return spec.type


def _number(where: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where} must be a number, got {value!r}.")
    try:
        number = float(value)
    except OverflowError:
        raise ConfigError(f"{where} must be a number below 1e308, got a larger one.") from None
    if isnan(number):
        raise ConfigError(f"{where} must be a number, got {value!r}.")
    if not isfinite(number) and name not in _MAY_BE_INFINITE:
        raise ConfigError(f"{where} must be finite, got {value!r}.")
    return number + 0.0  # never a negative zero


def _choice(where: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{where}: {unknown('value', str(value), map(str, allowed))}")


def _many(where: str, value: Any, item: Any, base: type) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where} must be a list, got {value!r}.")
    if item is float:
        return tuple(_number(where, "", x) for x in value)
    if item is str:
        return tuple(_text(where, x) for x in value)
    if get_origin(item) is tuple:
        return tuple(_pair(where, x) for x in value)
    for x in value:
        if not isinstance(x, base):
            raise ConfigError(f"{where} must hold reward nodes, got {x!r}.")
    return tuple(value)


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{where} must be text, got {value!r}.")
    return value


def _pair(where: str, value: Any) -> tuple[str, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ConfigError(f"{where} must hold pairs of a text and a number, got {value!r}.")
    return _text(where, value[0]), _number(where, "", value[1])
