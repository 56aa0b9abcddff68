"""Short forms for discrete choices: ``<action>22</action>``, ``[[call]]``, ``\\boxed{22}``."""

from collections.abc import Mapping

from envgym.runtime.parse.calls import Parsed
from envgym.runtime.tools import ToolSpec
from envgym.types.call import Call


def short_form(text: str, tools: Mapping[str, ToolSpec], short_tool: str | None) -> Parsed | None:
    """Return the last short form as a call of the short tool, or None.

    Without a named ``short_tool`` there must be exactly one tool with one required argument.
    """
    if short_tool is not None:
        spec = tools.get(short_tool)
    else:
        spec = next(iter(tools.values())) if len(tools) == 1 else None
    if spec is None or spec.single_arg is None:
        return None
    forms = (
        _between(text, "<action>", "</action>"),
        _between(text, "[[", "]]"),
        _boxed(text),
    )
    start, content = max(forms)
    if start < 0:
        return None
    return Parsed([Call(spec.name, {spec.single_arg: content.strip()})], None)


def _between(text: str, opening: str, closing: str) -> tuple[int, str]:
    """Return the last closed pair's position and content; position -1 if there is none."""
    last = text.rfind(closing)
    start = text.rfind(opening, 0, last) if last >= 0 else -1
    if start < 0:
        return -1, ""
    begin = start + len(opening)
    return start, text[begin : text.find(closing, begin)]


def _boxed(text: str) -> tuple[int, str]:
    """Like ``_between`` for a box; braces inside it must balance."""
    opening = "\\boxed{"
    start = text.rfind(opening)
    if start < 0:
        return -1, ""
    begin = start + len(opening)
    depth = 1
    pos = begin
    while True:
        closing = text.find("}", pos)
        if closing < 0:
            return -1, ""
        depth += text.count("{", pos, closing) - 1
        if depth == 0:
            return start, text[begin:closing]
        pos = closing + 1
