"""Payers: what a program pays on a transition, as a function of a state of its own.

A program need not be Markov in the environment's state: a latch, a difference or a clip over the
episode remembers. What it remembers becomes part of the state of the enumerated process.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any, Protocol

from envgym.rewards.fold.gate import Gate
from envgym.rewards.kinds import Fold, Map, Recall
from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.rewards.reading import Reading
from envgym.rewards.signal import Evidenced, InvalidSignal
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError

Memory = Hashable


class Payer(Protocol):
    """Pays one program along a trajectory."""

    def open(self, record: Evidenced) -> Memory:
        """Return what is remembered after reset's record."""
        ...

    def pay(self, memory: Any, record: Evidenced) -> tuple[Memory, float]:
        """Return what is remembered after ``record``, and its payment."""
        ...


def payer(program: Program, gamma: float, horizon: int | None) -> Payer:
    """Return what pays ``program`` in a process with this discount and horizon.

    Raises:
        ConfigError: if the program compares rollouts, or needs whole episodes and there is no
            horizon.
    """
    if program.phase in ("group", "trainer"):
        raise ConfigError(
            f'program "{program.name}" is a {program.phase} program; verify_shaping follows one '
            "episode at a time."
        )
    if all(_at_the_end(s.node) for s in program.terminal):
        return Stepwise(program)
    if horizon is None or gamma == 0:
        raise ConfigError(
            f'program "{program.name}" looks at whole episodes; give the FiniteMDP a horizon and '
            "a gamma above 0, so that its episodes can be enumerated."
        )
    return Historical(program, gamma)


def _at_the_end(node: Node) -> bool:
    """Whether the value depends on the last record alone and is earned by the last event."""
    if isinstance(node, Constant):
        return True
    if isinstance(node, Reading):
        return node.scope == "episode" and type(node).attribute in _PLAIN
    inner = isinstance(node, Map | Fold | Gate) and not isinstance(node, Recall)
    return inner and all(map(_at_the_end, node.children))


_PLAIN = (Reading.attribute,)


@dataclass(frozen=True)
class Stepwise:
    """Pays online parts inside the step, and parts of the last record with the last event.

    The memory is that of the program's nodes: constant in size, so episodes may be endless.
    """

    program: Program

    def open(self, record: Evidenced) -> Memory:
        """Return the states of the online nodes."""
        return tuple(s.node.step(s.node.init(), record)[0] for s in self.program.online)

    def pay(self, memory: Any, record: Evidenced) -> tuple[Memory, float]:
        """Return the nodes' next states and the event's payment."""
        after, amounts = [], []
        for summand, state in zip(self.program.online, memory, strict=True):
            state, value = summand.node.step(state, record)
            if value is None:
                raise _invalid(self.program, summand.node.culprit(record) or summand.node.label)
            after.append(state)
            amounts.append(summand.factor * value)
        if record["end"] is not None:
            for summand in self.program.terminal:
                try:
                    value = summand.node.explain((record, record)).value
                except InvalidSignal as invalid:
                    raise _invalid(self.program, invalid.node) from None
                amounts.append(summand.factor * value)
        if not all(map(isfinite, amounts)):
            raise _invalid(self.program, self.program.root.label)
        return tuple(after), fsum(amounts)


@dataclass(frozen=True)
class _Path:
    """A trajectory; equal where the same events happened, whatever the records hold."""

    steps: tuple[Hashable, ...]
    records: tuple[Evidenced, ...] = field(compare=False)


@dataclass(frozen=True)
class Historical:
    """Pays the whole discounted return with the last event; the memory is the trajectory.

    A trainer with a discount uses the settled array, so each turn's reward is discounted by the
    turn that earned it.
    """

    program: Program
    gamma: float

    def open(self, record: Evidenced) -> Memory:
        """Return the trajectory of one record."""
        return _Path((), (record,))

    def pay(self, memory: Any, record: Evidenced) -> tuple[Memory, float]:
        """Return the longer trajectory, and at its end the return in units of the last event."""
        records = (*memory.records, record)
        path = _Path((*memory.steps, _key(record)), records)
        if record["end"] is None:
            return path, 0.0
        books = self.program.replay(records)
        if books.total is None:
            raise _invalid(self.program, (books.reason or "").removeprefix("reward:"))
        worth = fsum(self.gamma**t * amount for t, amount in enumerate(books.settled))
        return path, worth / self.gamma ** (len(records) - 2)


def _key(record: Mapping[str, Any]) -> Hashable:
    return tuple(sorted((key, repr(value)) for key, value in record.items()))


def _invalid(program: Program, node: str) -> ConfigError:
    return ConfigError(
        f"program \"{program.name}\" is invalid on a transition: '{node}' could not answer. An "
        "invalid score has no optimal policy."
    )
