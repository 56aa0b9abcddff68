"""A chain of five states with a goal at its end: the smallest place where shaping can go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from envgym.rewards.probe.arrays import Floats
from envgym.rewards.probe.starc import TabularMDP
from envgym.rewards.program import Program
from envgym.types.errors import ConfigError

KEYS = ("end", "errors", "outcome", "progress", "state", "turn")
"""Evidence that the chain supplies; ``outcome`` in the last record only."""
LEFT, RIGHT = 0, 1
_NEAR = 1e-9


@dataclass(frozen=True)
class Chain:
    """States 0 to ``length - 1``; the last is the goal and ends the episode with outcome 1.

    Actions: 0 steps back, 1 steps on; stepping back in state 0 stays there and counts as an
    error. Evidence: state, progress (state over the last), turn, errors, end, outcome.
    """

    length: int = 5
    """Number of states, 2 or more."""
    discount: float = 0.9
    """gamma, 0 to below 1."""

    def __post_init__(self) -> None:
        if self.length < 2:
            raise ConfigError(f"Chain.length must be 2 or more, got {self.length}.")

    @property
    def goal(self) -> int:
        """The terminal state."""
        return self.length - 1

    def next(self, state: int, action: int) -> int:
        """Return where an action leads; the goal leads to itself."""
        if state == self.goal:
            return state
        return state + 1 if action == RIGHT else max(0, state - 1)

    @cached_property
    def mdp(self) -> TabularMDP:
        """The chain as arrays, under the policy that walks either way alike."""
        moves = np.zeros((self.length, 2, self.length))
        for state in range(self.length):
            for action in (LEFT, RIGHT):
                moves[state, action, self.next(state, action)] = 1.0
        return TabularMDP(moves, self.discount)

    def records(self, actions: Sequence[int], start: int = 0) -> list[Mapping[str, Any]]:
        """Return the evidence of walking from ``start``; stops at the goal."""
        state, errors = start, 0
        found = [self._record(state, 0, errors)]
        for turn, action in enumerate(actions, 1):
            errors += state == 0 and action == LEFT
            state = self.next(state, action)
            found.append(self._record(state, turn, errors))
            if state == self.goal:
                break
        return found

    def reward(self, program: Program) -> Floats:
        """Return what ``program`` pays per transition, shape [S, A]; 0 in the goal.

        Raises:
            ConfigError: the program reads what the chain lacks, needs a whole group, is invalid
                here, or pays by more than the transition at hand (gates, latches, sums): such a
                reward is no function of state and action.
        """
        if missing := sorted(program.needs - set(KEYS)):
            raise ConfigError(
                f"program '{program.name}' reads '{missing[0]}'; the chain supplies "
                f"{', '.join(KEYS)}."
            )
        found = np.zeros((self.length, 2))
        for state in range(self.goal):
            for action in (LEFT, RIGHT):
                found[state, action] = self._pays(program, [action], state)[0]
        self._check_markov(program, found)
        return found

    def _pays(self, program: Program, actions: Sequence[int], start: int) -> list[float]:
        records = self.records(actions, start)
        books = program.open(records[0])
        paid = [books.step(record)[0] for record in records[1:]]
        if not books.valid:
            raise ConfigError(f"program '{program.name}' is invalid on the chain: {books.reason}.")
        return paid

    def _check_markov(self, program: Program, reward: Floats) -> None:
        for actions in _walks(self.length):
            state = 0
            for action, paid in zip(actions, self._pays(program, actions, 0), strict=False):
                if abs(paid - reward[state, action]) > _NEAR * max(1.0, abs(paid)):
                    raise ConfigError(
                        f"program '{program.name}' pays {paid:g} for a step that pays "
                        f"{reward[state, action]:g} by itself: it depends on the walk before, so "
                        "it is no reward of states and actions."
                    )
                state = self.next(state, action)

    def _record(self, state: int, turn: int, errors: int) -> Mapping[str, Any]:
        record: dict[str, Any] = {
            "state": state,
            "progress": state / self.goal,
            "turn": turn,
            "errors": errors,
            "end": None,
        }
        if state == self.goal:
            record |= {"end": "task", "outcome": 1.0}
        return record


def _walks(length: int) -> list[list[int]]:
    """Return walks that repeat, go back and bump, each to the goal: what a memory would notice."""
    on = [RIGHT] * (length - 1)
    return [
        on,
        [LEFT, LEFT, *on],
        [RIGHT, LEFT, RIGHT, LEFT, *on],
        [*on[:-1], *[LEFT] * (length - 2), *on],
    ]
