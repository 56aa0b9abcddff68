"""The product of a process and what two programs remember, enumerated and solved."""

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envgym.rewards.shaping.mdp import Action, FiniteMDP, Outcome, State
from envgym.rewards.shaping.payer import Memory, Payer
from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOLERANCE = 1e-12
_SWEEPS = 100_000


class Place(NamedTuple):
    """One decision: where the process stands and what both programs remember."""

    state: State
    time: int | None
    memories: tuple[Memory, Memory]


@dataclass(frozen=True)
class Product:
    """All reachable decisions: rows are (state, action), edges are their outcomes."""

    states: tuple[State, ...]
    """The process' state of every decision; [S]."""
    times: tuple[int | None, ...]
    """Events before it; None without a horizon; [S]."""
    actions: tuple[Action, ...]
    """Of every row; [R]."""
    owner: Ints
    """The decision that a row belongs to; rising; [R]."""
    row: Ints
    """Row of each edge; [E]."""
    probability: Floats
    """Of each edge; [E]."""
    next: Ints
    """Decision after each edge, or S where the episode has ended; [E]."""
    pay: tuple[Floats, Floats]
    """What the two programs pay on each edge; [E]."""
    gamma: float

    def values(self, which: int, allowed: NDArray[np.bool_], lowest: bool = False) -> Floats:
        """Return the best, or lowest, value [S + 1] of playing allowed rows, paid by one program.

        Raises:
            ConfigError: if the iteration does not settle.
        """
        value = np.zeros(len(self.states) + 1)
        choose = np.minimum if lowest else np.maximum
        blocked = np.inf if lowest else -np.inf
        for _ in range(_SWEEPS):
            worth = np.where(allowed, self.rows(which, value), blocked)
            after = np.append(choose.reduceat(worth, self.starts), 0.0)
            change = float(np.max(np.abs(after - value)))
            value = after
            if change <= _TOLERANCE * max(1.0, float(np.max(np.abs(value)))):
                return value
        raise ConfigError(
            f"value iteration did not settle in {_SWEEPS} sweeps; use a lower gamma or a horizon."
        )

    def rows(self, which: int, value: Floats) -> Floats:
        """Return the worth [R] of every row, given the value of every decision."""
        ahead = self.probability * (self.pay[which] + self.gamma * value[self.next])
        whole = np.bincount(self.row, weights=ahead, minlength=len(self.actions))
        return np.asarray(whole, dtype=np.float64)

    @cached_property
    def starts(self) -> Ints:
        """First row of every decision; [S]."""
        return np.searchsorted(self.owner, np.arange(len(self.states))).astype(np.int64)


def enumerate_product(mdp: FiniteMDP, payers: tuple[Payer, Payer], most: int) -> Product:
    """Return every decision that can be reached, with what both programs pay.

    Raises:
        ConfigError: for more than ``most`` decisions, or a state without actions.
    """
    record0 = {**mdp.reset, "end": None}
    opened = (payers[0].open(record0), payers[1].open(record0))
    first = Place(mdp.start, None if mdp.horizon is None else 0, opened)
    index: dict[Place, int] = {first: 0}
    waiting = deque([first])
    places: list[Place] = []
    actions: list[Action] = []
    owner: list[int] = []
    edges: list[tuple[int, float, int, float, float]] = []
    while waiting:
        place = waiting.popleft()
        choices = mdp.actions(place.state)
        if not choices:
            raise ConfigError(f"{mdp.name}: state {place.state!r} is not final and has no actions.")
        for action in choices:
            for outcome in mdp.check(place.state, action):
                after, paid = _follow(mdp, payers, place, outcome)
                to = -1
                if after is not None:
                    if after not in index:
                        index[after] = len(index)
                        waiting.append(after)
                    to = index[after]
                edges.append((len(actions), outcome.probability, to, *paid))
            actions.append(action)
            owner.append(len(places))
        places.append(place)
        if len(index) > most:
            raise ConfigError(
                f"{mdp.name}: more than {most} decisions can be reached with what the programs "
                "remember; shorten the horizon, or raise max_states."
            )
    columns = list(zip(*edges, strict=True))
    following = np.array(columns[2], dtype=np.int64)
    return Product(
        states=tuple(place.state for place in places),
        times=tuple(place.time for place in places),
        actions=tuple(actions),
        owner=np.array(owner, dtype=np.int64),
        row=np.array(columns[0], dtype=np.int64),
        probability=np.array(columns[1], dtype=np.float64),
        next=np.where(following < 0, len(places), following),
        pay=(np.array(columns[3], dtype=np.float64), np.array(columns[4], dtype=np.float64)),
        gamma=mdp.gamma,
    )


def _follow(
    mdp: FiniteMDP, payers: tuple[Payer, Payer], place: Place, outcome: Outcome
) -> tuple[Place | None, tuple[float, float]]:
    """Return the next decision, None after the end, and what both programs pay."""
    later = None if place.time is None else place.time + 1
    end = None
    if outcome.final:
        end = outcome.evidence.get("end") or "task"
    elif later is not None and later == mdp.horizon:
        end = "budget"
    record = {**outcome.evidence, "end": end}
    (one, first), (two, second) = (
        each.pay(memory, record) for each, memory in zip(payers, place.memories, strict=True)
    )
    after = Place(outcome.state, later, (one, two)) if end is None else None
    return after, (first, second)
