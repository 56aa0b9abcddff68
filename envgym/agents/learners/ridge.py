"""Ridge regression per row and action, kept up to date."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sums = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Of x x', r x and outcomes, in one generation."""


class Ridge:
    """Linear models of the reward: A_k = ridge I + sum x x', b_k = sum r x, theta_k = A_k^-1 b_k.

    With ``memory`` 0 everything counts and the inverse follows each outcome (Sherman and Morrison);
    otherwise only the last ``memory`` generations do, and ``close`` ends one.

    Args:
        batch: B.
        actions: A.
        width: d.
        ridge: above 0.
        memory: generations, 0: all.
    """

    def __init__(
        self, batch: int, actions: int, width: int, ridge: float = 1.0, memory: int = 0
    ) -> None:
        shape = (batch, actions, width)
        self._prior = ridge * np.eye(width)
        self.inverse: NDArray[Any] = np.zeros((*shape, width)) + np.eye(width) / ridge
        """A^-1, [B, A, d, d]."""
        self.moment: NDArray[Any] = np.zeros(shape)
        """b, [B, A, d]."""
        self.theta: NDArray[Any] = np.zeros(shape)
        """[B, A, d]."""
        self.count: NDArray[Any] = np.zeros(shape[:2])
        """Outcomes that count, [B, A]."""
        self._kept: deque[Sums] = deque(maxlen=memory or 1)
        self._memory = memory
        self._open = False
        self._now: Sums = self._fresh()

    def add(
        self, rows: NDArray[Any], actions: NDArray[Any], x: NDArray[Any], reward: NDArray[Any]
    ) -> None:
        """Take n outcomes, no two of the same row and action; x [n, d]."""
        at = (rows, actions)
        if self._memory:
            gram, moment, count = self._now
            gram[at] += x[:, :, None] * x[:, None, :]
            moment[at] += reward[:, None] * x
            count[at] += 1.0
            self._open = True
            return
        inverse = self.inverse[at]
        wide = (inverse * x[:, None, :]).sum(2)
        inverse = inverse - wide[:, :, None] * (wide / (1.0 + (wide * x).sum(1))[:, None])[:, None]
        moment = self.moment[at] + reward[:, None] * x
        self.inverse[at], self.moment[at] = inverse, moment
        self.theta[at] = (inverse * moment[:, None, :]).sum(2)
        self.count[at] += 1.0

    def close(self) -> None:
        """End a generation, if anything was added since the last, and fit those that are kept."""
        if not self._open:
            return
        self._kept.append(self._now)
        self._open, self._now = False, self._fresh()
        gram, moment, count = (sum(part) for part in zip(*self._kept, strict=True))
        self.inverse = np.linalg.inv(self._prior + gram)
        self.moment, self.count = np.asarray(moment), np.asarray(count)
        self.theta = (self.inverse * self.moment[:, :, None, :]).sum(3)

    def _fresh(self) -> Sums:
        if not self._memory:
            return (self._prior, self._prior, self._prior)  # never read
        inverse, moment, count = map(np.zeros_like, (self.inverse, self.moment, self.count))
        return inverse, moment, count

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return theta . x of every action, [B, A]; x [B, d]."""
        found: NDArray[Any] = (self.theta * x[:, None, :]).sum(2)
        return found

    def width(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return sqrt(x' A^-1 x) of every action, [B, A]; x [B, d]."""
        wide = (self.inverse * x[:, None, None, :]).sum(3)
        found: NDArray[Any] = np.sqrt(np.maximum((wide * x[:, None, :]).sum(2), 0.0))
        return found
