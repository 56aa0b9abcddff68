"""One tool call, as the agent meant it."""

from typing import Any, NamedTuple


class Call(NamedTuple):
    """A tool's name and its arguments before validation."""

    name: str
    args: dict[str, Any]
