"""Tally: what is kept of the rounds of a batch of episodes; sums and a few marks, not every round."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAIL = 0.2
"""Share of the horizon, at its end, whose means stand for the steady state."""
MARKS = 100
"""Marks spaced evenly, and as many more spaced by equal factors."""
CURVES = ("expected", "violation", "shortfall")
"""Evidence whose running sums are kept at the marks."""
PATHS = ("share",)
"""Evidence whose values are kept at the marks."""
_NOT_OURS = ("turn", "errors", "rounds", "outcome", "visits", "progress", "novelty", "potential")
_MOST_ACTIONS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A batch of B episodes, added up."""

    seeds: tuple[int, ...]
    rounds: NDArray[Any]
    """int64 [B]: rounds until the episode ended."""
    errors: NDArray[Any]
    """int64 [B]: invalid actions."""
    sums: Mapping[str, NDArray[Any]]
    """float64 [B] per evidence of a round, and "infeasible": rounds with a violation."""
    tails: Mapping[str, NDArray[Any]]
    """The same over the last fifth of the horizon."""
    tail_rounds: NDArray[Any]
    """int64 [B]: rounds of the last fifth before the episode ended."""
    marks: NDArray[Any]
    """int64 [M]: rounds played at each mark."""
    curves: Mapping[str, NDArray[Any]]
    """float64 [M, B]: running sums at the marks."""
    paths: Mapping[str, NDArray[Any]]
    """float64 [M, B]: values at the marks."""
    pulls: NDArray[Any]
    """int64 [B, A]: how often each action was played; [B, 0] where actions are no numbers."""
    seconds: float
    """What playing took, learner and environment."""


def marks_of(horizon: int, period: int = 0) -> NDArray[np.int64]:
    """Return the rounds after which running sums are kept: even, geometric, and every ``period``.

    >>> marks_of(5).tolist(), marks_of(6, 3)[-1].item()
    ([1, 2, 3, 4, 5], 6)
    """
    even = np.linspace(1, horizon, min(MARKS, horizon))
    steep = np.geomspace(1, horizon, min(MARKS, horizon))
    own = np.arange(period, horizon + 1, period) if period else np.zeros(0)
    return np.unique(np.concatenate((even, steep, own)).round().astype(np.int64))


class Tally:
    """Adds up rounds as they are played."""

    def __init__(self, batch: int, horizon: int, actions: int, period: int = 0) -> None:
        """Begin with nothing.

        Args:
            batch: B.
            horizon: rounds at most.
            actions: A, or 0 where actions are no single numbers.
            period: rounds per generation of the environment, 0: there are none.
        """
        self.batch, self.horizon = batch, horizon
        self.rounds = np.zeros(batch, np.int64)
        self.errors = np.zeros(batch, np.int64)
        self.tail_rounds = np.zeros(batch, np.int64)
        self.live = np.ones(batch, bool)
        self._all = True
        self._sums: dict[str, NDArray[Any]] = {}
        self._tails: dict[str, NDArray[Any]] = {}
        self._tail = horizon - max(1, round(TAIL * horizon))
        self._marks = marks_of(horizon, period)
        self._at = set(self._marks.tolist())
        self._curves: dict[str, list[NDArray[Any]]] = {}
        self._paths: dict[str, list[NDArray[Any]]] = {}
        self._wide = 0 < actions <= _MOST_ACTIONS
        self._pulls = np.zeros((batch, actions if self._wide else 0), np.int64)
        self._rows = np.arange(batch)

    def add(self, t: int, facts: Mapping[str, Any], actions: Any, done: Any, wrong: Any) -> bool:
        """Add round ``t`` (from 0) of every episode still alive; return whether one is left.

        Args:
            t: number of the round.
            facts: evidence by name, [B] or a number each.
            actions: what was played, [B] or [B, ...].
            done: bool [B]: who ended in this round.
            wrong: bool [B]: whose action was invalid; None: nobody's.
        """
        if not t:
            keys = [key for key, value in facts.items() if _numeric(key, value)]
            self._sums = {key: np.zeros(self.batch) for key in [*keys, "infeasible"]}
            self._tails = {key: np.zeros(self.batch) for key in self._sums}
            self._curves = {key: [] for key in CURVES if key in self._sums}
            self._paths = {key: [] for key in PATHS if key in self._sums}
        live: Any = 1 if self._all else self.live
        last = t >= self._tail
        for key, total in self._sums.items():
            value = facts["violation"] > 0.0 if key == "infeasible" else facts[key]
            if not self._all:
                value = np.where(self.live, value, 0.0)
            total += value
            if last:
                self._tails[key] += value
        self.rounds += live
        if last:
            self.tail_rounds += live
        if wrong is not None:
            self.errors += wrong & self.live
        if self._wide:
            valid = self._rows if self._all and wrong is None else self._valid(wrong)
            self._pulls[valid, np.asarray(actions)[valid]] += 1
        if t + 1 in self._at:
            self._note(facts)
        if done.any():
            self.live = self.live & ~done
            self._all = False
        return bool(self.live.any())

    def _valid(self, wrong: Any) -> NDArray[Any]:
        return np.nonzero(self.live if wrong is None else self.live & ~wrong)[0]

    def _note(self, facts: Mapping[str, Any]) -> None:
        for key, curve in self._curves.items():
            curve.append(self._sums[key].copy())
        for key, path in self._paths.items():
            path.append(np.broadcast_to(facts[key], self.batch).astype(np.float64))

    def totals(self, seeds: tuple[int, ...], seconds: float) -> Totals:
        """Return what was added up; marks that were not reached repeat the last sums."""
        for key, curve in self._curves.items():
            curve.extend(self._sums[key].copy() for _ in range(len(self._marks) - len(curve)))
        for path in self._paths.values():
            path.extend(
                path[-1] if path else np.zeros(self.batch)
                for _ in range(len(self._marks) - len(path))
            )
        return Totals(
            seeds=seeds,
            rounds=self.rounds,
            errors=self.errors,
            sums=self._sums,
            tails=self._tails,
            tail_rounds=self.tail_rounds,
            marks=self._marks,
            curves={key: np.stack(curve) for key, curve in self._curves.items()},
            paths={key: np.stack(path) for key, path in self._paths.items()},
            pulls=self._pulls,
            seconds=seconds,
        )


def _numeric(key: str, value: Any) -> bool:
    array = np.asarray(value)
    return key not in _NOT_OURS and array.ndim <= 1 and array.dtype.kind in "biuf"
