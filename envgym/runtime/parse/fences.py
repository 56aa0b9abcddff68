"""Fenced blocks: a JSON call, or the text of a tool that the info string names."""

from collections.abc import Iterator, Mapping

from envgym.runtime.parse.calls import Parsed, call_from, refuse
from envgym.runtime.parse.jsontext import decode
from envgym.runtime.tools import ToolSpec
from envgym.types.call import Call

_FENCE = "```"
_JSON_INFO = ("json", "tool_call", "")


def fenced(text: str, tools: Mapping[str, ToolSpec]) -> tuple[Parsed | None, str | None]:
    """Return the calls of fenced blocks, or None; and why a ``json`` block was passed over.

    A JSON block counts as a call if it is an object with a ``name``: agents also fence plans
    and data, which are no calls. Calls in JSON win over blocks of text.
    """
    if _FENCE not in text:
        return None, None
    blocks = list(_blocks(text))
    calls: list[Call] = []
    broken: str | None = None
    for info, body in blocks:
        if info not in _JSON_INFO or not body.lstrip().startswith("{"):
            continue
        value, problem = decode(body)
        if problem is not None:
            if info:
                broken = f"The fenced JSON cannot be read: {problem}."
        elif "name" in value:
            call = call_from(value, tools, "\\u" in body)
            if isinstance(call, str):
                return refuse(call), None
            calls.append(call)
    if not calls:
        for info, body in blocks:
            spec = tools.get(info)
            if spec is not None and spec.text_arg is not None:
                calls.append(Call(info, {spec.text_arg: body}))
    return (Parsed(calls, None) if calls else None), broken


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (info string, body) of each closed block; a fence stands at a line's start."""
    info: str | None = None
    ticks = 0
    begin = 0
    pos = 0
    size = len(text)
    while pos < size:
        end = text.find("\n", pos)
        if end < 0:
            end = size
        # Looking at four characters keeps lines of any length cheap.
        if text.startswith(_FENCE, start := pos + _indent(text, pos)):
            line = text[start:end].rstrip()
            run = len(line) - len(line.lstrip("`"))
            if info is None:
                rest = line[run:].strip()
                if "`" not in rest:
                    info, ticks, begin = rest, run, end + 1
            elif run >= ticks and run == len(line):
                yield info, text[begin : max(begin, pos - 1)]
                info = None
        pos = end + 1


def _indent(text: str, pos: int) -> int:
    """Return how many spaces, at most three, stand before a fence (as CommonMark allows)."""
    for count in range(4):
        if not text.startswith(" ", pos + count):
            return count
    return 3
