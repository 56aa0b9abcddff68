"""What was observed in each round, kept until its outcome is revealed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError


class History:
    """A ring of vectors by round, float64 [rounds, B, d], which grows as far as outcomes lag.

    Args:
        where: the learner's name, for messages.
        batch: B.
        width: d.
    """

    def __init__(self, where: str, batch: int, width: int) -> None:
        self._where = where
        self._ring = np.zeros((2, batch, width))
        self._settled = np.full(batch, -1)
        self.rounds = 0
        """Rounds that were kept so far."""

    def __len__(self) -> int:
        """Return how many rounds there is room for."""
        return len(self._ring)

    def keep(self, values: NDArray[Any]) -> None:
        """Keep the vectors [B, d] of the next round."""
        size = len(self._ring)
        if self.rounds - 1 - int(self._settled.min()) >= size:
            # The oldest is still awaited: twice the room, every round at its new place.
            held = np.arange(self.rounds - size, self.rounds)
            wider = np.zeros((2 * size, *self._ring.shape[1:]))
            wider[held % (2 * size)] = self._ring[held % size]
            self._ring = wider
        self._ring[self.rounds % len(self._ring)] = values
        self.rounds += 1

    def recall(self, rounds: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        """Return the vectors [n, d] of these rows' rounds, whose outcomes are now known.

        Raises:
            ConfigError: a round that was not played, or was settled long ago.
        """
        oldest = max(self.rounds - len(self._ring), 0)
        wrong = (rounds < oldest) | (rounds >= self.rounds)
        if wrong.any():
            raise ConfigError(
                f"learner '{self._where}': an outcome of round {int(rounds[wrong][0])} was revealed,"
                f" but only rounds {oldest} to {self.rounds - 1} are remembered."
            )
        self._settled[rows] = np.maximum(self._settled[rows], rounds)
        found: NDArray[Any] = self._ring[rounds % len(self._ring), rows]
        return found
