"""Multiplier: the price of a constraint, raised while it is broken."""

from dataclasses import dataclass
from math import isfinite, tanh

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Multiplier:
    """The dual variable of one constraint on a mean cost.

    Formula: mu <- max(0, mu + eta * (J - limit)); coefficient = bound * tanh(mu / bound)
    Source:  cookbook C11, arXiv 2310.04373~ (recalled; the form of the bound is ours)
    Laws:    mu >= 0; slack for long: mu reaches 0; no bound: the coefficient is mu

    Log mu: it oscillates where eta is large.

    >>> round(Multiplier(limit=0.5, value=0.2, eta=0.1).updated(0.6).value, 3)
    0.21
    """

    limit: float
    """What the mean cost may be, in its unit."""
    value: float = 0.0
    """mu, 0 or more."""
    eta: float = 0.1
    """Step size, more than 0."""
    bound: float = 0.0
    """Limit of the coefficient; 0: none."""

    def __post_init__(self) -> None:
        if not all(map(isfinite, (self.limit, self.value, self.eta, self.bound))):
            raise ConfigError("Multiplier needs finite numbers.")
        if self.value < 0 or self.eta <= 0 or self.bound < 0:
            raise ConfigError(
                "Multiplier needs value and bound of 0 or more and eta above 0, got "
                f"{self.value}, {self.bound} and {self.eta}."
            )

    @property
    def coefficient(self) -> float:
        """What a cost is multiplied by."""
        return self.bound * tanh(self.value / self.bound) if self.bound else self.value

    def updated(self, cost: float) -> "Multiplier":
        """Return the price after an iteration whose episodes cost this much on average.

        Raises:
            ConfigError: for a cost that is not finite.
        """
        if not isfinite(cost):
            raise ConfigError(f"Multiplier takes a finite mean cost, got {cost!r}.")
        value = max(0.0, self.value + self.eta * (cost - self.limit))
        return Multiplier(self.limit, value, self.eta, self.bound)
