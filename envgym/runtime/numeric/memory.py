"""What a text view remembers for the agent: nothing, a table of tried actions, or every round."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any

from envgym.types.bandit import Outcome, Problem

MEMORIES = ("none", "table", "raw")
RADIUS = 0.25
"""Scale c of the intervals shown, as in Optimistic Feasible Search."""
_DELTA = 0.05
_ROWS = 40
"""Rows of a table at most; the least and longest ago tried are left out."""


@dataclass(frozen=True, slots=True)
class Column:
    """One number of an outcome, as tables and lines show it."""

    title: str
    """Heading, lower case."""
    key: str = "reward"
    """"reward", or the name of a residual."""
    digits: int = 3
    """Decimals."""
    sign: float = 1.0
    """Factor on what is shown."""
    shift: float = 0.0
    """Added after the factor: a residual gap - 0.05 is shown as the gap with 0.05."""


@dataclass(slots=True)
class Memory:
    """The revealed outcomes of one episode. Picklable."""

    problem: Problem
    columns: Sequence[Column]
    counts: dict[Hashable, int] = field(default_factory=dict)
    """Revealed rounds per action."""
    sums: dict[Hashable, list[float]] = field(default_factory=dict)
    """Sums per action and column."""
    log: list[tuple[int, Hashable, tuple[float, ...]]] = field(default_factory=list)
    """(round, action, values by column), oldest first."""

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take what was revealed about played rounds."""
        names = self.problem.residuals
        for outcome in outcomes:
            if outcome.round < 0:
                continue
            action = _key(outcome.action)
            values = []
            for column in self.columns:
                value: Any = outcome.reward
                if column.key != "reward":
                    value = outcome.residuals[names.index(column.key)]
                if hasattr(value, "__len__"):  # full feedback: the action's own entry
                    value = value[action]
                values.append(column.sign * float(value) + column.shift)
            self.counts[action] = self.counts.get(action, 0) + 1
            sums = self.sums.setdefault(action, [0.0] * len(values))
            for i, value in enumerate(values):
                sums[i] += value
            self.log.append((int(outcome.round), action, tuple(values)))

    def table(self, word: Callable[[Any], str]) -> str:
        """Return the tried actions with counts, means and half-widths of intervals."""
        if not self.counts:
            return ""
        # Of equally tried ones the latest: where points are never tried twice, the news.
        latest = {action: place for place, (_, action, _) in enumerate(self.log)}
        most = sorted(self.counts, key=lambda a: (-self.counts[a], -latest[a]))[:_ROWS]
        lines = ["action | tries | " + " | ".join(f"mean {c.title}" for c in self.columns)]
        for action in sorted(most, key=_order):
            count = self.counts[action]
            cells = [
                f"{total / count:.{column.digits}f} ± {self._radius(column, count):.{column.digits}f}"
                for column, total in zip(self.columns, self.sums[action], strict=True)
            ]
            lines.append(f"{word(action)} | {count} | " + " | ".join(cells))
        if len(most) < len(self.counts):
            lines.append(
                f"({len(self.counts) - len(most)} more actions, tried less often or longer ago)"
            )
        return "\n".join(lines)

    def raw(self, word: Callable[[Any], str]) -> str:
        """Return every revealed round, one per line."""
        return "\n".join(
            f"round {number + 1}: {word(action)} gave "
            + ", ".join(
                f"{column.title} {value:.{column.digits}f}"
                for column, value in zip(self.columns, values, strict=True)
            )
            for number, action, values in self.log
        )

    def _radius(self, column: Column, count: int) -> float:
        problem = self.problem
        scale = problem.scale
        if column.key != "reward":
            scale = problem.residual_scales[problem.residuals.index(column.key)]
        arms = max(problem.actions, len(self.counts))
        width = log(2 * arms * problem.horizon / _DELTA)
        return RADIUS * scale * abs(column.sign) * sqrt(2 * width / count)


def _key(action: Any) -> Hashable:
    if hasattr(action, "tolist"):
        action = action.tolist()
    return tuple(action) if isinstance(action, list) else action


def _order(action: Any) -> Any:
    return action if isinstance(action, tuple) else (action,)
