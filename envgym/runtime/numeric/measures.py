"""Evidence that the kernel measures for every family: visits, progress, novelty."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.numeric.intervals import Intervals
from envgym.runtime.numeric.noise import BatchNoise, Noise, RowNoise, generator
from envgym.runtime.numeric.novelty import Distillation
from envgym.types.bandit import Outcome, Problem

_ONE = np.zeros(1, dtype=np.int64)


class Measures:
    """Counts of a batch. Actions that are no single number count as the same one.

    Args:
        stream: the family's stream name.
        problem: what actions there are.
        batch: B.
        wanted: which of "progress", "novelty" are measured; both are 0 where actions are no number.
        seeds: of the rows; one alone: of the whole batch.
    """

    def __init__(
        self,
        stream: str,
        problem: Problem,
        batch: int,
        wanted: Sequence[str],
        seeds: Sequence[int],
    ) -> None:
        self._wanted = tuple(wanted)
        self._batch = batch
        self._visits: dict[Any, int] = {}
        discrete = problem.actions > 0 and problem.more.get("slots", 1) == 1
        self._intervals = Intervals(problem, batch) if "progress" in wanted and discrete else None
        self._distilled: Distillation | None = None
        if "novelty" in wanted and discrete:
            self._distilled = Distillation(stream, problem.actions, batch)
            self._stream = stream
            rngs = [generator(seed, stream, "novelty") for seed in seeds]
            self._noise: Noise = RowNoise(rngs) if len(rngs) == batch else BatchNoise(rngs[0])

    def opening(self) -> dict[str, float]:
        """Return what is measured, before anything was revealed."""
        return dict.fromkeys(self._wanted, 0.0)

    # One episode.

    def visit_one(self, action: Any) -> int:
        """Count a visit of the only row's action and return how many there were."""
        key = action if action.__class__ is int else None
        count = self._visits[key] = self._visits.get(key, 0) + 1
        return count

    def measure_one(self, action: Any, revealed: Sequence[Outcome]) -> dict[str, float]:
        """Return what is measured after a round of the only row; action None: it was invalid."""
        actions = None if action is None or self._distilled is None else np.array([action])
        found = self.measure(_ONE, actions, revealed)
        return {key: float(value[0]) for key, value in found.items()}

    # A batch.

    def measure(
        self, rows: NDArray[Any], actions: NDArray[Any] | None, revealed: Sequence[Outcome]
    ) -> dict[str, NDArray[Any]]:
        """Return what is measured, [B] per key.

        Args:
            rows: who played a round.
            actions: what those rows played; None: none of them.
            revealed: the outcomes of the step.
        """
        found: dict[str, NDArray[Any]] = {}
        for key in self._wanted:
            found[key] = np.zeros(self._batch)
        if self._intervals is not None:
            self._intervals.add(revealed)
            found["progress"] = self._intervals.ruled_out()
        if self._distilled is not None and actions is not None:
            found["novelty"][rows] = self._distilled.visit(rows, actions, self._noise.pick(rows))
        return found

    def reset(self, rows: NDArray[Any], seeds: Sequence[int]) -> None:
        """Forget these rows, which begin new episodes of these seeds."""
        for each in (self._intervals, self._distilled):
            if each is not None:
                each.reset(rows)
        if self._distilled is not None and isinstance(self._noise, RowNoise):
            for row, seed in zip(rows, seeds, strict=True):
                self._noise.rngs[row] = generator(seed, self._stream, "novelty")
