"""SpreadWeights: turns earned in proportion to a step value."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import ClassVar

from envgym.rewards.kinds import Spread
from envgym.rewards.node import Node
from envgym.rewards.signal import Evidenced
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class SpreadWeights(Spread):
    """Give every event a share in proportion to a non-negative step value.

    Formula: a_t = R * w_t / sum_s w_s; all w zero: R / T
    Source:  cookbook 1.2 (ours)
    Shapes:  R scalar, w [T], a [T]
    Range:   hull of 0 and that of R
    Laws:    exact: sum a = R; does not depend on the scale of w; equal w: SpreadUniform (L8)

    >>> from envgym.rewards import Source
    >>> outcome = Source("outcome", "episode")
    >>> by = Source("edits", lo=0)
    >>> steps = [{"edits": 0}, {"edits": 1}, {"edits": 3, "outcome": 1.0}]
    >>> SpreadWeights(outcome, by).settle(steps)
    (1.0, (0.25, 0.75))
    """

    kind: ClassVar[str] = "spread.weights"

    by: Node
    """Step value with lower bound 0 or more."""

    def validate(self) -> None:
        """Refuse weights that may be negative or are one number."""
        if self.by.scope != "step" or self.by.bounds.lo < 0:
            raise ConfigError(
                f"SpreadWeights.by must be a step value that is never negative; "
                f"'{self.by.label}' is a {self.by.scope} value in {self.by.bounds}."
            )

    @property
    def formula(self) -> str:
        """For instance ``spread.weights(outcome, edits)``."""
        return f"{self.kind}({self.of.formula}, {self.by.formula})"

    def shares(self, records: Sequence[Evidenced]) -> tuple[float, ...]:
        """Return the normalised weights."""
        weights = self.by.explain(records).attribution
        top = max(weights)
        if top == 0:
            return (1.0 / len(weights),) * len(weights)
        # Dividing by the largest first keeps the sum finite.
        scaled = [w / top for w in weights]
        whole = fsum(scaled)
        return tuple(w / whole for w in scaled)
