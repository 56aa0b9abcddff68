"""What reading a message gives, and what every syntax checks about a call."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from envgym.runtime.parse.jsontext import decode, joined
from envgym.runtime.tools import NOTHING, ToolSpec, shorten
from envgym.types.call import Call
from envgym.types.errors import unknown


class Parsed(NamedTuple):
    """Calls in the order written, or the reason why there are none."""

    calls: list[Call]
    """All calls of the winning syntax; empty if there is an error."""
    error: str | None
    """One plain sentence or two for the agent; None if there are calls."""


def refuse(reason: str) -> Parsed:
    """Return no calls, and the reason with what it means for the world."""
    return Parsed([], f"{reason} {NOTHING}")


def stranger(name: str, tools: Mapping[str, ToolSpec]) -> str:
    """Return the sentence for a tool that does not exist, with the nearest name."""
    shown = name if len(name) <= 40 else f"{name[:40]}..."
    return unknown("tool", shown, tools)


def call_from(value: Any, tools: Mapping[str, ToolSpec], escaped: bool) -> Call | str:
    """Return the call that a decoded JSON value means, or what is wrong with it.

    Args:
        value: decoded JSON; ``{"name": str, "arguments": object}`` is a call. Arguments may be
            missing, called ``parameters``, or a string that holds the JSON object.
        tools: what may be called.
        escaped: True if the JSON text held ``\\u`` escapes, the only way in for surrogates.
    """
    if not isinstance(value, dict):
        return f"A call is a JSON object with 'name' and 'arguments', got {shorten(value)}."
    name = value.get("name")
    if not isinstance(name, str):
        return f"A call needs a 'name' that is a string, got the keys {shorten(sorted(value))}."
    if escaped:
        name = joined(name)
    if name not in tools:
        return _sentence(stranger(name, tools))
    args = value.get("arguments", value.get("parameters"))
    if isinstance(args, str):
        escaped = escaped or "\\u" in args
        inner, problem = decode(args) if args.strip() else ({}, None)
        if problem is not None:
            return f"{name}: the string in 'arguments' is not JSON ({problem})."
        args = inner
    if args is None:
        args = {}
    if not isinstance(args, dict):
        return f"{name}: 'arguments' must be a JSON object, got {shorten(args)}."
    return Call(name, joined(args) if escaped else args)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
