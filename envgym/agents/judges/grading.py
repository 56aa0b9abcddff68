"""Grading recorded episodes: a judge's answers become late evidence in their files."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from envgym.agents.judges.template import Question, Template, load_template
from envgym.agents.judges.transcript import instruction_of, transcript_of
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.runtime.episodes.encode import encode
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.reader import Episodes, read_episodes
from envgym.types import ConfigError, EpisodeFileError, InfraError
from envgym.types.errors import unknown

_REDO = ("none", "invalid", "all")

Extra = str | Sequence[str] | Callable[[Episode], str | Sequence[str] | None]
"""One text or list for all episodes, or a function of the episode; None leaves the field out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What one grading did."""

    key: str
    """Evidence key of the answers."""
    answered: int
    """Episodes that got an answer."""
    invalid: Mapping[str, int]
    """Why the judge gave none, and how often; their evidence is None, never a number."""
    skipped: Mapping[str, int]
    """Why episodes were not asked about, and how many."""
    problems: tuple[str, ...] = ()
    """What of the files could not be read."""


@dataclass(slots=True)
class _Work:
    episode: Episode
    question: Question


@dataclass(slots=True)
class _Count:
    answered: int = 0
    invalid: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def grade(
    path: str | PathLike[str],
    judge: Judge,
    *,
    name: str = "quality",
    template: Template | None = None,
    criteria: Mapping[str, str] | Sequence[str] = (),
    extra: Mapping[str, Extra] | None = None,
    redo: Literal["none", "invalid", "all"] = "invalid",
    limit: int | None = None,
    batch: int = 32,
) -> Graded:
    """Ask a judge about every finished episode and append its answers to the files they are in.

    The last event of an episode gets the evidence ``judge.NAME`` (source: judge and prompt), so
    ``rescore`` pays it without the judge: ``Source("judge.quality", "episode", 0, 10)``, or for a
    rubric ``Rubric("judge.NAME", weights)``, which reads (criterion, verdict) pairs. Beside it
    stand ``judge.NAME.spread``, the judge's standard deviation, and ``judge.NAME.reason``, empty
    for an answer. No answer is None there, so that the episode is invalid under such a program,
    never worth 0. Running it again asks only about what has no answer yet.

    Args:
        path: An episode folder or file.
        judge: Any judge.
        name: Last word of the key: lower-case letters, digits and underscores.
        template: The prompt, about one transcript; default: pointwise, or rubric with criteria.
        criteria: For a rubric: name to wording, or wordings that are their own names.
        extra: Further fields of the prompt, such as ``{"reference": text}``.
        redo: Which episodes that hold this evidence are asked about again: "none", "invalid"
            (those without an answer) or "all". The newest line counts.
        limit: Most characters of a transcript.
        batch: Questions handed to the judge at a time; answers are written after each batch.

    Raises:
        ConfigError: An argument is wrong, or the prompt compares two attempts.
        EpisodeFileError: Nothing can be read there.
        InfraError: The disk refused.
    """
    if redo not in _REDO:
        raise ConfigError(unknown("redo", redo, _REDO))
    if not (name.isidentifier() and name.isascii() and name == name.lower()):
        raise ConfigError(f"name must be lower-case letters, digits and _, got '{name}'")
    if batch < 1:
        raise ConfigError(f"batch must be at least 1, got {batch}")
    template = template or load_template("rubric" if criteria else "pointwise")
    if len(template.subject) != 1:
        raise ConfigError(
            f"prompt '{template.id}' compares two attempts; grade needs one about a single "
            "transcript, a comparison needs JudgeComparator"
        )
    names, wordings = _criteria(criteria)
    if template.kind != "rubric":
        names = ()  # points that one answer weighs together
    fields = dict(extra or {})
    if wordings:
        fields["criteria"] = wordings
    key, source = f"judge.{name}", f"{judge.name}/{template.tag}"
    episodes = read_episodes(path)
    count = _Count()
    waiting: list[_Work] = []

    def ask() -> None:
        verdicts = judge.judge([work.question for work in waiting])
        for work, verdict in zip(waiting, verdicts, strict=True):
            append_late(work.episode, _evidence(key, verdict, names), source)
            if verdict.values is None:
                count.invalid[str(verdict.reason)] += 1
            else:
                count.answered += 1
        waiting.clear()

    known = reachable(episodes)
    for episode in episodes:
        reason = why_skipped(episode, key, redo, source)
        if reason is None and episode.name not in known:
            reason = "a later episode of the file has the same name"
        whole = episode
        if reason is None:
            try:
                whole = episodes.history(episode)
            except EpisodeFileError:
                reason = "the episode it was forked from is not here"
        if reason is not None:
            count.skipped[reason] += 1
            continue
        question = template.ask(
            instruction=instruction_of(whole),
            transcript=transcript_of(whole, limit=limit),
            **{
                field: value(whole) if callable(value) else value for field, value in fields.items()
            },
        )
        waiting.append(_Work(episode, question))
        if len(waiting) == batch:
            ask()
    if waiting:
        ask()
    return Graded(
        key=key,
        answered=count.answered,
        invalid=dict(count.invalid),
        skipped=dict(count.skipped),
        problems=tuple(episodes.problems),
    )


def _criteria(
    criteria: Mapping[str, str] | Sequence[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names and wordings."""
    if isinstance(criteria, str):
        raise ConfigError("criteria must be a list or a mapping of texts, got one text")
    if isinstance(criteria, Mapping):
        return tuple(criteria), tuple(criteria.values())
    if len(set(criteria)) < len(criteria):
        raise ConfigError("criteria must differ: the same one twice would count twice")
    return tuple(criteria), tuple(criteria)


def reachable(episodes: Episodes) -> set[str]:
    """Return the episodes that a line appended to their file belongs to."""
    last: dict[tuple[Path, str, str], str] = {}
    for episode in episodes:
        last[episode.path, episode.head.ep, episode.agent] = episode.name
    return set(last.values())


def why_skipped(episode: Episode, key: str, redo: str, source: str) -> str | None:
    """Return why an episode is not asked about, None if it is; ``redo`` as for ``grade``."""
    if not episode.finished or not episode.turns:
        return "it did not finish, or is invalid"
    known = [item for item in episode.late if key in item.ev]
    if known and redo != "all":
        if known[-1].ev[key] is not None:
            other = known[-1].source
            return "it has an answer" if other == source else f"it has an answer of {other}"
        if redo == "none":
            return "it was asked about"
    return None


def _evidence(key: str, verdict: Verdict, names: Sequence[str]) -> dict[str, Any]:
    value: Any = None
    if verdict.values is not None and names:
        value = [list(pair) for pair in zip(names, verdict.values, strict=True)]
    elif verdict.values is not None:
        value = verdict.value
    return {key: value, f"{key}.spread": verdict.spread, f"{key}.reason": verdict.reason or ""}


def append_late(episode: Episode, ev: Mapping[str, Any], source: str) -> None:
    """Add late evidence of the episode's agent to its last event, in the file that holds it.

    An ``EpisodeWriter`` writes to a file of its process, where a worker's episodes are unknown.
    """
    line = {
        "kind": "late",
        "ep": episode.head.ep,
        "e": episode.turns[-1].e,
        "agent": episode.agent,
        "ev": dict(ev),
        "source": source,
    }
    data = encode(line)
    try:
        with episode.path.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                data = b"\n" + data  # a killed writer left its last line open
        with episode.path.open("ab", buffering=0) as file:
            done = os.write(file.fileno(), data)
            while done < len(data):
                done += os.write(file.fileno(), data[done:])
    except OSError as error:
        raise InfraError("disk", f"cannot write to {episode.path}: {error.strerror}") from error
