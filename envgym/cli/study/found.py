"""Found: one variant of a study with everything that was found, as tables and figures need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from envgym.agents.study.settings import Settings
from envgym.agents.study.summary import PerSeed, per_seed, rows_and_pairs
from envgym.agents.study.tally import Totals


@dataclass(frozen=True)
class Found:
    """A study of one set of parameters."""

    name: str
    """fair-threshold and so on."""
    settings: Settings
    totals: Mapping[str, Sequence[Totals]]
    """Shards by agent."""

    @property
    def horizon(self) -> int:
        """Rounds per episode."""
        return self.settings.core.horizon

    @property
    def regime(self) -> str | None:
        """The environment's regime; None: it has none."""
        return getattr(self.settings.core, "regime", None)

    @property
    def title(self) -> str:
        """Environment, regime, seeds and rounds."""
        named = self.name if self.regime is None else f"{self.name}, {self.regime}"
        return f"{named}: {self.settings.seeds} seeds, {self.horizon:,} rounds"

    @cached_property
    def per_seed(self) -> dict[str, PerSeed]:
        """Every agent's numbers, seed by seed."""
        residuals = self.settings.core.problem.residuals
        return {
            agent: per_seed(parts, self.horizon, residuals) for agent, parts in self.totals.items()
        }

    @cached_property
    def table(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Rows and pairs, each with regime and horizon."""
        variant: dict[str, Any] = {"horizon": self.horizon}
        if self.regime is not None:
            variant["regime"] = self.regime
        rows, pairs = rows_and_pairs(self.per_seed)
        return [{**row, **variant} for row in rows], [{**pair, **variant} for pair in pairs]
