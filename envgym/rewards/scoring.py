"""Scores of recorded episodes of one task, the group parts of a program included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any, overload

from envgym.rewards.books import Books, noted
from envgym.rewards.comparators import named
from envgym.rewards.group.groupmap import Group, GroupMap, Member, Share
from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.rewards.settled import Note, Settled
from envgym.rewards.signal import Evidenced, InvalidSignal
from envgym.rewards.summands import Summand
from envgym.types.compare import Candidate, Comparator
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
    id: str = ""
    """The rollout's id."""
    late: Mapping[str, Any] = field(default_factory=dict)
    """Shares of the group nodes, as late evidence of the last record."""
    gates: Mapping[str, bool] = field(default_factory=dict)
    """Each gate that was asked, and whether it was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore(Sequence[Score]):
    """The scores of one group, in the order of its episodes."""

    scores: tuple[Score, ...]
    dropped: Mapping[str, str]
    """Rollouts that took no part, by id, and why; the group closed without them."""
    report: Mapping[str, Any]
    """What the group nodes tell a reader (comparisons, ranks), by their ``key``."""

    @property
    def partial(self) -> bool:
        """Whether some rollouts took no part."""
        return bool(self.dropped)

    def __len__(self) -> int:
        return len(self.scores)

    @overload
    def __getitem__(self, index: int) -> Score: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Score, ...]: ...
    def __getitem__(self, index: int | slice) -> Score | tuple[Score, ...]:
        return self.scores[index]

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)


def score(
    episodes: Sequence[Sequence[Evidenced] | Candidate],
    program: Program,
    *,
    comparators: Mapping[str, Comparator] | Comparator | None = None,
    seed: int = 0,
) -> GroupScore:
    """Return the score of each rollout of one task, without running anything.

    A rollout that was cut or is invalid takes no part in the comparison and has no total; the
    group closes with the others and says so in ``dropped``.

    Args:
        episodes: one sequence of records per rollout, reset's first, or Candidates, which carry
            an id and a transcript. Records alone get their position as id. An episode counts as
            ended if its last record says so.
        program: any program that needs no log-probabilities.
        comparators: judges by the name that the program's nodes use, or one for all of them.
        seed: drives the draws of tournaments and the like.

    Raises:
        ConfigError: for a trainer program, a comparator that is missing, or two equal ids.
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
    rollouts = _rollouts(episodes)
    alone = program.alone
    seats = [
        # Reset's record alone says nothing yet: an episode that failed there has no books.
        _Seat(each, alone.replay(each.records, _ended(each)) if len(each.records) > 1 else None)
        for each in rollouts
    ]
    report: dict[str, Any] = {}
    for node in program.group_nodes:
        _close(node, seats, named(comparators), seed, report)
    together = [s for s in program.summands if s.node.phase == "group"]
    for seat in seats:
        seat.settle(together)
    dropped = {s.candidate.id: s.reason or "cut" for s in seats if not s.counts}
    return GroupScore(scores=tuple(s.score() for s in seats), dropped=dropped, report=report)


class _Seat:
    """One rollout while its group closes."""

    def __init__(self, candidate: Candidate, books: Books | None) -> None:
        self.candidate = candidate
        self.records: list[Evidenced] = list(candidate.records)
        self.ledger = list(books.ledger) if books else []
        self.reason = books.reason if books else None
        self.counts = books is not None and books.ended and books.valid
        self.late: dict[str, Share] = {}
        self.gates: dict[str, bool] = dict(books.gates) if books else {}
        self.notes: dict[str, tuple[Note, ...]] = {}
        """By key of the group node: invalid signals below it that were replaced on purpose."""

    def drop(self, node: str) -> None:
        self.counts = False
        self.reason = f"reward:{node}"

    def member(self, node: GroupMap) -> Member | None:
        """Return what ``node`` compares of this rollout; None, and why, if there is nothing."""
        try:
            below = [child.explain(self.records) for child in node.children]
        except InvalidSignal as invalid:
            self.drop(invalid.node)
            return None
        for child, settled in zip(node.children, below, strict=True):
            if not isfinite(settled.value):
                self.drop(child.label)
                return None
        last = len(self.records) - 2
        replaced = (note._replace(event=last) for each in below for note in each.notes())
        self.notes[node.key] = tuple(dict.fromkeys(replaced))
        return Member(
            candidate=self.candidate,
            values=tuple(settled.value for settled in below),
            series=tuple(settled.attribution for settled in below),
        )

    def take(self, node: GroupMap, share: Share) -> None:
        self.late[node.key] = share
        self.records[-1] = {**self.records[-1], node.key: share}
        if share is None:
            self.drop(node.label)

    def settle(self, summands: Sequence[Summand]) -> None:
        """Book the group summands; every float was paid before the group closed."""
        found: list[tuple[Summand, Settled]] = []
        for summand in summands if self.counts else ():
            try:
                below = summand.node.explain(self.records)
            except InvalidSignal as invalid:
                return self.drop(invalid.node)
            if not isfinite(summand.factor * below.value):
                return self.drop(summand.node.label)
            found.append((summand, below))
        entries: list[Entry] = []
        for (component, factor, node), below in found:
            self.gates.update(below.gates)
            notes = self._replaced(node)
            for part in below.parts:
                name = component if component != node.label else part.component
                for event, amount in enumerate(part.amounts):
                    here = tuple(n for n in (*part.notes, *notes) if n.event == event)
                    if factor * amount != 0.0 or here:
                        value = factor * amount
                        entries.append(
                            Entry("agent", name, event, None, value, part.gate, noted(here))
                        )
                notes = ()
        try:
            fsum(entry.value for entry in (*self.ledger, *entries))
        except OverflowError:
            return self.drop(summands[-1].node.label)
        self.ledger += entries
        return None

    def _replaced(self, summand: Node) -> tuple[Note, ...]:
        """Return the notes of the group nodes in a summand; an entry carries each once."""
        nodes = [node for node in summand.walk() if isinstance(node, GroupMap)]
        return tuple(dict.fromkeys(n for node in nodes for n in self.notes.get(node.key, ())))

    def score(self) -> Score:
        amounts: list[list[float]] = [[] for _ in self.records[1:]]
        for entry in self.ledger:
            amounts[entry.earned].append(entry.value)
        return Score(
            total=fsum(entry.value for entry in self.ledger) if self.counts else None,
            settled=tuple(fsum(each) for each in amounts),
            ledger=tuple(self.ledger),
            reason=self.reason,
            id=self.candidate.id,
            late=self.late,
            gates=self.gates,
        )


def _rollouts(episodes: Sequence[Sequence[Evidenced] | Candidate]) -> list[Candidate]:
    width = len(str(max(len(episodes) - 1, 0)))
    found = [
        each if isinstance(each, Candidate) else Candidate(id=f"{i:0{width}d}", records=each)
        for i, each in enumerate(episodes)
    ]
    ids = [each.id for each in found]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ConfigError(f"two rollouts of a group have the id '{twice}'; ids must differ.")
    return found


def _ended(candidate: Candidate) -> bool:
    return len(candidate.records) > 1 and candidate.records[-1].get("end") is not None


def _close(
    node: GroupMap,
    seats: Sequence[_Seat],
    comparators: Mapping[str, Comparator],
    seed: int,
    report: dict[str, Any],
) -> None:
    """Compare the rollouts that count by ``node`` and hand out its shares."""
    # Sorted by id: the order in which rollouts are given changes nothing.
    compared: list[tuple[_Seat, Member]] = []
    for seat in sorted(seats, key=lambda seat: seat.candidate.id):
        if seat.counts and (member := seat.member(node)) is not None:
            compared.append((seat, member))
    group = Group(
        members=tuple(member for _, member in compared),
        comparators=comparators,
        seed=seed,
        report=report,
    )
    shares = node.compare(group)
    for (seat, _), share in zip(compared, shares, strict=True):
        seat.take(node, share)
