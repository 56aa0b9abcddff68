"""Comparing a recorded line with a re-run: masks, then the first field that differs."""

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

_WINDOW = 60
"""Characters shown of a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place where a re-run left the recording."""

    episode: str
    event: int
    """Number of the event; -1: the reset."""
    field: str
    """JSON pointer into the line, such as "/ev/agent/progress"."""
    recorded: str
    """Recorded value, shortened around the first character that differs."""
    now: str
    """Value of the re-run."""

    def __str__(self) -> str:
        place = "reset" if self.event < 0 else f"event {self.event}"
        return f"{self.episode}: {place}: {self.field}: recorded {self.recorded}, now {self.now}"


def mask(line: Mapping[str, Any], volatile: Sequence[str], masks: Sequence[str]) -> Any:
    """Return a copy of ``line`` without its volatile places and with masked observations."""
    copy: Any = deepcopy(line)
    for pointer in volatile:
        *path, last = (
            part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
        )
        at = copy
        for part in path:
            at = _down(at, part)
        if isinstance(at, dict):
            at.pop(last, None)
        elif isinstance(at, list) and last.isdigit() and int(last) < len(at):
            at[int(last)] = None
    for pattern in masks:
        for agent, text in copy.get("obs", {}).items():
            if isinstance(text, str):
                copy["obs"][agent] = re.sub(pattern, "", text)
    return copy


def _down(at: Any, part: str) -> Any:
    if isinstance(at, dict):
        return at.get(part)
    if isinstance(at, list) and part.isdigit() and int(part) < len(at):
        return at[int(part)]
    return None


def first_difference(recorded: Any, now: Any, pointer: str = "") -> tuple[str, str, str] | None:
    """Return (JSON pointer, recorded, now) of the first difference, or None.

    1 and 1.0 are the same number; true and 1 are not the same value.

    >>> first_difference({"ev": {"turn": 2, "left": 5}}, {"ev": {"turn": 2, "left": 6}})
    ('/ev/left', '5', '6')
    """
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in [*recorded, *(key for key in now if key not in recorded)]:
            place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if key not in now:
                return place, _shown(recorded[key]), "nothing"
            if key not in recorded:
                return place, "nothing", _shown(now[key])
            if found := first_difference(recorded[key], now[key], place):
                return found
        return None
    if isinstance(recorded, list) and isinstance(now, list):
        for i, (one, other) in enumerate(zip(recorded, now, strict=False)):
            if found := first_difference(one, other, f"{pointer}/{i}"):
                return found
        if len(recorded) != len(now):
            return pointer, f"{len(recorded)} items", f"{len(now)} items"
        return None
    if isinstance(recorded, bool) == isinstance(now, bool) and recorded == now:
        return None
    if isinstance(recorded, str) and isinstance(now, str):
        start = next(
            (i for i, (a, b) in enumerate(zip(recorded, now, strict=False)) if a != b),
            min(len(recorded), len(now)),
        )
        return pointer, _shown(recorded, start), _shown(now, start)
    return pointer, _shown(recorded), _shown(now)


def _shown(value: Any, around: int = 0) -> str:
    """Return ``value`` in at most about 60 characters; of a text the part from ``around``."""
    if isinstance(value, str):
        start = max(0, around - 20)
        part = value[start : start + _WINDOW]
        before = "..." if start else ""
        after = "..." if start + _WINDOW < len(value) else ""
        return before + json.dumps(part, ensure_ascii=False) + after
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WINDOW else text[: _WINDOW - 3] + "..."
