"""One recorded episode as one of its agents lived it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.episodes import arrays
from envgym.runtime.episodes.schema import AGENT, End, Head, Late, Obs
from envgym.runtime.transcript import transcript
from envgym.types.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One event of the agent."""

    e: int
    """Number of the event."""
    action: Any
    """The whole message, or a number or list where the action is numeric; None in an event of
    another agent's."""
    calls: tuple[Mapping[str, Any], ...]
    """Calls read from the message: {"name", "args"}."""
    err: str | None
    """The agent's mistake."""
    obs: Obs
    """What it saw next; None in an episode of several agents if it was not asked next."""
    pay: float
    """The float of this step."""
    ended: str | None
    """"terminated", "truncated" or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Consecutive events of an episode that stand in a block."""

    e0: int
    """Number of the first event."""
    n: int
    """Events."""
    ref: str
    """Digest of the block's arrays."""
    t0: int
    """Where the first event stands along their first axis; the second one is the row."""
    hash: str
    """The block's, over all its episodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A recorded episode; what a killed writer never wrote is absent, not invented.

    An episode of several agents is read once for each of them: every event is one of its turns,
    with the agent's own evidence and pay.
    """

    name: str
    """Unique among what was read: ``head.ep``, with "#2" and so on where files repeat a name, and
    "@AGENT" where there are several agents."""
    path: Path
    """The file it came from."""
    head: Head
    obs: Obs
    """The observation of ``reset``; None if the file ends before it."""
    records: tuple[Mapping[str, Any], ...]
    """Evidence of reset and of each turn, late evidence merged: len(turns) + 1, or none."""
    turns: tuple[Turn, ...]
    late: tuple[Late, ...]
    cuts: Mapping[int, str]
    """Event to the wall-clock budget that ran out there."""
    end: End | None
    """None: the file holds no end line; the writer was killed or is still at work."""
    gap: str | None = None
    """Why turns are missing that the file should hold; None if none are."""
    agent: str = AGENT
    """Whose view it is."""
    actors: tuple[str, ...] = ()
    """Who acted in each event; () with a single agent."""
    over: bool = False
    """Whether the last event ended it for every agent that still took part."""
    blocks: tuple[Part, ...] = ()
    """Where the events of a row of a numeric vector are kept; () for all other episodes."""

    @property
    def events(self) -> int:
        """Number of events; the turns are fewer where blocks hold no more than actions."""
        return max(len(self.turns), sum(part.n for part in self.blocks))

    @property
    def packed(self) -> str | None:
        """Why the turns are not here although the events are; None: they are here."""
        if len(self.turns) == self.events:
            return None
        return (
            "recorded as blocks of actions: `envgym replay --verify` runs them again, and so does"
            " rescoring where each row has random streams of its own (streams='rows')"
        )

    def actions(self) -> NDArray[Any]:
        """Return what was done in the events that blocks hold, [events, ...].

        Raises:
            EpisodeFileError: the arrays are missing or damaged.
        """
        found = [
            arrays.column(self.path.parent, part.ref, "actions", part.t0, part.n, self.row)
            for part in self.blocks
        ]
        return np.concatenate(found) if found else np.zeros(0)

    @property
    def row(self) -> int:
        """Its row in a numeric vector; 0 where it was played alone."""
        return 0 if self.head.batch is None else int(self.head.batch["row"])

    @property
    def broken(self) -> bool:
        """Whether our side failed in the last event, which so holds counters only."""
        end = self.end
        refused = end is not None and (end.reason or "").startswith("reward:")
        return self.over and end is not None and end.cause == "invalid" and not refused

    @property
    def first(self) -> int:
        """Number of the first event: 0, or where the parent was forked."""
        return int(self.head.parent["e"]) if self.head.parent is not None else 0

    @property
    def cause(self) -> str:
        """Return how it ended; an episode without an end line counts as cut from outside."""
        return "external" if self.end is None else self.end.cause

    @property
    def finished(self) -> bool:
        """Return True if the books were closed: task or budget, and nothing is missing."""
        return self.cause in ("task", "budget") and self.gap is None

    @property
    def success(self) -> bool | None:
        """The environment's verdict; None where there is none."""
        return None if self.end is None else self.end.success.get(self.agent)

    @property
    def total(self) -> float | None:
        """The recorded return; None for an episode that was cut, is invalid or unfinished."""
        return None if self.end is None else self.end.returns.get(self.agent)

    @property
    def ledger(self) -> tuple[Entry, ...]:
        """The recorded ledger; empty without an end line."""
        entries = () if self.end is None else tuple(Entry(*entry) for entry in self.end.ledger)
        return tuple(entry for entry in entries if entry.agent == self.agent)

    @property
    def evidence(self) -> tuple[Mapping[str, Any], ...]:
        """``records`` with the transcript's own keys, as reward programs read them."""
        if not self.records:
            return ()
        # Of several agents each one's own messages are its transcript.
        said = [transcript("", "" if self.several else self.obs, ())]
        for turn in self.turns:
            calls = [(call["name"], call["args"]) for call in turn.calls]
            if self.several:
                said.append(transcript(turn.action or "", "", calls))
            else:
                said.append(transcript(turn.action, turn.obs, calls))
        return tuple({**a, **b} for a, b in zip(said, self.records, strict=True))

    @property
    def several(self) -> bool:
        """Whether the episode has several agents, this view being one of them."""
        return self.head.agents != (AGENT,)

    @property
    def decisions(self) -> tuple[int, ...]:
        """Events at which the agent acted."""
        return tuple(turn.e for turn in self.turns if turn.action is not None)

    def array(self, reference: Any) -> NDArray[Any]:
        """Return the array behind a {"ref", ...} value of this episode."""
        return arrays.get(self.path.parent, reference)

    def settled(self) -> tuple[float, ...]:
        """Return the recorded rewards by the event that earned them, one per turn."""
        sums = np.zeros(len(self.turns))
        for entry in self.ledger:
            if 0 <= entry.earned - self.first < len(sums):
                sums[entry.earned - self.first] += entry.value
        return tuple(sums.tolist())
