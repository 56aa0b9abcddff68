"""An immutable mapping that Gymnasium's vector environments pass on untouched."""

from collections.abc import Iterator, Mapping
from typing import Any


class Record(Mapping[str, Any]):
    """A read-only mapping that is not a ``dict``.

    Gymnasium's vector environments merge nested dicts into arrays typed by the first
    value they meet: a float after an int loses its fraction, None beside a dict crashes.
    Any other object passes through whole, so everything structured in ``info`` is one.

    >>> Record({"solved": True, "guesses": 3})["guesses"]
    3
    >>> Record(a=1) == {"a": 1}
    True
    """

    __slots__ = ("_items",)
    _items: dict[str, Any]

    def __init__(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._items = {**items, **more} if items else more

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def get(self, key: str, default: Any = None) -> Any:
        return self._items.get(key, default)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Record):
            return self._items == other._items
        if isinstance(other, Mapping):
            return self._items == dict(other)
        return False

    def __hash__(self) -> int:
        return hash(frozenset(self._items))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Record, (self._items,))

    def __repr__(self) -> str:
        return f"Record({self._items!r})"


def adopt(items: dict[str, Any]) -> Record:
    """Return a record over ``items`` without copying; the caller gives the dict away."""
    record = _new(Record)
    record._items = items
    return record


_new = Record.__new__
