"""From an agent's whole message to calls: one reader for every family.

Text inside ``<think>...</think>`` is ignored. The first of these syntaxes that occurs wins, and
all its calls are returned in order:

1. ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>`` tags;
2. a fenced block that holds such a JSON object;
3. a fenced block whose info string names a tool with one text argument (```` ```bash ````);
4. a call in function syntax alone on the final line: ``guess(number=7)``, ``guess(7)``;
5. short forms: ``<action>22</action>``, ``[[call]]``, ``\\boxed{22}``; the last one wins;
6. for a family with a command tool, a one-line message is that tool's argument.

Nothing here raises on any text, evaluates anything, or takes more than linear time.
"""

from collections.abc import Mapping

from envgym.runtime.parse.calls import Parsed, refuse
from envgym.runtime.parse.fences import fenced
from envgym.runtime.parse.function import final_line
from envgym.runtime.parse.jsontext import SMALL, scan, unfit
from envgym.runtime.parse.short import short_form
from envgym.runtime.parse.tags import CLOSE, OPEN, tagged
from envgym.runtime.tools import ToolSpec
from envgym.runtime.unicode import clean
from envgym.types.call import Call

__all__ = ["Parsed", "parse"]

_OPEN = len(OPEN)
_ENDS = (len(CLOSE), len(CLOSE) + 1)
_FAILS = (StopIteration, ValueError, RecursionError)


def parse(
    text: str,
    tools: Mapping[str, ToolSpec],
    *,
    command_tool: str | None = None,
    short_tool: str | None = None,
) -> Parsed:
    """Return the calls of the winning syntax, or one sentence saying why there are none.

    Arguments are not validated here; see ``ToolSpec.validate``. A message of one tag takes 2 us,
    any other a few times as long, and a megabyte of the worst 0.2 s.

    Args:
        text: the assistant's whole message.
        tools: what the agent may call, by name.
        command_tool: the tool, of one text argument, that a bare one-line message calls.
        short_tool: the tool, of one required argument, that short forms call. None: the only
            tool, if it has one required argument.
    """
    # Nearly every message of a trained agent is exactly one tag. Anything unusual in it goes
    # the long way, which gives the same calls or says what is wrong.
    if text.startswith(OPEN) and text.endswith(CLOSE):
        try:
            value, end = scan(text, _OPEN + 1 if text[_OPEN] == "\n" else _OPEN)
        except _FAILS:
            pass
        else:
            if (
                len(text) - end in _ENDS
                and type(value) is dict
                and len(value) == 2
                and type(args := value.get("arguments")) is dict
                and type(name := value.get("name")) is str
                and name in tools
                and "\\u" not in text
                and (len(text) < SMALL or unfit(value) is None)
                and (text[end] == "<" or text[end] == "\n")
            ):
                return Parsed([Call(name, args)], None)
    return _long_way(text, tools, command_tool, short_tool)


def _long_way(
    text: str, tools: Mapping[str, ToolSpec], command_tool: str | None, short_tool: str | None
) -> Parsed:
    text = clean(text)
    found, visible = tagged(text, tools)
    if found is not None:
        return found
    found, broken_fence = fenced(visible, tools)
    if found is not None:
        return found
    found, stranger = final_line(visible, tools)
    if found is not None:
        return found
    found = short_form(visible, tools, short_tool)
    if found is not None:
        return found
    line = visible.strip()
    if command_tool is not None and line and not broken_fence and len(line.splitlines()) == 1:
        spec = tools.get(command_tool)
        if spec is not None and spec.text_arg is not None:
            return Parsed([Call(command_tool, {spec.text_arg: line})], None)
    return refuse(broken_fence or stranger or _nothing(text, line, tools, command_tool))


def _nothing(text: str, line: str, tools: Mapping[str, ToolSpec], command_tool: str | None) -> str:
    """Say what was expected, with an example of this environment's own tools."""
    if line:
        what = "The message holds no call"
    elif text.strip():
        what = "The message holds nothing but thoughts"
    else:
        what = "The message is empty"
    if not tools:
        return f"{what}, and there are no tools to call."
    first = tools.get(command_tool or "") or next(iter(tools.values()))
    example = f"{OPEN}{first.example}{CLOSE}"
    if command_tool is not None:
        return f"{what}. Write one command on a line of its own and nothing else, or {example}."
    return f"{what}. Write one, for instance {example}."
