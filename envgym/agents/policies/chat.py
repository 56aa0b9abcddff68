"""The history of one conversation in the chat completions format."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from envgym.types import Message


class ChatHistory:
    """Messages as an endpoint wants them, native tool calls answered by id.

    Args:
        tools: OpenAI tool schemas of the session.
    """

    def __init__(self, tools: Sequence[dict[str, Any]] = ()) -> None:
        self.tools = tuple(tools)
        self.messages: list[dict[str, Any]] = []
        self._unanswered: list[str] = []

    def add(self, messages: Sequence[Message]) -> None:
        """Append new messages; the first one after native tool calls is their result.

        Every call id must be answered. The environment's one observation goes to the last
        call, and the others point to it.
        """
        for message in messages:
            if self._unanswered and message.role in ("user", "tool"):
                *others, last = self._unanswered
                self._unanswered = []
                for call in others:
                    self._tool(call, "See the result of the last call.")
                self._tool(last, message.content)
            else:
                role = "user" if message.role == "tool" else message.role
                self.messages.append({"role": role, "content": message.content})

    def reply(self, message: Mapping[str, Any]) -> None:
        """Append the endpoint's message as it came, without fields that are not read back."""
        kept: dict[str, Any] = {"role": "assistant", "content": message.get("content") or ""}
        calls = message.get("tool_calls") or []
        if calls:
            kept["tool_calls"] = [
                {
                    "id": str(call.get("id") or f"call_{len(self.messages)}_{place}"),
                    "type": "function",
                    "function": {
                        "name": call["function"]["name"],
                        "arguments": call["function"].get("arguments") or "{}",
                    },
                }
                for place, call in enumerate(calls)
            ]
            self._unanswered = [call["id"] for call in kept["tool_calls"]]
        self.messages.append(kept)

    def _tool(self, call: str, content: str) -> None:
        self.messages.append({"role": "tool", "tool_call_id": call, "content": content})


def message_text(message: Mapping[str, Any]) -> str:
    """Return the text of an endpoint's message, each native tool call as a tag.

    Arguments that are no JSON stay as they are, so the environment tells the agent.

    >>> call = {"function": {"name": "go", "arguments": '{"to": "north"}'}}
    >>> message_text({"content": None, "tool_calls": [call]})
    '<tool_call>{"name": "go", "arguments": {"to": "north"}}</tool_call>'
    """
    parts = [message["content"]] if message.get("content") else []
    for call in message.get("tool_calls") or []:
        function = call["function"]
        arguments = function.get("arguments") or "{}"
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        with suppress(ValueError):
            # "<\/" is the same JSON string and cannot end the tag early.
            arguments = json.dumps(json.loads(arguments), ensure_ascii=False).replace("</", r"<\/")
        name = json.dumps(function["name"])
        parts.append(f'<tool_call>{{"name": {name}, "arguments": {arguments}}}</tool_call>')
    return "\n".join(parts)
