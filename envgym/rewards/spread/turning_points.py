"""TurningPoints: the step that turned the episode earns what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from envgym.rewards.kinds import Unary
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope
from envgym.rewards.spread.running import running
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class TurningPoints(Unary):
    """Changes of a completion value, except that a turning point earns all that followed.

    Formula: d_t = V_t - V_{t-1}, D = V_T - V_0; t is a turning point if sign(d_{t-1}) !=
             sign(D), sign(d_t) = sign(D) and sign(V_T - V_t) = sign(d_t); it earns
             V_T - V_{t-1}, every other step d_t. The first step is none, as nothing turned
             before it (ours).
    Source:  cookbook E9, TurningPoint-GRPO (seen: YunzeTong/TurningPoint-GRPO)
    Shapes:  V [T + 1], what completing the task from each state is worth; r [T]
    Range:   [lo - hi, hi - lo]
    Laws:    without a turning point telescoping: the sum is D; else free, each step's reward
             within the range; V constant: zeros (L8); unchanged by V + c

    >>> from envgym.rewards import Source
    >>> values = [{"v": v} for v in (0.25, 0.125, 0.375, 0.5)]
    >>> TurningPoints(Source("v")).settle(values)[1]
    (-0.125, 0.375, 0.125)
    """

    kind: ClassVar[str] = "spread.turning_points"
    own_phase: ClassVar[Phase] = "terminal"

    def validate(self) -> None:
        """Refuse children without a value at every record, reset's included."""
        if self.of.phase != "online":
            raise ConfigError(
                "TurningPoints.of must be an online step value; "
                f"'{self.of.label}' is {self.of.phase}."
            )

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @property
    def formula(self) -> str:
        """For instance ``turning_points(value)``."""
        return f"turning_points({self.of.formula})"

    @cached_property
    def bounds(self) -> Bounds:
        """The widest difference."""
        return self.of.bounds - self.of.bounds

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return each step's reward, earned by itself."""
        values, notes = running(self.of, records)
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            missing = records[values.index(None)]
            raise InvalidSignal(self.of.culprit(missing) or self.of.label)
        return of_series(self.label, turning_rewards(known), notes)


def turning_rewards(values: Sequence[float]) -> list[float]:
    """Return the rewards [T] of one path from the values [T + 1] of its states.

    >>> [round(r, 3) for r in turning_rewards([0.2, 0.1, 0.4, 0.5])]
    [-0.1, 0.4, 0.1]
    """
    changes = [after - before for before, after in pairwise(values)]
    turned = set(turning_points(values))
    return [values[-1] - values[t] if t in turned else d for t, d in enumerate(changes)]


def turning_points(values: Sequence[float]) -> list[int]:
    """Return the events [0, T) at which the path turned for good.

    >>> turning_points([0.2, 0.1, 0.4, 0.5])
    [1]
    """
    if len(values) < 3:
        return []
    last = values[-1]
    goal = _sign(last - values[0])
    steps = [_sign(after - before) for before, after in pairwise(values)]
    return [
        t
        for t in range(1, len(steps))
        if steps[t - 1] != goal and steps[t] == goal == _sign(last - values[t + 1])
    ]


def _sign(x: float) -> int:
    return int(x > 0) - int(x < 0)  # NumPy's bools cannot be subtracted
