"""Length: how long a text or a list is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar, Literal

from envgym.rewards.reading import ITEMS, TEXT, Reading, raw
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class Length(Reading):
    """The length of a text in characters, words or lines, or of a tuple in items.

    Formula: y = |x|
    Source:  cookbook A13 (ours); tokens are counted by the kernel's evidence ``tokens``
    Shapes:  a text or tuple to a scalar, per event or of the last record
    Range:   [0, inf)
    Laws:    never negative; appending never shortens

    >>> Length("message", "words").read({"message": "Two words."})
    2.0
    """

    kind: ClassVar[str] = "read.length"

    of: str = "message"
    """Key of a text or tuple."""
    unit: Literal["characters", "items", "lines", "words"] = "characters"
    """What is counted; "items" for tuples, the others for texts."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse a missing key."""
        if not self.of:
            raise ConfigError("Length.of must name a piece of evidence, got ''.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, of the type that has this unit."""
        return {self.of: ITEMS if self.unit == "items" else TEXT}

    @property
    def formula(self) -> str:
        """For instance ``words(message)``."""
        return f"{self.unit}({self.of})"

    @cached_property
    def bounds(self) -> Bounds:
        """[0, inf)."""
        return Bounds(0.0, inf)

    def read(self, record: Evidenced) -> float | None:
        """Return the length; None if it is unknown."""
        value = raw(record, self.of)
        if value is None:
            return None
        if not isinstance(value, tuple | list if self.unit == "items" else str):
            wanted = "a tuple" if self.unit == "items" else "text"
            raise EvidenceError(f"evidence '{self.of}' must be {wanted}, got {value!r}.")
        if isinstance(value, str) and self.unit != "characters":
            return float(len(value.split() if self.unit == "words" else value.splitlines()))
        return float(len(value))
