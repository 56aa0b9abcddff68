"""Sum: components added up; a program's root is flattened through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import fsum
from operator import add
from typing import ClassVar

from envgym.rewards.kinds import Fold
from envgym.rewards.node import UP, Direction
from envgym.rewards.settled import Settled, linear
from envgym.rewards.signal import Bounds, Evidenced


@dataclass(frozen=True)
class Sum(Fold):
    """Add values; written ``a + b``. Weights are ``Scale`` nodes.

    Formula: y = sum_k x_k
    Source:  cookbook C1 (ours)
    Shapes:  step if every x_k is; else an episode value, step values entering as their sum
    Range:   sum of the intervals
    Laws:    up in each (L3); one child: identity (L8); linear, so every part keeps its turns

    >>> from envgym.rewards import Source
    >>> total = Sum((Source("a"), Source("b")))
    >>> total.settle([{"a": 0, "b": 0}, {"a": 1, "b": 0.5}, {"a": 0, "b": 0.25}])
    (1.75, (1.5, 0.25))
    """

    kind: ClassVar[str] = "sum"

    @property
    def default_label(self) -> str:
        """The children's labels."""
        return "+".join(child.label for child in self.of)

    def combine(self, values: Sequence[float]) -> float:
        """Return the sum."""
        return fsum(values)

    @property
    def formula(self) -> str:
        """For instance ``outcome + delta(progress) - 0.01*delta(turn)``."""
        text = " + ".join(child.formula for child in self.of)
        return text.replace("+ -", "- ")

    @cached_property
    def bounds(self) -> Bounds:
        """Sum of the children's bounds, per step or over the episode."""
        if self.scope == "step":
            return reduce(add, (child.bounds for child in self.of))
        return self.total

    @cached_property
    def total(self) -> Bounds:
        """Sum of the children's totals."""
        return reduce(add, (child.total for child in self.of))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for each."""
        return (UP,) * len(self.of)

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return all parts of all children."""
        terms = [(1.0, child.explain(records)) for child in self.of]
        return linear(terms, self.combine if self.scope == "step" else None)
