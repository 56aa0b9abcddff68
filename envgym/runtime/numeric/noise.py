"""Where the random numbers of numeric environments come from: one generator per batch, or per row."""

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.types import derive


def generator(seed: int, stream: str, purpose: str) -> Generator:
    """Return NumPy's generator for one purpose of one episode.

    Args:
        seed: of the episode.
        stream: the family's fixed stream name.
        purpose: "world" for what is drawn once, "rounds" for what is drawn as rounds go by.
    """
    return Generator(PCG64(derive(seed, stream, purpose)))


class Noise(Protocol):
    """Draws for B environments at once. Every shape begins with B."""

    def uniform(self, shape: tuple[int, ...]) -> Any:
        """Return float64 in [0, 1)."""
        ...

    def normal(self, shape: tuple[int, ...]) -> Any:
        """Return standard normal float64."""
        ...

    def binomial(self, n: Any, p: Any) -> Any:
        """Return successes in ``n`` trials (a number, or an array like p) as float64.

        Args:
            n: trials, 0 or more.
            p: probabilities [B, ...].
        """
        ...

    def integers(self, high: int, shape: tuple[int, ...]) -> Any:
        """Return int64 from 0 to high - 1."""
        ...

    def pick(self, rows: NDArray[Any]) -> "Noise":
        """Return the source of these rows alone, for a batch of ``len(rows)``."""
        ...


class BatchNoise:
    """One generator for the whole batch: fast; what a row gets depends on the batch.

    Args:
        rng: the generator.
        dtype: np.float64, or np.float32 for floats of that type, from other draws.
    """

    __slots__ = ("dtype", "rng")

    def __init__(self, rng: Generator, dtype: Any = np.float64) -> None:
        self.rng, self.dtype = rng, dtype

    def uniform(self, shape: tuple[int, ...]) -> NDArray[Any]:
        drawn: NDArray[Any] = self.rng.random(shape, dtype=self.dtype)
        return drawn

    def normal(self, shape: tuple[int, ...]) -> NDArray[Any]:
        drawn: NDArray[Any] = self.rng.standard_normal(shape, dtype=self.dtype)
        return drawn

    def binomial(self, n: Any, p: Any) -> NDArray[Any]:
        drawn: NDArray[Any] = self.rng.binomial(n, _chance(p)).astype(self.dtype)
        return drawn

    def integers(self, high: int, shape: tuple[int, ...]) -> NDArray[Any]:
        return self.rng.integers(high, size=shape)

    def pick(self, rows: NDArray[Any]) -> Self:
        return self


class RowNoise:
    """One generator per row: a row gets the same numbers whatever the batch, and as alone.

    Args:
        rngs: B generators.
        dtype: np.float64, or np.float32 for the same draws rounded.
    """

    __slots__ = ("dtype", "rngs")

    def __init__(self, rngs: Sequence[Generator], dtype: Any = np.float64) -> None:
        self.rngs, self.dtype = list(rngs), dtype

    def uniform(self, shape: tuple[int, ...]) -> NDArray[Any]:
        return self._rows(shape, lambda rng: rng.random(shape[1:]))

    def normal(self, shape: tuple[int, ...]) -> NDArray[Any]:
        return self._rows(shape, lambda rng: rng.standard_normal(shape[1:]))

    def binomial(self, n: Any, p: Any) -> NDArray[Any]:
        n, p = np.broadcast_arrays(n, _chance(p))
        drawn = [rng.binomial(n[i], p[i]) for i, rng in enumerate(self.rngs)]
        return np.asarray(drawn, dtype=self.dtype).reshape(p.shape)

    def integers(self, high: int, shape: tuple[int, ...]) -> NDArray[Any]:
        return self._rows(shape, lambda rng: rng.integers(high, size=shape[1:]), np.int64)

    def pick(self, rows: NDArray[Any]) -> "RowNoise":
        return RowNoise([self.rngs[i] for i in rows], self.dtype)

    def _rows(self, shape: tuple[int, ...], draw: Any, dtype: Any = None) -> NDArray[Any]:
        out = np.empty(shape, dtype=self.dtype if dtype is None else dtype)
        for i, rng in enumerate(self.rngs):
            out[i] = draw(rng)
        return out


def _chance(p: Any) -> Any:
    """Return probabilities as float64: one of float32 may have been rounded above 1."""
    if getattr(p, "dtype", None) == np.float32:
        return np.clip(p.astype(np.float64), 0.0, 1.0)
    return p
