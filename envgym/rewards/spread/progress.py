"""SpreadProgress: an estimator of progress says who earned the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import ClassVar

from envgym.rewards.kinds import Spread
from envgym.rewards.node import Node
from envgym.rewards.settled import Settled, of_series
from envgym.rewards.signal import ZERO, Bounds, Evidenced
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class SpreadProgress(Spread):
    """Give every event its estimated progress, and all alike what the estimate missed.

    Formula: a_t = c_t + (R - sum_s c_s) / T
    Source:  cookbook E1, SPA-RL, arXiv 2505.20732 (seen: WangHanLinHenry/SPA-RL-Agent for
             fitting sum c = R; spreading the rest evenly is ours)
    Shapes:  R scalar, c [T] of either sign, a [T]
    Range:   [lo_c - hi_c, hi_c - lo_c] plus the hull of 0 and that of R
    Laws:    exact: sum a = R whatever the estimate; a perfect fit (sum c = R): a = c (L8);
             equal c: SpreadUniform; unchanged by c + constant

    >>> from envgym.rewards import Source
    >>> rows = [{"c": 0}, {"c": 0.25}, {"c": 0.5, "outcome": 1.0}]
    >>> SpreadProgress(Source("outcome", "episode"), Source("c")).settle(rows)
    (1.0, (0.375, 0.625))
    """

    kind: ClassVar[str] = "spread.progress"

    by: Node
    """Step value: the estimate of each step's contribution."""

    def validate(self) -> None:
        """Refuse an estimate that is one number."""
        if self.by.scope != "step":
            raise ConfigError(
                f"SpreadProgress.by must be a step value; '{self.by.label}' is one number per "
                "episode."
            )

    @property
    def formula(self) -> str:
        """For instance ``spread.progress(outcome, estimate)``."""
        return f"{self.kind}({self.of.formula}, {self.by.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """How far an estimate may lie from the mean, plus a share of the value."""
        return (self.by.bounds - self.by.bounds) + self.of.total.hull(ZERO)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the child's value, spread."""
        below = self.of.explain(records)
        if len(records) < 2:
            return below
        estimate = self.by.explain(records)
        guess = estimate.attribution
        rest = (below.value - fsum(guess)) / len(guess)
        notes = [note._replace(event=len(records) - 2) for note in below.notes()]
        spread = of_series(self.label, [c + rest for c in guess], (*notes, *estimate.notes()))
        return spread._replace(value=below.value, gates=below.gates)
