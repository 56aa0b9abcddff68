"""Ema: an exponential moving average."""

from dataclasses import dataclass
from math import isfinite

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Ema:
    """A mean that forgets.

    Formula: D <- (1 - alpha) * D + alpha * x; the first value is taken whole
    Source:  cookbook B14, PPO-C (seen: a concept note; alpha 0.1)
    Laws:    stays inside the values seen; alpha 1: the last value

    >>> round(Ema().updated(0.5).updated(1.5).value, 3)
    0.6
    """

    alpha: float = 0.1
    """Weight of a new value, above 0 and at most 1."""
    value: float = 0.0
    """The average; 0 before the first value."""
    count: int = 0
    """Values taken."""

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1 or not isfinite(self.value) or self.count < 0:
            raise ConfigError(
                "Ema needs alpha above 0 and at most 1, a finite value and a count of 0 or more, "
                f"got {self.alpha}, {self.value} and {self.count}."
            )

    def updated(self, x: float) -> "Ema":
        """Return the average after one more value.

        Raises:
            ConfigError: for a value that is not finite.
        """
        if not isfinite(x):
            raise ConfigError(f"Ema takes finite values, got {x!r}.")
        value = x if not self.count else (1 - self.alpha) * self.value + self.alpha * x
        return Ema(self.alpha, value, self.count + 1)
