"""Baselines per game and role, so that a seat's own luck is not mistaken for skill."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any, NamedTuple

from envgym.types.errors import ConfigError


class Average(NamedTuple):
    """A moving average that started at 0, and how many values went in."""

    raw: float
    values: int


@dataclass(frozen=True)
class RoleBaseline:
    """Return what each role of each game has been earning; a value, changed by replacing it.

    Formula: raw <- decay * raw + (1 - decay) * r, from 0;  baseline = raw / (1 - decay ** count)
             if ``bias_free``, else raw;  0.0 before the first value
    Source:  SPIRAL, games 3 (seen: role-conditioned averages with decay .95, read before the
             update); dividing out the start at 0 is ours, ``bias_free=False`` leaves it out
    Range:   within the values that went in (with 0, unless ``bias_free``)
    Laws:    constant returns give that constant at once (``bias_free``); roles and games do not
             touch each other; a role's first return is compared with 0.0

    **Read first, then update.** The baseline of a return must not contain it: an average that
    already holds (1 - decay) of the return takes part of the advantage away and makes the policy
    gradient biased.

    >>> first = RoleBaseline()
    >>> second = first.update("kuhn", 0, 2.0)
    >>> first.read("kuhn", 0), round(second.read("kuhn", 0), 9), second.read("kuhn", 1)
    (0.0, 2.0, 0.0)
    """

    decay: float = 0.95
    """Share of the old average that each value leaves, 0 <= decay < 1."""
    bias_free: bool = True
    """Divide out the start at 0."""
    averages: Mapping[tuple[str, int], Average] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By (game, role); absent before the first value."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.decay < 1.0:
            raise ConfigError(f"decay must be at least 0 and less than 1, got {self.decay!r}.")

    def read(self, game: str, role: int) -> float:
        """Return the baseline of a role, in the unit of its returns."""
        raw, count = self.averages.get((game, role), Average(0.0, 0))
        if count == 0:
            return 0.0
        return raw / (1.0 - self.decay**count) if self.bias_free else raw

    def update(self, game: str, role: int, value: float) -> "RoleBaseline":
        """Return the baseline after one more return, or the mean of one batch of returns.

        Raises:
            ConfigError: ``value`` is not finite: an invalid episode has no return.
        """
        if not isfinite(value):
            raise ConfigError(f"the return of role {role} in '{game}' must be finite, got {value}.")
        raw, count = self.averages.get((game, role), Average(0.0, 0))
        new = Average(self.decay * raw + (1.0 - self.decay) * value, count + 1)
        return replace(self, averages=MappingProxyType({**self.averages, (game, role): new}))

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON, so that a checkpoint can hold it."""
        return {
            "decay": self.decay,
            "bias_free": self.bias_free,
            "averages": [[game, role, *each] for (game, role), each in self.averages.items()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RoleBaseline":
        """Return the baseline that ``to_json`` wrote.

        Raises:
            ConfigError: a field is missing or malformed.
        """
        try:
            averages = {
                (str(game), int(role)): Average(float(raw), int(count))
                for game, role, raw, count in data["averages"]
            }
            return cls(float(data["decay"]), bool(data["bias_free"]), MappingProxyType(averages))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"this is no RoleBaseline: {error!r}.") from None
