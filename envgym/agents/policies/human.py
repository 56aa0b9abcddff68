"""A person who plays in the terminal."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from envgym.types import Message, Reply, Request

_HELP = "/tools shows the tools, /quit stops; end a line with \\ to go on in the next one."


class HumanPolicy:
    """Show each message and read the reply from the keyboard.

    Lines starting with a slash are for the policy: ``/tools``, ``/help``, ``/quit``. A line
    that ends with a backslash continues in the next one. The end of input, ``/quit`` and
    Ctrl-C stop the run (KeyboardInterrupt), which leaves readable files; an unfinished episode
    is never scored.

    Args:
        read: Gets a prompt and returns a line without its newline; raises EOFError at the end.
            Default: ``input``.
        show: Gets a title and a text. Default: a rich panel in the terminal.
    """

    name = "human"

    def __init__(
        self,
        read: Callable[[str], str] | None = None,
        show: Callable[[str, str], None] | None = None,
    ) -> None:
        self._read = read or input
        self._show = show or _panel
        self._tools: dict[str, tuple[dict[str, Any], ...]] = {}

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Ask for one reply after another.

        Raises:
            KeyboardInterrupt: The person wants to stop.
        """
        return [self._ask(request, several=len(requests) > 1) for request in requests]

    def close(self, sessions: Sequence[str]) -> None:
        """Forget the tools of these sessions."""
        for session in sessions:
            self._tools.pop(session, None)

    def _ask(self, request: Request, *, several: bool) -> Reply:
        if request.session not in self._tools:
            self._tools[request.session] = request.tools
            self._show("how to play", _HELP)
        for message in request.messages:
            self._show(_title(message, request, several), message.content)
        while True:
            text = self._lines()
            match text.strip():
                case "/quit":
                    raise KeyboardInterrupt
                case "/tools":
                    self._show("tools", describe(self._tools[request.session]))
                case command if command.startswith("/"):
                    self._show("help", _HELP)
                case "":
                    continue
                case _:
                    return Reply(text=text)

    def _lines(self) -> str:
        lines: list[str] = []
        try:
            while True:
                line = self._read("… " if lines else "> ")
                lines.append(line.removesuffix("\\"))
                if not line.endswith("\\"):
                    return "\n".join(lines)
        except EOFError:
            raise KeyboardInterrupt from None


def describe(tools: Sequence[Mapping[str, Any]]) -> str:
    """Return one line per tool: its call with an example of every argument, and its help."""
    lines = []
    for tool in tools:
        function = tool.get("function", tool)
        properties = function.get("parameters", {}).get("properties", {})
        arguments = ", ".join(f"{name}={_kind(part)}" for name, part in properties.items())
        lines.append(f"{function['name']}({arguments})  {function.get('description', '')}".rstrip())
    return "\n".join(lines) or "This environment has no tools."


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(json.dumps(value) for value in schema["enum"])
    return str(schema.get("type", "value"))


def _title(message: Message, request: Request, several: bool) -> str:
    title = {"system": "rules", "user": "world", "tool": "world", "assistant": "you"}[message.role]
    return f"{title} · {request.session}" if several else title


def _panel(title: str, text: str) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    # Text, not markup: an observation may hold square brackets.
    Console().print(Panel(Text(text), title=title, title_align="left"))
