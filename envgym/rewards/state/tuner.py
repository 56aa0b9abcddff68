"""BlendTuner: which mixture of a primary and an auxiliary reward to train on next."""

from dataclasses import dataclass
from math import isfinite, log, sqrt

from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True, slots=True)
class BlendTuner:
    """A bandit over fixed blends that ascends the primary return alone.

    Formula: next = argmax_k mean_k + explore * sqrt(2 ln n / n_k), every blend once first (UCB1)
    Source:  cookbook C12, BARFI, arXiv 2310.19007~ (inferred: a zeroth-order outer loop in the
             place of its gradient through training)
    Laws:    a function of the answers so far and the seed; the auxiliary return is never read, so
             a harmful blend is chosen ever more rarely

    Keep one per run: train an iteration on ``blend(primary, auxiliary, tuner.weights)``, then
    ``tuner = tuner.updated(mean primary return)``.

    >>> tuner = BlendTuner(((1.0, 0.0), (1.0, 1.0)))
    >>> for _ in range(40):
    ...     primary = 0.9 if tuner.weights == (1.0, 0.0) else 0.1
    ...     tuner = tuner.updated(primary)
    >>> tuner.blends[tuner.best]
    (1.0, 0.0)
    """

    blends: tuple[tuple[float, ...], ...]
    """Weights to choose from: (phi_1, phi_2) or (phi_1, phi_2, phi_3)."""
    explore: float = 1.0
    """Width of the confidence bound, in the unit of the primary return; 0 or more."""
    seed: int = 0
    """Breaks ties."""
    counts: tuple[int, ...] = ()
    """Iterations per blend; empty: none yet."""
    sums: tuple[float, ...] = ()
    """Sum of primary returns per blend."""

    def __post_init__(self) -> None:
        blends = tuple(tuple(map(float, b)) for b in self.blends)
        object.__setattr__(self, "blends", blends)
        if not blends or any(len(b) not in (2, 3) or not all(map(isfinite, b)) for b in blends):
            raise ConfigError(
                "BlendTuner.blends needs at least one tuple of two or three finite weights, got "
                f"{self.blends!r}."
            )
        if not self.explore >= 0:
            raise ConfigError(f"BlendTuner.explore must be 0 or more, got {self.explore!r}.")
        object.__setattr__(self, "counts", tuple(self.counts) or (0,) * len(blends))
        object.__setattr__(self, "sums", tuple(self.sums) or (0.0,) * len(blends))
        if not len(self.counts) == len(self.sums) == len(blends):
            raise ConfigError("BlendTuner.counts and sums must have one entry per blend.")

    @property
    def chosen(self) -> int:
        """Index of the blend to train on next."""
        untried = [k for k, n in enumerate(self.counts) if n == 0]
        if untried:
            return self._one_of(untried)
        whole = sum(self.counts)
        scores = [
            total / n + self.explore * sqrt(2.0 * log(whole) / n)
            for n, total in zip(self.counts, self.sums, strict=True)
        ]
        top = max(scores)
        return self._one_of([k for k, score in enumerate(scores) if score == top])

    @property
    def weights(self) -> tuple[float, ...]:
        """The blend to train on next."""
        return self.blends[self.chosen]

    @property
    def best(self) -> int:
        """Index of the blend with the highest mean primary return; untried ones do not count."""
        tried = [k for k, n in enumerate(self.counts) if n]
        return max(tried, key=lambda k: self.sums[k] / self.counts[k], default=0)

    def updated(self, primary: float | None) -> "BlendTuner":
        """Return the tuner after an iteration on ``chosen``; None, no valid episode: unchanged.

        Raises:
            ConfigError: for a return that is not finite.
        """
        if primary is None:
            return self
        if not isfinite(primary):
            raise ConfigError(f"BlendTuner takes a finite primary return, got {primary!r}.")
        k = self.chosen
        counts = tuple(n + (i == k) for i, n in enumerate(self.counts))
        sums = tuple(s + (primary if i == k else 0.0) for i, s in enumerate(self.sums))
        return BlendTuner(self.blends, self.explore, self.seed, counts, sums)

    def _one_of(self, arms: list[int]) -> int:
        return arms[Stream(self.seed, "blend", sum(self.counts)).below(len(arms))]
