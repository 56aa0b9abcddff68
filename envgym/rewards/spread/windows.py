"""Windows: each step judged alone and together with its neighbours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import fsum
from typing import ClassVar

from envgym.rewards.kinds import Unary
from envgym.rewards.node import UP, Direction, Node
from envgym.rewards.phases import Phase
from envgym.rewards.settled import Settled, of_series
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope
from envgym.rewards.spread.running import running
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Windows(Unary):
    """The mean score of all windows of neighbouring steps that contain a step.

    Formula: y_t = mean of the scores of windows [a, a + k) with a <= t < a + k <= T and
             k = 1, ..., W
    Source:  cookbook E18, hierarchical reward model (inferred; all windows alike is ours)
    Shapes:  x [T] scores of single steps; merged[j] at event t the score of the j + 2 steps that
             end there; y [T]
    Range:   hull of the scores'
    Laws:    free, within the range of the scores; no merged scores: identity (L8); equal
             scores: unchanged; up in every score (L3)

    A step that is wrong alone but corrected by the next one is judged with its correction, so
    correcting oneself is not punished. A merged score at an event with too few steps before it
    is not read and may be invalid.

    >>> from envgym.rewards import Source
    >>> rows = [{}, {"one": 0.25, "two": None}, {"one": 0.75, "two": 0.75}]
    >>> Windows(Source("one"), (Source("two"),)).settle([{"one": 0, "two": 0}, *rows[1:]])[1]
    (0.5, 0.75)
    """

    kind: ClassVar[str] = "spread.windows"
    own_phase: ClassVar[Phase] = "terminal"

    merged: tuple[Node, ...] = ()
    """Scores of 2, 3, ... steps that end at the event."""

    def validate(self) -> None:
        """Refuse scores without a value at every event."""
        for node in (self.of, *self.merged):
            if node.phase != "online":
                raise ConfigError(
                    f"Windows needs online step values; '{node.label}' is {node.phase}."
                )

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @property
    def formula(self) -> str:
        """For instance ``spread.windows(one, two)``."""
        return f"{self.kind}({', '.join(child.formula for child in self.children)})"

    @cached_property
    def bounds(self) -> Bounds:
        """The hull of the scores'."""
        return reduce(Bounds.hull, (child.bounds for child in self.children))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for each."""
        return (UP,) * len(self.children)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return each step's mean, earned by itself."""
        columns = [running(child, records) for child in self.children]

        def score(first: int, after: int) -> float:
            value = columns[after - first - 1][0][after]
            if value is None:
                child = self.children[after - first - 1]
                raise InvalidSignal(child.culprit(records[after]) or child.label)
            return value

        means = window_scores(score, len(records) - 1, len(self.children))
        return of_series(self.label, means, [n for _, notes in columns for n in notes])


def window_scores(score: Callable[[int, int], float], length: int, width: int = 2) -> list[float]:
    """Return each step's mean over the windows that contain it; [length].

    Args:
        score: ``score(first, after)`` judges steps first to after - 1 as one; asked once per
            window.
        length: T.
        width: longest window, 1 or more.

    >>> [round(y, 3) for y in window_scores(lambda a, b: float(b - a), 3)]
    [1.5, 1.667, 1.5]
    """
    if width < 1:
        raise ConfigError(f"window_scores.width must be 1 or more, got {width!r}.")
    found: list[list[float]] = [[] for _ in range(length)]
    for size in range(1, min(width, length) + 1):
        for first in range(length - size + 1):
            value = score(first, first + size)
            for t in range(first, first + size):
                found[t].append(value)
    return [fsum(values) / len(values) for values in found]
