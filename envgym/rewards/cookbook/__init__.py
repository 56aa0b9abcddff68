"""The cookbook: every reward entry with its papers, what kind of source it has, and its proof.

One file per group of entries; each holds a tuple ``ITEMS``.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from envgym.rewards.cookbook.item import Item
from envgym.types.errors import ConfigError, unknown

__all__ = ["Item", "find", "items"]


@cache
def items() -> tuple[Item, ...]:
    """Return every entry, sorted by id: A1, A2, ..., H14."""
    found: list[Item] = []
    for module in iter_modules(__path__):
        if module.name != "item":
            found.extend(import_module(f"{__name__}.{module.name}").ITEMS)
    return tuple(sorted(found, key=lambda item: (item.id[0], int(item.id[1:]))))


def find(id: str) -> Item:
    """Return the entry with this id, upper or lower case.

    Raises:
        ConfigError: there is none; names the nearest.
    """
    known = {item.id: item for item in items()}
    if id.upper() not in known:
        raise ConfigError(unknown("cookbook entry", id, known))
    return known[id.upper()]
