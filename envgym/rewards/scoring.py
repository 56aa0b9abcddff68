"""Scores of recorded episodes of one task, the group parts of a program included."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from envgym.rewards.fold.sum import Sum
from envgym.rewards.group.normalised import GroupNormalised
from envgym.rewards.map.scale import Scale
from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced, InvalidSignal
from envgym.rewards.source import Constant
from envgym.rewards.summands import Summand
from envgym.types.entry import Entry
from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one recorded episode is worth."""

    total: float | None
    """Its return; None if the episode was cut or a signal was invalid."""
    settled: tuple[float, ...]
    """Reward by the event that earned it; shape [T]."""
    ledger: tuple[Entry, ...]
    """Every entry; group entries were paid by no step's float, so their ``paid`` is None."""
    reason: str | None
    """"reward:<node>" if a signal was invalid, else None."""


def score(episodes: Sequence[Sequence[Evidenced]], program: Program) -> tuple[Score, ...]:
    """Return the score of each rollout of one task, without running anything.

    A rollout that was cut or is invalid takes no part in the comparison and has no total; the
    group closes with the others.

    Args:
        episodes: one sequence of records per rollout, reset's first. An episode counts as
            ended if its last record says so.
        program: any program that needs no log-probabilities.

    Raises:
        ConfigError: for a trainer program.
        EvidenceError: if a record lacks a key.

    >>> from envgym.rewards import GroupNormalised, Source
    >>> versus = Program("versus", GroupNormalised(Source("outcome", "episode"), "dr_grpo"))
    >>> start = {"end": None}
    >>> won, lost = ({"outcome": x, "end": "task"} for x in (1.0, 0.0))
    >>> [each.total for each in score([[start, won], [start, lost]], versus)]
    [0.5, -0.5]
    """
    if program.phase == "trainer":
        raise ConfigError(f'reward="{program.name}" needs log-probabilities; the trainer runs it.')
    alone = _alone(program)
    closed = [
        alone.replay(records, ended=len(records) > 1 and records[-1].get("end") is not None)
        for records in episodes
    ]
    ledgers = [list(books.ledger) for books in closed]
    reasons = [books.reason for books in closed]
    counts = [books.ended and books.valid for books in closed]
    for component, factor, node in program.summands:
        if isinstance(node, GroupNormalised):
            values = _values(node, episodes, counts, reasons)
            shares = node.compare(list(values.values()))
            for rollout, share in zip(values, shares, strict=True):
                last = len(episodes[rollout]) - 2
                if factor * share != 0.0:
                    entry = Entry("agent", component, last, None, factor * share)
                    ledgers[rollout].append(entry)
    return tuple(
        _scored(ledgers[i], len(episodes[i]) - 1, counts[i], reasons[i])
        for i in range(len(episodes))
    )


def _alone(program: Program) -> Program:
    """Return the summands that need one episode only."""
    kept: list[Summand] = [s for s in program.summands if s.node.phase != "group"]
    if len(kept) == len(program.summands):
        return program
    terms = [
        Scale(s.node, s.factor, name="" if s.component == s.node.label else s.component)
        for s in kept
    ]
    return Program(program.name, Sum((*terms, Constant(0.0))))


def _values(
    node: GroupNormalised,
    episodes: Sequence[Sequence[Evidenced]],
    counts: list[bool],
    reasons: list[str | None],
) -> dict[int, float]:
    """Return the compared value by rollout; mark the rollouts that have none."""
    values: dict[int, float] = {}
    for rollout, records in enumerate(episodes):
        if not counts[rollout]:
            continue
        try:
            values[rollout] = node.of.explain(records).value
        except InvalidSignal as invalid:
            counts[rollout] = False
            reasons[rollout] = f"reward:{invalid.node}"
    return values


def _scored(ledger: list[Entry], length: int, counts: bool, reason: str | None) -> Score:
    amounts: list[list[float]] = [[] for _ in range(length)]
    for entry in ledger:
        amounts[entry.earned].append(entry.value)
    return Score(
        total=fsum(entry.value for entry in ledger) if counts else None,
        settled=tuple(fsum(each) for each in amounts),
        ledger=tuple(ledger),
        reason=reason,
    )
