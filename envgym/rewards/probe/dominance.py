"""Dominance: does one component decide everything?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from envgym.rewards.probe.report import Report
from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Dominance:
    """Largest share of the components' variance that one component holds.

    Formula: max_k var(R_k) / sum_k var(R_k) over episodes, R_k the component's total
    Source:  cookbook section 7, component dominance (ours)
    Shapes:  R_k [episodes]
    Range:   [0, 1]; 0 if nothing varies
    Laws:    silent: rewards stay bit-identical (L10); invalid episodes do not count

    A program with one component always fails, which says that there is nothing to balance.

    >>> from envgym.rewards import Source
    >>> program = Program("p", Source("a", "episode") + 2.0 * Source("b", "episode"))
    >>> pairs = [(0, 0), (1, 0), (0, 1), (1, 1)]
    >>> episodes = [[{}, {"a": a, "b": b, "end": "task"}] for a, b in pairs]
    >>> Dominance().run(program, episodes).metric
    0.8
    """

    limit: float = 0.9
    """Highest share that passes, 0 to 1."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.limit <= 1.0:
            raise ConfigError(f"Dominance.limit must be 0 to 1, got {self.limit}.")

    def run(self, program: Program, episodes: Sequence[Sequence[Evidenced]]) -> Report:
        """Return the largest share and, in ``detail``, every component's."""
        totals: list[dict[str, float]] = []
        for records in episodes:
            books = program.replay(records)
            if books.valid:
                sums: dict[str, float] = {}
                for entry in books.ledger:
                    sums[entry.component] = sums.get(entry.component, 0.0) + entry.value
                totals.append(sums)
        names = sorted({name for sums in totals for name in sums})
        spread = {name: _variance([sums.get(name, 0.0) for sums in totals]) for name in names}
        whole = fsum(spread.values())
        shares = {name: value / whole if whole else 0.0 for name, value in spread.items()}
        top = max(shares.values(), default=0.0)
        return Report(
            probe="dominance",
            measures="largest share of the components' variance",
            metric=top,
            threshold=self.limit,
            passed=top <= self.limit,
            detail=shares,
        )


def _variance(values: Sequence[float]) -> float:
    mean = fsum(values) / len(values)
    return fsum((value - mean) ** 2 for value in values) / len(values)
