"""SpreadUniform: every turn earned the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from envgym.rewards.kinds import Spread
from envgym.rewards.signal import Evidenced


@dataclass(frozen=True)
class SpreadUniform(Spread):
    """Give every event the same share.

    Formula: a_t = R / T
    Source:  cookbook 1.2 (ours)
    Shapes:  R scalar, a [T]
    Range:   hull of 0 and that of R
    Laws:    exact: sum a = R; up (L3); T = 1: identity (L8)

    >>> from envgym.rewards import Source
    >>> outcome = Source("outcome", "episode")
    >>> SpreadUniform(outcome).settle([{}, {}, {"outcome": 1.0}])
    (1.0, (0.5, 0.5))
    """

    kind: ClassVar[str] = "spread.uniform"

    def shares(self, records: Sequence[Evidenced]) -> tuple[float, ...]:
        """Return 1 / T everywhere."""
        return (1.0 / (len(records) - 1),) * (len(records) - 1)
