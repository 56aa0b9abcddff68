"""SpreadLast: the last turn earned it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from envgym.rewards.kinds import Spread
from envgym.rewards.signal import Evidenced


@dataclass(frozen=True)
class SpreadLast(Spread):
    """Give the whole value to the last event.

    Formula: a_t = R * [t = T - 1]
    Source:  cookbook 1.2 (ours)
    Shapes:  R scalar, a [T]
    Range:   hull of 0 and that of R
    Laws:    exact: sum a = R; up (L3)

    >>> from envgym.rewards import ReduceSum, Source
    >>> bonus = ReduceSum(Source("bonus"))
    >>> SpreadLast(bonus).settle([{"bonus": b} for b in (0, 0.5, 0.25)])
    (0.75, (0.0, 0.75))
    """

    kind: ClassVar[str] = "spread.last"

    def shares(self, records: Sequence[Evidenced]) -> tuple[float, ...]:
        """Return 1 at the end, 0 before."""
        return (0.0,) * (len(records) - 2) + (1.0,)
