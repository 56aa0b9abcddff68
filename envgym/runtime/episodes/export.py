"""Recorded episodes as chat-format JSON Lines, the input of fine-tuning tools."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from envgym.runtime import registry
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.reader import Episodes, read_episodes
from envgym.types.errors import ConfigError, EpisodeFileError, InfraError


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did."""

    written: int
    """Episodes in the new file."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason to number of episodes."""
    problems: tuple[str, ...] = ()
    """What of the episode file could not be read, or of an episode not be told."""


def export_chats(
    path: str | PathLike[str],
    out: str | PathLike[str],
    *,
    success: bool = False,
    min_return: float | None = None,
    mistakes: bool = True,
) -> Exported:
    """Write each finished, valid episode as one line of ``out``.

    A line is {"messages": [{"role", "content"}], "tools": [schema], "metadata": {...}}: what a
    policy was told and said in a rollout, ending with its last message.

    Args:
        path: an episode file or folder.
        out: the new file; never overwritten.
        success: only episodes whose success is true.
        min_return: only episodes with at least this return, in the recorded program's unit.
        mistakes: False leaves out episodes in which the agent made a mistake.

    Raises:
        EpisodeFileError: nothing can be read there, or ``out`` exists.
        InfraError: the disk refused.
    """
    episodes = read_episodes(path)
    left_out: Counter[str] = Counter()
    notes: dict[str, None] = {}
    written = 0
    try:
        with Path(out).open("x", encoding="utf-8", newline="\n") as file:
            for episode in episodes:
                reason = _unwanted(episode, success, min_return, mistakes)
                if reason is None:
                    try:
                        line = chat(episodes, episode, notes)
                    except EpisodeFileError as error:
                        notes[str(error)] = None
                        reason = "not text"
                if reason is not None:
                    left_out[reason] += 1
                    continue
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                written += 1
    except FileExistsError:
        raise EpisodeFileError(f"{out} exists already; exports never overwrite.") from None
    except OSError as error:
        raise InfraError("disk", f"cannot write {out}: {error.strerror}") from error
    if not written:
        Path(out).unlink()  # an empty file would only stand in the next export's way
    return Exported(written, dict(left_out), (*episodes.problems, *notes))


def chat(
    episodes: Episodes, episode: Episode, notes: dict[str, None] | None = None
) -> dict[str, Any]:
    """Return one episode as {"messages", "tools", "metadata"}.

    Raises:
        EpisodeFileError: a message or an observation is no text, or a parent is missing.
    """
    whole = episodes.history(episode)
    head = episode.head
    messages = []
    system = _system(whole)
    if system is not None:
        messages.append({"role": "system", "content": system})
    elif notes is not None:
        notes[f"{head.env} is not installed as recorded: its system message was left out"] = None
    for role, content in _spoken(whole):
        if not isinstance(content, str):
            raise EpisodeFileError(f"{episode.name}: a {role} message is no text.")
        messages.append({"role": role, "content": content})
    return {
        "messages": messages,
        "tools": list(head.tools.values()),
        "metadata": {
            "episode": episode.name,
            "env": head.env,
            "version": head.version,
            "task": head.task.get("id"),
            "seed": str(head.seed),
            "return": episode.total,
            "success": episode.success,
            "turns": len(whole.turns),
            "step_rewards": list(episode.settled()),
        },
    }


def _unwanted(
    episode: Episode, success: bool, min_return: float | None, mistakes: bool
) -> str | None:
    """Return why an episode is left out, None if it is wanted."""
    if not episode.finished:
        return "invalid" if episode.cause == "invalid" else "unfinished"
    if success and episode.success is not True:
        return "no success"
    if min_return is not None and (episode.total is None or episode.total < min_return):
        return f"return below {min_return:g}"
    if episode.blocks:
        return "not text"
    if not mistakes and any(turn.err is not None for turn in episode.turns):
        return "mistakes"
    return None


def _spoken(episode: Episode) -> Iterator[tuple[str, Any]]:
    """Yield (role, content) as in a rollout: the last observation is never shown to anyone."""
    observation = episode.obs
    for turn in episode.turns:
        yield "user", observation
        yield "assistant", turn.action
        observation = turn.obs


def _system(episode: Episode) -> str | None:
    """Return the tools' help as the environment words it, None if its tools have changed."""
    from envgym.runtime.tools import collect, help_text

    try:
        family = registry.env_class(episode.head.env)
    except ConfigError:
        return None
    tools = collect(family)
    if [spec.schema for spec in tools.values()] != list(episode.head.tools.values()):
        return None
    return help_text(tools, command_tool=family.metadata.get("command_tool"))
