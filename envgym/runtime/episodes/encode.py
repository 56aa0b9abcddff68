"""One episode line to bytes.

The common line goes through ``pydantic_core.to_json`` once. Three things it does not do the way
the schema asks (refuse NaN, quote integers beyond 2**53, replace lone surrogates) are looked for
in the finished bytes, where a search costs a tenth of a walk over the values; only a line that
may hold one of them is walked and encoded again.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from envgym.runtime.episodes.schema import SAFE_INT
from envgym.types.errors import EpisodeFileError
from envgym.types.record import Record

# A number of 16 digits before the point, wherever it stands, looks the same after this table.
_SHAPE = bytes.maketrans(b"123456789,[-", b"000000000:::")
_LONG_INT = b":" + b"0" * 16
_MAX_DEPTH = 64

_serializer: Callable[..., bytes] | None = None


def encode(line: dict[str, Any]) -> bytes:
    """Return ``line`` as one JSON line, newline included.

    Raises:
        EpisodeFileError: a number is not finite or a value is no JSON; names the field. Only
            ``calls`` is forgiving, because its content is the agent's: there such values become
            strings.
    """
    to_json = _serializer or _bind()
    try:
        data = to_json(line, fallback=_plain)
    except ValueError:
        return to_json(_clean(line, ())) + b"\n"
    if (
        (b"N" in data and b"NaN" in data)
        or (b"I" in data and b"Infinity" in data)
        or _LONG_INT in data.translate(_SHAPE)
    ):
        data = to_json(_clean(line, ()))
    return data + b"\n"


def _bind() -> Callable[..., bytes]:
    """Import pydantic_core on first use, and once: a look-up per line costs as much as a write."""
    global _serializer  # noqa: PLW0603 - a module-level cache
    from pydantic_core import to_json

    _serializer = to_json
    return to_json


def _plain(value: Any) -> Any:
    """Return a JSON-ready stand-in for a value that ``to_json`` does not know."""
    if isinstance(value, Record):
        return value._items
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):  # a NumPy scalar or a small array
        return value.tolist()
    raise TypeError(type(value).__name__)


def _clean(value: Any, path: tuple[str, ...]) -> Any:
    """Return ``value`` with every rule of the schema applied; ``path`` leads to it."""
    kind = value.__class__
    if kind is str:
        return value if value.isascii() else _text(value)
    if value is None or kind is bool:
        return value
    if isinstance(value, int):
        return int(value) if -SAFE_INT <= value <= SAFE_INT else _digits(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        if _forgiving(path):
            return repr(float(value))
        raise EpisodeFileError(
            f"episode line: field '{_pointer(path)}': numbers must be finite, got {value!r}"
        )
    if isinstance(value, Mapping):
        if len(path) > _MAX_DEPTH and _forgiving(path):
            return f"(nested deeper than {_MAX_DEPTH})"
        return {_text(str(key)): _clean(item, (*path, str(key))) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        if len(path) > _MAX_DEPTH and _forgiving(path):
            return f"(nested deeper than {_MAX_DEPTH})"
        return [_clean(item, (*path, str(i))) for i, item in enumerate(value)]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (set, frozenset)):
        return sorted((_clean(item, path) for item in value), key=repr)
    if hasattr(value, "tolist"):
        return _clean(value.tolist(), path)
    if isinstance(value, PurePath) or _forgiving(path):
        return _text(str(value))
    raise EpisodeFileError(
        f"episode line: field '{_pointer(path)}': expected a JSON value, got {type(value).__name__}"
    )


def _text(value: str) -> str:
    """Return ``value`` with lone surrogates, which UTF-8 cannot carry, replaced."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _digits(value: int) -> str:
    """Return a big integer in decimal, or in hexadecimal where Python refuses the conversion."""
    try:
        return str(int(value))
    except ValueError:
        return hex(value)


def _forgiving(path: tuple[str, ...]) -> bool:
    return bool(path) and path[0] == "calls"


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
