"""Recorded episodes as judges read them."""

from typing import Any

from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.transcripts import transcript_text
from envgym.types import ConfigError


def transcript_of(episode: Episode, *, limit: int | None = None) -> str:
    """Return what was shown and said, turn by turn, each mistake's message included.

    Args:
        episode: A recorded episode, its parents' turns included where it was forked.
        limit: Most characters; what is longer loses its middle, and says so. None: all of it.

    Raises:
        ConfigError: ``limit`` is too small to show anything.
    """
    turns = []
    for turn in episode.turns:
        seen: Any = turn.obs
        if turn.err is not None and str(turn.err) not in str(turn.obs):
            seen = f"refused: {turn.err}\n{turn.obs}"
        turns.append((turn.action, seen))
    return _cut(transcript_text(episode.obs, turns), limit)


def instruction_of(episode: Episode) -> str:
    """Return what the agent was asked: the task's own words, else what it was first shown."""
    words = str(episode.head.task.get("instruction") or "")
    return words or (episode.obs if isinstance(episode.obs, str) else "")


def _cut(text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    note = f"\n\n[{len(text) - limit} or more characters left out here]\n\n"
    if limit < 2 * len(note):
        raise ConfigError(f"limit must be at least {2 * len(note)} characters, got {limit}")
    room = limit - len(note)
    return text[: room - room // 2] + note + text[len(text) - room // 2 :]
