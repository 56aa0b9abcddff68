"""Recorded episodes as judges read them."""

import json
from collections.abc import Mapping
from typing import Any

from envgym.runtime.episodes.episode import Episode
from envgym.types import Candidate, ConfigError


def transcript_of(episode: Episode, *, limit: int | None = None) -> str:
    """Return what the agent said and saw, turn by turn; the task itself is not in it.

    Every line of a turn is indented below its heading, so that no message can pass for the next
    turn.

    Args:
        episode: A recorded episode, its parents' turns included where it was forked.
        limit: Most characters; what is longer loses its middle, and says so. None: all of it.

    Raises:
        ConfigError: ``limit`` is too small to show anything.
    """
    parts = []
    for turn in episode.turns:
        parts.append(f"Turn {turn.e + 1}, the agent:\n{_indented(turn.action)}")
        if turn.err is not None:
            parts.append(f"Turn {turn.e + 1}, refused:\n{_indented(turn.err)}")
        parts.append(f"Turn {turn.e + 1}, what it then saw:\n{_indented(turn.obs)}")
    return _cut("\n\n".join(parts), limit)


def instruction_of(episode: Episode) -> str:
    """Return what the agent was asked: the reset's observation, or the task's own words."""
    if isinstance(episode.obs, str) and episode.obs:
        return episode.obs
    return str(episode.head.task.get("instruction") or "")


def candidate_of(episode: Episode, *, limit: int | None = None) -> Candidate:
    """Return the episode as a member of a group: name, evidence, instruction and transcript."""
    return Candidate(
        id=episode.name,
        records=episode.records,
        instruction=instruction_of(episode),
        text=transcript_of(episode, limit=limit),
    )


def _indented(value: Any) -> str:
    if value is None:
        return "    (nothing)"
    if isinstance(value, Mapping) or not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return "\n".join(f"    {line}" for line in value.splitlines()) or "    (nothing)"


def _cut(text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    note = f"\n\n[{len(text) - limit} or more characters left out here]\n\n"
    if limit < 2 * len(note):
        raise ConfigError(f"limit must be at least {2 * len(note)} characters, got {limit}")
    room = limit - len(note)
    return text[: room - room // 2] + note + text[len(text) - room // 2 :]
