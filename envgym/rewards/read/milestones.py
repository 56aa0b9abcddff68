"""Milestones: predicates that count once reached, and the progress label between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from envgym.rewards.node import State
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class Milestones(Reading):
    """The share of milestones reached so far, each latched.

    Formula: y_e = (1/K) sum_k z_k, z_k = 1 once predicate k was true; ordered: predicate k
             counts only when z_1 .. z_{k-1} = 1
    Source:  cookbook A2, MiRA, arXiv 2603.19685 (seen: a note on it; the latch is ours)
    Shapes:  a tuple of K bools per record to a scalar per event; state K bits
    Range:   [0, 1], in steps of 1/K
    Laws:    never falls; unordered: permuting the predicates changes nothing; up in each

    It is a level, not a payment: pay its change with ``ProgressDelta``, or shape with
    ``Potential``. Where the first milestone is never met the signal is silent.

    >>> node = Milestones("done", count=4)
    >>> rows = [(0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0)]
    >>> node.settle([{"done": tuple(map(bool, row))} for row in rows])[1]
    (0.25, 0.5)
    """

    kind: ClassVar[str] = "read.milestones"

    of: str
    """Key of a tuple of K bools: which predicates hold now."""
    count: int
    """K, the number of milestones."""
    ordered: bool = False
    """Whether a milestone counts only after all before it."""

    def validate(self) -> None:
        """Refuse no milestones."""
        if self.count < 1:
            raise ConfigError(f"Milestones.count must be 1 or more, got {self.count}.")

    @property
    def scope(self) -> Scope:
        """Always "step": a latch needs every record."""
        return "step"

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a tuple."""
        return {self.of: ITEMS}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def init(self) -> State:
        """Return the latches: nothing reached."""
        return (False,) * self.count

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the latches and their share; None where a predicate could not answer."""
        found = self._predicates(record)
        if found is None:
            return state, None
        latches = list(state)
        for k, holds in enumerate(found):
            if holds and (not self.ordered or all(latches[:k])):
                latches[k] = True
        return tuple(latches), sum(latches) / self.count

    def read(self, record: Evidenced) -> float | None:
        """Return the share of predicates that hold in ``record`` alone, without the past."""
        return self.step(self.init(), record)[1]

    def _predicates(self, record: Evidenced) -> tuple[Any, ...] | None:
        found = items(record, self.of)
        if found is None or any(holds is None for holds in found):
            return None
        if len(found) != self.count or any(holds not in (0, 1) for holds in found):
            raise EvidenceError(
                f"evidence '{self.of}' must hold {self.count} bools, got {found!r}."
            )
        return found


def progress_labels(reached: Sequence[int], count: int, length: int) -> NDArray[np.float64]:
    """Return the progress of every record, linear between the completions of milestones.

    Formula: p_t = (j + (t - t_j) / (t_{j+1} - t_j)) / K for t_j <= t < t_{j+1}; t_0 = 0
    Source:  cookbook A2, MiRA, arXiv 2603.19685 (seen: a note on it); flat after the last
             completion of an episode that did not reach them all (ours)
    Shapes:  k record indices to [T + 1]
    Range:   [0, 1]
    Laws:    never falls; p at the j-th completion is j / K

    Args:
        reached: index of the record at which the j-th milestone was reached, in any order; 0
            is reset's. Those never reached are left out.
        count: K, the number of milestones.
        length: number of events T.

    Raises:
        ConfigError: an index outside 0 to T, or more of them than milestones.

    >>> progress_labels([2, 4], count=4, length=5).tolist()
    [0.0, 0.125, 0.25, 0.375, 0.5, 0.5]
    """
    times = sorted(reached)
    if count < 1 or length < 0 or len(times) > count:
        raise ConfigError(
            f"progress_labels needs count >= 1, length >= 0 and at most count completions, got "
            f"count={count}, length={length} and {len(times)} completions."
        )
    if times and not 0 <= times[0] <= times[-1] <= length:
        raise ConfigError(f"progress_labels needs indices from 0 to {length}, got {times}.")
    # Completions at the same record are one knot, at the highest of their levels.
    knots = {0: 0.0} | {time: j / count for j, time in enumerate(times, start=1)}
    grid = np.arange(length + 1, dtype=np.float64)
    return np.interp(grid, list(knots), list(knots.values())).astype(np.float64)
