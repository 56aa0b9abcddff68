"""A recorded or played episode as the text a judge reads."""

import json
from collections.abc import Iterable
from typing import Any


def transcript_text(opening: Any, turns: Iterable[tuple[Any, Any]]) -> str:
    """Return an episode as text: what was shown, then each message and what it brought.

    Every line is indented below its heading, so that no message can pass for a heading and what
    follows it for an observation.

    Args:
        opening: the first observation.
        turns: (message, observation) of every event, in order. What is no text is shown as JSON.

    >>> print(transcript_text("a hall", [("go north", "a kitchen")]))
    [shown]
        a hall
    <BLANKLINE>
    [turn 1, agent]
        go north
    <BLANKLINE>
    [turn 1, shown]
        a kitchen
    """
    blocks = [f"[shown]\n{_indented(opening)}"]
    for number, (message, observation) in enumerate(turns, 1):
        blocks.append(f"[turn {number}, agent]\n{_indented(message)}")
        blocks.append(f"[turn {number}, shown]\n{_indented(observation)}")
    return "\n\n".join(blocks)


def _indented(value: Any) -> str:
    if value is None:
        return "    (nothing)"
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    # Other line ends than \n look like new lines to a reader too.
    return "\n".join(f"    {line}" for line in value.splitlines()) or "    (nothing)"
