"""Same: equality of two pieces of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from envgym.rewards.read.words import normalised
from envgym.rewards.reading import Reading, raw
from envgym.rewards.signal import Bounds, Evidenced, Scope

_ANYTHING = frozenset({"bool", "int", "float", "str", "tuple"})


@dataclass(frozen=True)
class Same(Reading):
    """1 if two pieces of evidence are equal, else 0.

    Formula: y = [a = b], of texts as they are or normalised
    Source:  cookbook A3, A16 (ours)
    Shapes:  two values to a scalar, per event or of the last record
    Range:   {0, 1}
    Laws:    symmetric; the same value on both sides: 1 (L8); True is not 1

    >>> Same("action_type", "gold_type").read({"action_type": "click", "gold_type": "click"})
    1.0
    """

    kind: ClassVar[str] = "read.same"

    one: str
    """A key."""
    other: str
    """Another key."""
    normalise: bool = False
    """Whether texts are compared in lower case, without punctuation and articles."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both keys, of any type."""
        return {self.one: _ANYTHING, self.other: _ANYTHING}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return 1.0 or 0.0; None if one side is unknown."""
        one, other = raw(record, self.one), raw(record, self.other)
        if one is None or other is None:
            return None
        if self.normalise and isinstance(one, str) and isinstance(other, str):
            plain = normalised(one), normalised(other)
            if any(plain):  # "+" and "-" have no words: those are compared as they are
                return float(plain[0] == plain[1])
        return float(equal(one, other))


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal as JSON: 1 and 1.0 are, True and 1 are not.

    >>> equal((1, "a"), [1.0, "a"]), equal(True, 1)
    (True, False)
    """
    return bool(typed(one) == typed(other))


def typed(value: Any) -> Any:
    """Return a value that compares with ``==`` as its JSON does; lists become tuples."""
    if isinstance(value, tuple | list):
        return tuple(map(typed, value))
    return ("bool", value) if isinstance(value, bool) else value
