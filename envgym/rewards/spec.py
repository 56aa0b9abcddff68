"""Programs as JSON: every node is ``{"node": kind, field: value, ...}``.

Fields at their default are left out; infinite numbers are the strings "inf" and "-inf", since
episode heads hold finite numbers only.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from math import inf, isinf
from pkgutil import iter_modules
from typing import Any

from envgym.rewards.fields import required
from envgym.rewards.node import DEPTH, Node
from envgym.types.errors import ConfigError, unknown

_INFINITE = {"inf": inf, "-inf": -inf}


_FOLDERS = ("read", "map", "fold", "reduce", "spread", "group")


@cache
def _import_nodes() -> None:
    import_module("envgym.rewards.source")
    for folder in _FOLDERS:
        package = import_module(f"envgym.rewards.{folder}")
        for module in iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")


ENTRY_POINTS = "envgym.rewards"
"""Group in which an installed package names the modules that define its nodes."""


@cache
def load_plugins() -> tuple[str, ...]:
    """Import the modules that installed packages name under ``envgym.rewards``.

    Returns one sentence per module that failed; a broken package must not hide the others.
    """
    problems: list[str] = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            point.load()
        except Exception as error:  # noqa: BLE001  # any plugin's bug is told, never fatal
            problems.append(f"plugin '{point.name}' failed to load: {error!r}.")
    return tuple(problems)


def node_kinds() -> dict[str, type[Node]]:
    """Return every node that JSON may name, by kind: ours, and what other packages subclassed."""
    _import_nodes()
    found: dict[str, type[Node]] = {}
    waiting: list[type[Node]] = [Node]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        # An abstract class inherits no kind of its own.
        if kind := cls.__dict__.get("kind", ""):
            other = found.setdefault(kind, cls)
            if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
                raise ConfigError(
                    f"two node classes have the kind '{kind}': {other.__module__}."
                    f"{other.__qualname__} and {cls.__module__}.{cls.__qualname__}."
                )
            found[kind] = cls
    return found


def to_spec(node: Node) -> dict[str, Any]:
    """Return ``node`` as a JSON-ready dict.

    >>> from envgym.rewards import Source
    >>> to_spec(Source("outcome", "episode", lo=0))
    {'node': 'source', 'key': 'outcome', 'scope': 'episode', 'lo': 0.0}
    """
    if not node.kind:
        raise ConfigError(
            f"{type(node).__name__} has no kind, so JSON cannot name it; give the class a "
            "kind of its own."
        )
    spec: dict[str, Any] = {"node": node.kind}
    for field in fields(node):
        value = getattr(node, field.name)
        if field.default is MISSING or value != field.default:
            spec[field.name] = _out(value)
    return spec


def from_spec(spec: object, where: str = "root") -> Node:
    """Return the node that ``spec`` describes.

    Args:
        spec: what ``to_spec`` gives, for instance from a JSON file.
        where: path of ``spec`` in its document, for messages.

    Raises:
        ConfigError: naming the path, the field, the value and what is allowed.
    """
    kinds = node_kinds()
    try:
        return _node(spec, where, kinds, 1)
    except _UnknownNodeError:
        # Only now: looking for installed packages costs more than most programs.
        problems = load_plugins()
        try:
            return _node(spec, where, node_kinds(), 1)
        except _UnknownNodeError as error:
            raise ConfigError(" ".join((str(error), *problems))) from None


class _UnknownNodeError(ConfigError):
    """A kind that no imported module defines."""


def _node(spec: object, where: str, kinds: Mapping[str, type[Node]], depth: int) -> Node:
    if depth > DEPTH:
        raise ConfigError(f"the reward program is nested deeper than {DEPTH} nodes.")
    if not isinstance(spec, Mapping) or not isinstance(spec.get("node"), str):
        raise ConfigError(f"{where}: expected an object with a field 'node', got {_short(spec)}.")
    kind = spec["node"]
    if kind not in kinds:
        raise _UnknownNodeError(
            f"{where}: {unknown('node', kind, kinds)} If it is your own, import its module first."
        )
    cls = kinds[kind]
    types = {field.name: field.type for field in fields(cls)}
    given: dict[str, Any] = {}
    for key, value in spec.items():
        if key == "node":
            continue
        if key not in types:
            raise ConfigError(f"{where}: {unknown(f'field of {kind}', str(key), types)}")
        if types[key] is float and isinstance(value, str):
            value = _INFINITE.get(value, value)  # a text may be called "inf"
        given[key] = _in(value, f"{where}.{key}", kinds, depth)
    missing = [name for name in required(cls) if name not in given]
    if missing:
        raise ConfigError(f"{where}: node '{kind}' needs the field '{missing[0]}'.")
    try:
        return cls(**given)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _out(value: Any) -> Any:
    if isinstance(value, Node):
        return to_spec(value)
    if isinstance(value, tuple):
        return [_out(v) for v in value]
    if isinstance(value, float) and isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def _in(value: Any, where: str, kinds: Mapping[str, type[Node]], depth: int) -> Any:
    if isinstance(value, Mapping):
        return _node(value, where, kinds, depth + 1)
    if isinstance(value, list | tuple):
        return tuple(_in(v, f"{where}[{i}]", kinds, depth) for i, v in enumerate(value))
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
