"""JSON as agents write it: line breaks inside strings pass, what is not a finite number does not."""

import json
from collections.abc import Callable
from math import isinf
from typing import Any

from envgym.runtime.unicode import clean

_SPACE = " \t\n\r"

LARGE = "a number is too large"
DEPTH = 64
"""Deepest nesting of a value. Python gives up near 1000, at a depth that depends on who calls."""
SMALL = 2 * DEPTH
"""Characters of JSON up to which a value is neither nested too deeply nor holds such numbers."""
_BITS = 1000
"""Of an integer, so that every one can be printed and turned into a float."""


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(LARGE)
    return number


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")


_decoder: Any = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant, strict=False)
scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
"""``scan(text, start) -> (value, end)``; raises StopIteration, ValueError, RecursionError."""


def skip(text: str, start: int) -> int:
    """Return the first position from ``start`` that is no JSON white space."""
    end = len(text)
    while start < end and text[start] in _SPACE:
        start += 1
    return start


def decode_from(text: str, start: int) -> tuple[Any, int, str | None]:
    """Decode one value at ``start``; return it, the position after it, and what is wrong.

    The third item is None where the value is good. Positions count from ``start``, for the
    agent knows its own JSON but not where we found it.
    """
    begin = skip(text, start)
    try:
        value, end = scan(text, begin)
    except StopIteration as stop:
        at = int(stop.value) if isinstance(stop.value, int) else begin
        return None, start, f"a value is missing at character {at - start + 1}"
    except json.JSONDecodeError as error:
        return None, start, f"{error.msg.lower()} at character {error.pos - start + 1}"
    except RecursionError:
        return None, start, "it is nested too deeply"
    except ValueError as error:
        # Python refuses to turn more than 4300 digits into an integer and says so at length.
        return None, start, LARGE if "digits" in str(error) else str(error)
    if end - begin > SMALL and (problem := unfit(value)) is not None:
        return None, start, problem
    return value, end, None


def decode(text: str) -> tuple[Any, str | None]:
    """Decode a text that is one JSON value; return it and what is wrong, or None."""
    value, end, problem = decode_from(text, 0)
    if problem is None and skip(text, end) != len(text):
        problem = f"extra text after the value at character {end + 1}"
    return value, problem


def unfit(value: Any) -> str | None:
    """Return what is wrong with a decoded value: nested too deeply, or a number too large."""
    level = [value]
    for _ in range(DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
            elif isinstance(item, int) and item.bit_length() > _BITS:
                return LARGE
        if not inner:
            return None
        level = inner
    return "it is nested too deeply"


def joined(value: Any) -> Any:
    """Return decoded JSON with surrogates from ``\\u`` escapes joined or replaced."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [joined(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): joined(item) for key, item in value.items()}
    return value
