"""Product: penalties and conditions that multiply."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import prod
from operator import mul
from typing import ClassVar

from envgym.rewards.kinds import Fold
from envgym.rewards.node import NO_PROMISE, UP, Direction
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class Product(Fold):
    """Multiply values; written ``a * b``.

    Formula: y = prod_k x_k
    Source:  cookbook C6 (recalled: arXiv 2504.17838~)
    Shapes:  of one scope, step or episode; an episode's product is earned by the last step
    Range:   product of the intervals
    Laws:    commutes; up in each if all are non-negative (L3); one child: identity (L8)

    >>> from envgym.rewards import Source
    >>> Product((Source("progress"), Source("safety"))).combine([0.05, 0.5])
    0.025
    """

    kind: ClassVar[str] = "product"

    def validate(self) -> None:
        """Refuse a mixture of scopes."""
        super().validate()
        self.one_scope()

    @property
    def default_label(self) -> str:
        """The children's labels."""
        return "*".join(child.label for child in self.of)

    def combine(self, values: Sequence[float]) -> float:
        """Return the product."""
        return prod(values)

    @property
    def formula(self) -> str:
        """For instance ``progress * safety``."""
        return "*".join(f"({c.formula})" if " " in c.formula else c.formula for c in self.of)

    @cached_property
    def bounds(self) -> Bounds:
        """Product of the children's bounds."""
        return reduce(mul, (child.bounds for child in self.of))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for each where nothing is negative, else no promise."""
        calm = all(child.bounds.lo >= 0 for child in self.of)
        return (UP if calm else NO_PROMISE,) * len(self.of)
