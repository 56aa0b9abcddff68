"""Source: one number of evidence; and Constant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite
from sys import float_info
from typing import Any, ClassVar

from envgym.rewards.node import Node
from envgym.rewards.phases import Phase
from envgym.rewards.reading import NUMBERS, SLACK, Reading, raw
from envgym.rewards.settled import Settled, on_last
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class Source(Reading):
    """The value of one evidence key: a number, or a bool as 0 or 1.

    Formula: step scope: y_e = record[e + 1][key]; episode scope: y = last record[key]
    Source:  cookbook 1.2 (ours)
    Shapes:  step scope [T]; episode scope a scalar, earned by the last step
    Range:   [lo, hi]; a value outside is an EvidenceError, since somebody declared otherwise
    Laws:    None and non-finite numbers are invalid, never 0

    >>> Source("progress").settle([{"progress": 0.0}, {"progress": 0.5}])
    (0.5, (0.5,))
    """

    kind: ClassVar[str] = "source"

    key: str
    """Name of the evidence."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""
    lo: float = -inf
    """Lowest value, inclusive."""
    hi: float = inf
    """Highest value, inclusive."""

    def validate(self) -> None:
        """Refuse an empty key and reversed bounds."""
        if not self.key:
            raise ConfigError("Source.key must name a piece of evidence, got ''.")
        if not (self.lo <= self.hi and self.lo < inf and self.hi > -inf):
            raise ConfigError(
                f"Source.lo of '{self.key}' must not exceed hi, got {self.lo} and {self.hi}."
            )

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a number or bool."""
        return {self.key: NUMBERS}

    @property
    def default_label(self) -> str:
        """The key."""
        return self.key

    @property
    def formula(self) -> str:
        """The key."""
        return self.key

    @cached_property
    def bounds(self) -> Bounds:
        """As declared."""
        return Bounds(self.lo, self.hi)

    @cached_property
    def _inside(self) -> tuple[float, float]:
        # An infinite value passes no finite limit, so one comparison also catches it.
        return max(self.lo, -float_info.max), min(self.hi, float_info.max)

    def read(self, record: Evidenced) -> float | None:
        """Return the value in ``record``; None if it is invalid.

        Raises:
            EvidenceError: if the key is missing, not a number, or out of bounds.
        """
        try:
            value = record[self.key]
        except KeyError:
            raw(record, self.key)
            raise
        if value is None:
            return None
        lo, hi = self._inside
        try:
            if lo <= value <= hi:
                return value + 0.0  # type: ignore[no-any-return]
        except TypeError:
            pass
        return self._odd(value)

    checked = read  # it checks the bounds itself

    def _odd(self, value: Any) -> float | None:
        try:
            number = float(value) if not isinstance(value, str) else None
        except OverflowError:  # an integer that no float can hold
            return None
        except (TypeError, ValueError):
            number = None
        if number is None:
            raise EvidenceError(
                f"evidence '{self.key}' must be a number or bool, got {value!r:.80}."
            )
        if not isfinite(number):
            return None
        if self.lo - SLACK <= number <= self.hi + SLACK:
            return min(max(number, self.lo), self.hi)
        raise EvidenceError(
            f"evidence '{self.key}' is {number!r}, outside its declared bounds {self.bounds}."
        )


@dataclass(frozen=True)
class Constant(Node):
    """A fixed number per episode, earned by the last step.

    >>> Constant(0.5).settle([{}, {}, {}])
    (0.5, (0.0, 0.5))
    """

    kind: ClassVar[str] = "constant"
    own_phase: ClassVar[Phase] = "terminal"

    amount: float = 0.0
    """The number."""

    @property
    def scope(self) -> Scope:
        """Always "episode"."""
        return "episode"

    @property
    def formula(self) -> str:
        """The number."""
        return f"{self.amount:g}"

    @cached_property
    def bounds(self) -> Bounds:
        """The number itself."""
        return Bounds(self.amount, self.amount)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the number."""
        return on_last(self.label, self.amount, len(records) - 1)
