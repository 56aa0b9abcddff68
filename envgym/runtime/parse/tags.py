"""Thoughts and ``<tool_call>`` tags, read in one pass from left to right."""

from collections.abc import Mapping

from envgym.runtime.parse.calls import Parsed, call_from, refuse
from envgym.runtime.parse.jsontext import decode_from, skip
from envgym.runtime.tools import ToolSpec
from envgym.types.call import Call

OPEN = "<tool_call>"
CLOSE = "</tool_call>"
_THINK = "<think>"
_THOUGHT = "</think>"


def tagged(text: str, tools: Mapping[str, ToolSpec]) -> tuple[Parsed | None, str]:
    """Return the tags' calls, or None without tags, and the text that is not thought.

    A tag is read by the JSON decoder, not by looking for its end, so arguments may hold
    ``</tool_call>`` or ``<think>``. One bad tag refuses the whole message: half of an intention
    is worse than none. An unclosed thought hides the rest; a closing ``</think>`` that nothing
    opened hides what stands before it, because chat templates of reasoning models write the
    opening tag themselves.
    """
    pos = _after_prefilled_thought(text)
    calls: list[Call] = []
    visible: list[str] = []
    tag, think = text.find(OPEN, pos), text.find(_THINK, pos)
    while tag >= 0 or think >= 0:
        if think >= 0 and (tag < 0 or think < tag):
            visible.append(text[pos:think])
            end = text.find(_THOUGHT, think + len(_THINK))
            pos = len(text) if end < 0 else end + len(_THOUGHT)
        else:
            value, end, problem = decode_from(text, tag + len(OPEN))
            if problem is not None:
                return refuse(f"The JSON in {OPEN} cannot be read: {problem}."), ""
            call = call_from(value, tools, "\\u" in text)
            if isinstance(call, str):
                return refuse(call), ""
            end = skip(text, end)
            if not text.startswith(CLOSE, end):
                return refuse(f"The {OPEN} must be closed by {CLOSE} right after the JSON."), ""
            calls.append(call)
            pos = end + len(CLOSE)
        # Each find starts past the last one's hit, so the whole scan stays linear.
        if 0 <= tag < pos:
            tag = text.find(OPEN, pos)
        if 0 <= think < pos:
            think = text.find(_THINK, pos)
    visible.append(text[pos:])
    return (Parsed(calls, None) if calls else None), "".join(visible)


def _after_prefilled_thought(text: str) -> int:
    """Return where the text starts once a thought without an opening tag is left out."""
    end = text.find(_THOUGHT)
    if end < 0 or text.find(_THINK, 0, end) >= 0 or text.find(OPEN, 0, end) >= 0:
        return 0
    return end + len(_THOUGHT)
