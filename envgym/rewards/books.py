"""Books: what one agent earned in one episode, and when it was paid."""

from math import fsum, isfinite
from typing import TYPE_CHECKING, Any

from envgym.rewards.settled import Note, Settled
from envgym.rewards.signal import Evidenced, InvalidSignal
from envgym.rewards.summands import Summand
from envgym.types.entry import Entry
from envgym.types.errors import EvidenceError

if TYPE_CHECKING:
    from envgym.rewards.program import Program


_Paid = tuple[str, int, int, float, str | None, tuple[Note, ...]]
"""component, earned, paid, value, gate, notes: a plain tuple, as one is made in every step."""


class Books:
    """The accounting of one episode; all mutable reward state lives here. Picklable.

    Online summands pay inside the step that earned them; terminal ones pay one lump in the
    last step's float and are attributed to the steps that earned them. Nothing is ever
    retracted: an invalid signal makes the score unknown from then on, what was paid stays.
    """

    __slots__ = (
        "_entries",
        "_online",
        "_states",
        "agent",
        "ended",
        "gates",
        "left",
        "notes",
        "open",
        "program",
        "reason",
        "records",
    )

    def __init__(self, program: "Program", record0: Evidenced, agent: str = "agent") -> None:
        self.program = program
        """The program; a frozen value."""
        self.agent = agent
        """Who is paid."""
        self.records: list[Evidenced] = [record0]
        """Evidence so far: reset's record, then one per event."""
        self.reason: str | None = None
        """"reward:<node>" once a signal was invalid, else None."""
        self.open = True
        """Whether the episode goes on."""
        self.ended = False
        """Whether it ended by task or budget."""
        self.left: int | None = None
        """The event after which the agent was removed; None: it stayed to the end."""
        self.gates: dict[str, bool] = {}
        """After the end: each gate that was asked, and whether it was open."""
        self.notes: tuple[Note, ...] = ()
        """Invalid signals that were replaced on purpose."""
        self._entries: list[_Paid] = []
        self._online = program.online
        self._states: list[Any] = []
        for summand in self._online:
            state, _ = summand.node.step(summand.node.init(), record0)
            self._states.append(state)

    def step(self, record: Evidenced) -> tuple[float, dict[str, float]]:
        """Book one event.

        Args:
            record: its evidence; ``record["end"]`` is None, or "task" or "budget" at the last.

        Returns:
            The event's float and what each component adds to it. The last event's float
            includes the lump of the terminal parts.

        Raises:
            EvidenceError: if a key is missing or out of its declared bounds.
            RuntimeError: if the books are closed.
        """
        if not self.open:
            raise RuntimeError("these books are closed; open new ones for the next episode")
        try:
            end = record["end"]
        except KeyError:
            raise EvidenceError("the record lacks 'end', which every record holds.") from None
        self.records.append(record)
        amount = 0.0
        parts: dict[str, float] = {}
        if self._online:
            amount, parts = self._step_online(record)
        if end is not None:
            amount += self._settle(parts)
            self.open = False
            self.ended = True
        return amount, parts

    def leave(self) -> None:
        """Note that the agent was removed by the latest event: no later float reaches it."""
        if self.left is None:
            self.left = len(self.records) - 2

    def void(self) -> None:
        """Close the books after a cut from outside: terminal parts are void, the rest stands."""
        self.open = False

    # After the end.

    @property
    def valid(self) -> bool:
        """False once a signal was invalid that nothing replaces."""
        return self.reason is None

    @property
    def ledger(self) -> tuple[Entry, ...]:
        """Every entry, in the order of payment; 0 stands only where it replaced an invalid signal.

        What was paid after the agent had left is unpaid.
        """
        last = len(self.records) if self.left is None else self.left
        return tuple(
            Entry(
                self.agent,
                component,
                earned,
                paid if paid <= last else None,
                value,
                gate,
                noted(notes),
            )
            for component, earned, paid, value, gate, notes in self._entries
        )

    @property
    def settled(self) -> tuple[float, ...]:
        """Reward by the event that earned it; shape [T]."""
        amounts: list[list[float]] = [[] for _ in self.records[1:]]
        for _, earned, _, value, _, _ in self._entries:
            amounts[earned].append(value)
        return tuple(fsum(each) for each in amounts)

    @property
    def total(self) -> float | None:
        """The episode's return; None before its end, after a cut, and if it is invalid."""
        if not self.ended or self.reason is not None:
            return None
        return fsum(entry[3] for entry in self._entries)

    # Inside a step.

    def _step_online(self, record: Evidenced) -> tuple[float, dict[str, float]]:
        states, entries, event = self._states, self._entries, len(self.records) - 2
        amount = 0.0
        parts: dict[str, float] = {}
        for i, (component, factor, node) in enumerate(self._online):
            states[i], value = node.step(states[i], record)
            if value is None:
                self._invalid(node.culprit(record) or node.label)
                continue
            value *= factor
            together = amount + value
            if together - together != 0.0:  # not finite
                self._invalid(node.label)
                continue
            notes: tuple[Note, ...] = ()
            if node.guarded:
                notes = tuple(Note(event, *hit) for hit in node.hits(states[i]))
                self.notes += notes
            if value != 0.0 or notes:
                entries.append((component, event, event, value, None, notes))
                amount = together
            parts[component] = parts.get(component, 0.0) + value
        return amount, parts

    def _settle(self, parts: dict[str, float]) -> float:
        """Book the lump, add it to ``parts`` and return it; 0.0 if the score is invalid."""
        if self.reason is not None:
            return 0.0
        settled: list[tuple[Summand, Settled]] = []
        for summand in self.program.terminal:
            try:
                below = summand.node.explain(self.records)
            except InvalidSignal as invalid:
                self._invalid(invalid.node)
                return 0.0
            if not isfinite(summand.factor * below.value):
                self._invalid(summand.node.label)
                return 0.0
            settled.append((summand, below))
        try:  # finite terms, but a sum that no float can hold
            fsum([e[3] for e in self._entries] + [s.factor * b.value for s, b in settled])
        except OverflowError:
            self._invalid(self.program.summands[-1].node.label)
            return 0.0
        paid = len(self.records) - 2
        lump: list[float] = []
        for (component, factor, node), below in settled:
            self.gates.update(below.gates)
            self.notes += tuple(dict.fromkeys(below.notes()))
            # Only a named Sum or Scale above the summand renames the parts inside it.
            renamed = component != node.label
            for part in below.parts:
                name = component if renamed else part.component
                total = self._book(name, factor, part.amounts, paid, part.gate, part.notes)
                parts[name] = parts.get(name, 0.0) + total
                lump.append(total)
        return fsum(lump)

    def _book(
        self,
        component: str,
        factor: float,
        amounts: tuple[float, ...],
        paid: int,
        gate: str | None,
        notes: tuple[Note, ...],
    ) -> float:
        values = [factor * amount for amount in amounts]
        for event, value in enumerate(values):
            here = tuple(n for n in notes if n.event == event) if notes else ()
            if value != 0.0 or here:
                self._entries.append((component, event, paid, value, gate, here))
        return fsum(values)

    def _invalid(self, node: str) -> None:
        if self.reason is None:
            self.reason = f"reward:{node}"

    # Snapshots.

    def __getstate__(self) -> dict[str, Any]:
        return {slot: getattr(self, slot) for slot in self.__slots__ if slot != "_online"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for slot, value in state.items():
            setattr(self, slot, value)
        self._online = self.program.online


def noted(notes: tuple[Note, ...]) -> dict[str, Any] | None:
    """Return the note of an entry as JSON: which nodes were invalid, and what replaced them."""
    return {"invalid": {note.node: note.policy for note in notes}} if notes else None
