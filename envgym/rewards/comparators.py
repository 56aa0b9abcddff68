"""Comparators by the name that a program's nodes use."""

from collections.abc import Mapping
from typing import Any

from envgym.types.compare import Comparator
from envgym.types.errors import ConfigError


def named(comparators: Mapping[str, Comparator] | Comparator | None) -> dict[str, Comparator]:
    """Return comparators by name; a single one goes by any name a program uses.

    Raises:
        ConfigError: something given is no comparator: an object with ``name`` and ``compare``.
    """
    if comparators is None:
        return {}
    if isinstance(comparators, _Any):
        return comparators
    if isinstance(comparators, Mapping):
        for name, one in comparators.items():
            _check(one, f"comparators['{name}']")
        return dict(comparators)
    _check(comparators, "comparators")
    return _Any(comparators)


def _check(given: Any, where: str) -> None:
    if isinstance(given, type):
        raise ConfigError(f"{where} must be an instance, got the class {given.__name__}.")
    for part in ("name", "compare"):
        if not hasattr(given, part):
            raise ConfigError(
                f"{where} must be a comparator with 'name' and 'compare'; {given!r} lacks '{part}'."
            )


class _Any(dict[str, Comparator]):
    """One comparator under every name."""

    def __init__(self, one: Comparator) -> None:
        super().__init__({"": one})
        self._one = one

    def __missing__(self, name: str) -> Comparator:
        return self._one

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        return self._one
