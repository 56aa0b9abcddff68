"""Scoring recorded episodes under another program, from their evidence."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

from envgym.rewards import GroupScore, Program, Score, resolve, score
from envgym.rewards.comparators import named
from envgym.runtime import registry
from envgym.runtime.episodes.decode import big
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.reader import Episodes, read_episodes
from envgym.runtime.episodes.rerun_row import played_again
from envgym.runtime.episodes.schema import Head
from envgym.runtime.episodes.stage import Stage
from envgym.runtime.games.registry import make_text
from envgym.runtime.groups import (
    episode_candidate,
    group_of,
    group_seed,
    member_ids,
)
from envgym.runtime.transcript import KEYS
from envgym.types import Candidate, Comparator
from envgym.types.entry import Entry
from envgym.types.errors import ConfigError, EpisodeFileError, EvidenceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """One episode's score under the new program."""

    episode: str
    total: float | None
    """The return; None where there is none: cut from outside, unfinished or invalid."""
    step_rewards: tuple[float, ...]
    """Settled reward per turn. Of an episode without an end only the online parts."""
    valid: bool
    """False if our side failed, the program could not score it, or its file is damaged."""
    reason: str | None = None
    """Why it is invalid."""
    ledger: tuple[Entry, ...] = ()
    gates: Mapping[str, bool] = field(default_factory=dict)
    """Each gate that was asked at the end, and whether it was open."""
    member: str = ""
    """Its id in the group it was compared with; empty if it was scored alone."""

    def to_json(self) -> dict[str, Any]:
        """Return {"episode", "return", "step_rewards", "valid"}."""
        return {
            "episode": self.episode,
            "return": self.total,
            "step_rewards": list(self.step_rewards),
            "valid": self.valid,
        }


def rescore(
    path: str | PathLike[str],
    program: Any,
    *,
    comparators: Mapping[str, Comparator] | Comparator | None = None,
    seed: int = 0,
) -> list[Rescored]:
    """Return every episode of a file or folder scored under ``program``.

    Reads only evidence and ends; rows of a numeric vector whose blocks hold no evidence are run
    again, one by one, where that is possible (streams="rows"). Scores equal those of a run under the same program. A program
    that compares rollouts compares those of one recorded group, or of one task where none was
    recorded.

    Args:
        path: an episode file or folder.
        program: a Program, its JSON, a file holding it, or the name of a preset, which each
            episode's own environment resolves.
        comparators: judges by the name that the program uses, or one for all of them.
        seed: drives the draws of tournaments.

    Raises:
        EpisodeFileError: nothing can be read there.
        EvidenceError: an episode lacks evidence that the program needs; names the keys. Or a
            group holds answers of several judges.
        ConfigError: no such preset, or the environment that should know it is not installed.
    """
    return list(rescored(read_episodes(path), program, comparators=comparators, seed=seed))


def rescored(
    episodes: Episodes,
    program: Any,
    *,
    comparators: Mapping[str, Comparator] | Comparator | None = None,
    seed: int = 0,
    groups: dict[str, GroupScore] | None = None,
) -> Iterator[Rescored]:
    """Yield the scores of episodes that were opened already, in their order.

    ``groups`` receives the score of each group by name, for a reader.
    """
    judge = _Judge(program)
    known = named(comparators)
    waiting: dict[int, Rescored | _Ready] = {}
    with Stage() as stage:
        for number, read in enumerate(episodes):
            episode = read
            try:
                if episode.packed is not None and episode.gap is None:
                    episode = played_again(stage, episode)
                ready = judge.ready(episode, episodes.history(episode))
            except EpisodeFileError as error:  # its beginning or its evidence is not in these files
                ready = _unscored(episode, str(error))
            if isinstance(ready, _Ready) and ready.program.phase == "group":
                waiting[number] = ready
            elif waiting:
                waiting[number] = ready.alone() if isinstance(ready, _Ready) else ready
            else:
                yield ready.alone() if isinstance(ready, _Ready) else ready
    together: dict[str, list[_Ready]] = {}
    for item in waiting.values():
        if isinstance(item, _Ready):
            together.setdefault(group_of(item.episode), []).append(item)
    scores: dict[str, Rescored] = {}
    for name, members in together.items():
        _check_one_judge(name, members)
        found = score(
            _candidates(name, members),
            members[0].program,
            comparators=known,
            seed=group_seed(seed, name),
        )
        if groups is not None:
            groups[name] = found
        scores.update((m.episode.name, m.of(each)) for m, each in zip(members, found, strict=True))
    for item in waiting.values():
        yield scores[item.episode.name] if isinstance(item, _Ready) else item


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """One episode with everything its score depends on."""

    episode: Episode
    program: Program
    records: tuple[Mapping[str, Any], ...]
    closed: bool
    turns: int
    """Turns of the whole episode, those of its parents included."""
    left: int | None
    """The event that removed the agent, the last one where it stayed; None: cut off before."""

    def alone(self) -> Rescored:
        """Return the score under a program that looks at one episode."""
        try:
            books = self.program.replay(self.records, ended=self.closed, agent=self.episode.agent)
        except EvidenceError as error:
            name = f"{self.episode.path.name}: episode {self.episode.name}"
            raise EvidenceError(f"{name}: {error}") from None
        books.left = self.left
        reason = _why_invalid(self.episode)
        if reason is None and not books.valid:
            reason = books.reason
        return self._rescored(books.total, books.settled, books.ledger, books.gates, reason)

    def counted(self) -> tuple[Mapping[str, Any], ...]:
        """Return the records as a comparison takes them: no end where the episode is invalid."""
        if self.closed and _why_invalid(self.episode) is not None:
            return (*self.records[:-1], {**self.records[-1], "end": None})
        return self.records

    def of(self, found: Score) -> Rescored:
        """Return the score that the episode has in its group."""
        reason = _why_invalid(self.episode) or found.reason
        one = self._rescored(found.total, found.settled, found.ledger, found.gates, reason)
        return replace(one, member=found.id)

    def _rescored(
        self,
        total: float | None,
        settled: tuple[float, ...],
        ledger: tuple[Entry, ...],
        gates: Mapping[str, bool],
        reason: str | None,
    ) -> Rescored:
        settled = settled[self.turns - len(self.episode.turns) :]
        settled += (0.0,) * (len(self.episode.turns) - len(settled))
        return Rescored(
            episode=self.episode.name,
            total=total if reason is None else None,
            step_rewards=settled,
            valid=reason is None,
            reason=reason,
            ledger=ledger,
            gates=gates,
        )


def _candidates(name: str, members: Sequence[_Ready]) -> list[Candidate]:
    heads = [m.episode.head for m in members]
    ids = member_ids(
        name,
        [None if head.group is None else int(head.group["index"]) for head in heads],
        [m.episode.name for m in members],
    )
    return [
        episode_candidate(m.episode, m.counted(), id) for m, id in zip(members, ids, strict=True)
    ]


class _Judge:
    """Resolves the program once per environment id."""

    def __init__(self, program: Any) -> None:
        self._given = program
        self._programs: dict[str, Program] = {}
        self._integers: dict[str, frozenset[str]] = {}

    def ready(self, episode: Episode, whole: Episode) -> "_Ready | Rescored":
        """Return what the score depends on; ``whole`` holds the parents' turns too."""
        program = self._program(episode)
        if not whole.records:
            return _unscored(episode, episode.gap or "the reset line is missing")
        records = whole.records if KEYS.isdisjoint(program.needs) else whole.evidence
        # The record of an event in which our side failed holds counters only.
        records = records[:-1] if whole.broken else records
        records = tuple(map(self._whole_numbers(episode.head.env), records))
        # A writer that was killed between the last event and the end line lost nothing we need.
        closed = len(records) > 1 and records[-1].get("end") is not None
        if closed:  # otherwise the episode-scope evidence was never measured
            _check(program, episode, records[-1])
        return _Ready(
            episode=episode,
            program=program,
            records=records,
            closed=closed,
            turns=len(whole.turns),
            left=next((i for i, t in enumerate(whole.turns) if t.ended is not None), None),
        )

    def _program(self, episode: Episode) -> Program:
        head = episode.head
        # A game's presets depend on its parameters too.
        key = json.dumps([head.env, head.config], sort_keys=True) if episode.several else head.env
        if key not in self._programs:
            presets: Mapping[str, Program] = {}
            # A program in a file or in memory needs no environment.
            if isinstance(self._given, str) and not self._given.endswith(".json"):
                try:
                    presets = _presets(head) if episode.several else _text_presets(head.env)
                except ConfigError as error:
                    raise ConfigError(
                        f"preset '{self._given}' cannot be looked up: {error} Give a program in a "
                        ".json file instead."
                    ) from None
            self._programs[key] = resolve(self._given, presets, head.env)
        return self._programs[key]

    def _whole_numbers(self, env_id: str) -> Any:
        """Return a function that turns quoted big integers of declared int keys back."""
        if env_id not in self._integers:
            try:
                declared = registry.env_class(env_id).declares
            except ConfigError:
                declared = ()
            self._integers[env_id] = frozenset(e.key for e in declared if e.type == "int")
        keys = self._integers[env_id]

        def restored(record: Mapping[str, Any]) -> Mapping[str, Any]:
            if any(isinstance(record.get(key), str) for key in keys):
                return {k: big(v) if k in keys else v for k, v in record.items()}
            return record

        return restored


def _text_presets(env_id: str) -> Mapping[str, Program]:
    found: Mapping[str, Program] = registry.text_class(env_id).presets()
    return found


def _presets(head: Head) -> Mapping[str, Program]:
    """Return the presets of a recorded environment of several agents."""
    config = {k: v for k, v in head.config.items() if k not in ("reward", "render_mode")}
    env = make_text(head.env, **config)
    try:
        found: Mapping[str, Program] = env.presets()
    finally:
        env.close()
    return found


def _unscored(episode: Episode, why: str) -> Rescored:
    return Rescored(
        episode=episode.name,
        total=None,
        step_rewards=(0.0,) * episode.events,
        valid=False,
        reason=f"file: {why}",
    )


def _check(program: Program, episode: Episode, held: Mapping[str, Any]) -> None:
    """Raise EvidenceError naming the needed keys that the last record of an episode lacks."""
    if missing := sorted(key for key in program.needs if key not in held):
        names = ", ".join(f"'{key}'" for key in missing)
        remedy = 'Record it with record_evidence="all".'
        if missing[0].startswith("judge."):
            remedy = "Ask a judge for it with `envgym rewards grade`."
        raise EvidenceError(
            f"{episode.path.name}: episode {episode.name} lacks evidence {names}, which program "
            f"'{program.name}' needs; it holds {', '.join(sorted(held))}. {remedy}"
        )


def _check_one_judge(name: str, members: Sequence[_Ready]) -> None:
    """Raise EvidenceError if answers that are compared came from different judges or prompts.

    One judge's 7 may be another's 4: the group would be told apart by who graded whom.
    """
    for key in sorted(k for k in members[0].program.needs if k.startswith("judge.")):
        sources = {
            [late.source for late in m.episode.late if key in late.ev][-1]
            for m in members
            if m.records[-1].get(key) is not None and any(key in d.ev for d in m.episode.late)
        }
        if len(sources) > 1:
            raise EvidenceError(
                f"group '{name}' holds '{key}' of {' and '.join(sorted(sources))}; a group is "
                "compared under one judge and prompt. Ask one of them about all with "
                "`envgym rewards grade --redo all`."
            )


def _refused_by_program(episode: Episode) -> bool:
    return episode.cause == "invalid" and str(episode.end and episode.end.reason).startswith(
        "reward:"
    )


def _why_invalid(episode: Episode) -> str | None:
    if episode.gap is not None:
        return f"file: {episode.gap}"
    if episode.cause == "invalid" and not _refused_by_program(episode):
        return (episode.end and episode.end.reason) or "invalid"
    return None
