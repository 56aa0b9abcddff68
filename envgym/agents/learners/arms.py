"""Counts and sums of every action of a batch, and constraints with two sides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.agents.learners.base import Seen
from envgym.types.bandit import Problem

HIGH, LOW = "_high_residual", "_low_residual"


def constraint_sides(residuals: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Return which residuals make up each constraint.

    ``X_high_residual`` and ``X_low_residual`` are the two sides of one constraint on a signed
    quantity, such as gap - eps and -gap - eps: its residual is the larger of the two. Means and
    bounds are taken side by side before the larger is, so that what is averaged keeps its sign.

    >>> constraint_sides(("gap_high_residual", "gap_low_residual", "service_residual"))
    ((0, 1), (2,))
    """
    place = {name: number for number, name in enumerate(residuals)}
    found: list[tuple[int, ...]] = []
    for number, name in enumerate(residuals):
        twin = None
        if name.endswith(LOW):
            if name.removesuffix(LOW) + HIGH in place:
                continue  # told with its twin
        elif name.endswith(HIGH):
            twin = place.get(name.removesuffix(HIGH) + LOW)
        found.append((number,) if twin is None else (number, twin))
    return tuple(found)


class Arms:
    """What was revealed of every action: counts [B * A], sums of reward and residuals [1 + M, B * A].

    Action a of row i is at place i * A + a.
    """

    def __init__(self, problem: Problem, batch: int) -> None:
        self.actions = problem.actions
        size = batch * problem.actions
        self.count: NDArray[Any] = np.zeros(size)
        self.total: NDArray[Any] = np.zeros((1 + len(problem.residuals), size))
        self._sides = constraint_sides(problem.residuals)
        self._plain = all(len(each) == 1 for each in self._sides)
        self.constraints = len(self._sides)
        self._every = np.arange(problem.actions)

    def add(self, seen: Seen) -> tuple[NDArray[Any], int]:
        """Count what was seen; return the places that changed, and how many were new."""
        if seen.full:
            at = (seen.rows[:, None] * self.actions + self._every).reshape(-1)
            values = [each.reshape(-1) for each in seen.values]
        else:
            at = seen.rows * self.actions + seen.actions
            values = list(seen.values)
        before = self.count[at]
        self.count[at] = before + 1.0
        for total, value in zip(self.total, values, strict=True):
            total[at] += value
        return at, int((before == 0).sum())

    def means(self, at: NDArray[Any]) -> NDArray[Any]:
        """Return mean reward and residuals of places that were revealed, [1 + M, n]."""
        means: NDArray[Any] = self.total[:, at] / self.count[at]
        return means

    def joined(self, residuals: NDArray[Any]) -> NDArray[Any]:
        """Return the constraints' residuals [C, ...] from those of their sides [M, ...]."""
        if self._plain:
            return residuals
        return np.stack([residuals[list(sides)].max(0) for sides in self._sides])
