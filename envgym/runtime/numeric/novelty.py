"""How new an action is, by the error of a predictor distilled from random targets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.numeric.noise import Noise, generator

TARGETS = 10
"""Random targets per action."""


class Distillation:
    """Estimates 1 / visits of every action of a batch from a distilled predictor.

    Formula: y = (f^2 - mu^2) / (B2 - mu^2), f the mean of the targets drawn so far for the action
        (the best predictor of them), mu and B2 mean and mean square of its targets; E[y] = 1 / n
    Source:  [49] arXiv 2505.11044 (seen: targets from a normal, pseudo-count bonus); the statistic
        is that of its predecessor, arXiv 2401.09750 (seen)
    Shapes:  targets [A, 10], f and n [B, A], y [B]

    Args:
        stream: the family's name: all environments of a family have the same targets.
        actions: A.
        batch: B.
    """

    def __init__(self, stream: str, actions: int, batch: int) -> None:
        self.targets = generator(0, stream, "targets").standard_normal((actions, TARGETS))
        self.mean = self.targets.mean(axis=1)
        square = (self.targets**2).mean(axis=1)
        self.spread = square - self.mean**2
        self.count: NDArray[Any] = np.zeros((batch, actions))
        self.total: NDArray[Any] = np.zeros((batch, actions))

    def visit(self, rows: NDArray[Any], actions: NDArray[Any], noise: Noise) -> NDArray[Any]:
        """Count one visit of each of these rows and return y, float64 [len(rows)]."""
        drawn = noise.integers(TARGETS, (len(rows),))
        self.total[rows, actions] += self.targets[actions, drawn]
        self.count[rows, actions] += 1
        f = self.total[rows, actions] / self.count[rows, actions]
        y: NDArray[Any] = (f**2 - self.mean[actions] ** 2) / self.spread[actions]
        return y

    def reset(self, rows: NDArray[Any]) -> None:
        """Forget the visits of these rows."""
        self.count[rows] = 0
        self.total[rows] = 0
