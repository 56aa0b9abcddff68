"""What a report shows, gathered from recorded episodes and their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from envgym.rewards import GroupScore, Program
from envgym.runtime.episodes import Episodes
from envgym.runtime.episodes.scoring import Rescored, rescored
from envgym.types import Comparator, EnvgymError


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One episode."""

    name: str
    env: str
    task: str
    success: bool | None
    turns: int
    end: str
    score: Rescored
    parts: Mapping[str, float]
    """Component to its sum over the episode."""
    gates: Mapping[str, bool]
    """Gate to whether it was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the page and its charts need."""

    title: str
    rows: tuple[Row, ...]
    components: tuple[str, ...]
    """By size of what they moved, largest first."""
    turns: Mapping[str, tuple[float, ...]]
    """Component to its mean over the valid episodes, per turn."""
    gates: Mapping[str, tuple[int, int]]
    """Gate to (times open, times asked)."""
    groups: Mapping[str, GroupScore] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> tuple[Row, ...]:
        """Episodes that have a return."""
        return tuple(row for row in self.rows if row.score.total is not None)


def gather(
    episodes: Episodes,
    reward: Any,
    *,
    title: str,
    comparators: Mapping[str, Comparator] | Comparator | None = None,
    seed: int = 0,
) -> Summary:
    """Return the summary of recorded episodes under a reward program.

    Args:
        episodes: what was read.
        reward: a program, its file, or a preset's name; None takes each episode's own.
        title: heading of the page.
        comparators: judges, for a program that compares rollouts by one.
        seed: drives the draws of tournaments.
    """
    groups: dict[str, GroupScore] = {}
    if reward is None:
        found = _own(episodes)
    else:
        found = list(rescored(episodes, reward, comparators=comparators, seed=seed, groups=groups))
    rows = []
    for episode, one in zip(episodes, found, strict=True):
        parts: dict[str, float] = {}
        gates: dict[str, bool] = {}
        for entry in one.ledger:
            parts[entry.component] = parts.get(entry.component, 0.0) + entry.value
        gates.update(one.gates)
        rows.append(
            Row(
                name=episode.name,
                env=episode.head.env,
                task=str(episode.head.task.get("id", "")),
                success=episode.success,
                turns=episode.events,
                end=episode.cause,
                score=one,
                parts=parts,
                gates=gates,
            )
        )
    valid = [row for row in rows if row.score.total is not None]
    moved: dict[str, float] = {}
    for row in valid:
        for entry in row.score.ledger:
            moved[entry.component] = moved.get(entry.component, 0.0) + abs(entry.value)
    components = tuple(sorted(moved, key=lambda name: (-moved[name], name)))
    return Summary(
        title=title,
        rows=tuple(rows),
        components=components,
        turns={name: _per_turn(name, valid) for name in components},
        gates=_gates(rows),
        groups=groups,
        problems=tuple(episodes.problems),
    )


def _own(episodes: Episodes) -> list[Rescored]:
    """Return each episode's score under the program that paid it when it was recorded."""
    found = []
    for episode in episodes:
        gates: Mapping[str, bool] = {}
        if episode.finished and not episode.first and episode.head.program:
            try:
                program = Program.from_spec(episode.head.program)
                gates = program.replay(episode.evidence).gates
            except EnvgymError:  # of another version of envgym: the ledger is still there
                gates = {}
        found.append(
            Rescored(
                episode=episode.name,
                total=episode.total,
                step_rewards=episode.settled(),
                valid=episode.cause != "invalid",
                reason=episode.end.reason if episode.end else None,
                ledger=episode.ledger,
                gates=gates,
            )
        )
    return found


def _per_turn(component: str, rows: Sequence[Row]) -> tuple[float, ...]:
    longest = max((row.turns for row in rows), default=0)
    sums: list[list[float]] = [[] for _ in range(longest)]
    for row in rows:
        for entry in row.score.ledger:
            if entry.component == component and 0 <= entry.earned < longest:
                sums[entry.earned].append(entry.value)
    return tuple(fsum(values) / len(rows) for values in sums)


def _gates(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        for name, is_open in row.gates.items():
            opened, asked = found.get(name, (0, 0))
            found[name] = (opened + is_open, asked + 1)
    return found
