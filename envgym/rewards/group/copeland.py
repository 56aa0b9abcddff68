"""Copeland: rollouts ranked by factors in order of importance, cycles included."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Copeland(GroupMap):
    """Share of the other rollouts that one beats, factor by factor with margins.

    Formula: i beats j at the first factor k with |z_ik - z_jk| > d_k if z_ik is larger; no such
             factor: a tie; R_i = (wins + ties / 2) / (G - 1)
    Source:  cookbook C9, HERON, arXiv 2309.02632~ (recalled); the Copeland score is ours
    Shapes:  episode values, one per factor, to [G]; each share is earned by the last step
    Range:   [0, 1]; sums to G / 2; G = 1: 0.5, that of a tie
    Laws:    equivariant under permutation (L4); a rollout that beats all others gets 1; margins
             0: the lexicographic order

    With margins above 0 the comparison can cycle: with margins (0.15, 0), (1, 0) beats
    (0.8, 0.8), which beats (0.9, 0.7), which beats (1, 0). No ranking agrees with that;
    counting wins gives the three the same. ``report`` says how many cycles of three there are.

    >>> from envgym.rewards import Source
    >>> node = Copeland((Source("tests", "episode"), Source("style", "episode")), (0.15, 0.0))
    >>> node.over([(1.0, 0.0), (0.8, 0.8), (0.9, 0.7), (0.5, 1.0)])
    (0.6666666666666666, 0.6666666666666666, 0.6666666666666666, 0.0)
    """

    kind: ClassVar[str] = "group.copeland"

    of: tuple[Node, ...]
    """Factors, most important first."""
    margins: tuple[float, ...]
    """Per factor: differences up to this do not count; 0 or more, in the factor's unit."""

    def validate(self) -> None:
        """Refuse margins that do not fit."""
        if not self.of or len(self.margins) != len(self.of):
            raise ConfigError(
                f"Copeland.margins must be one per factor, got {len(self.margins)} for "
                f"{len(self.of)}."
            )
        if any(d < 0 for d in self.margins):
            raise ConfigError(f"Copeland.margins must be 0 or more, got {list(self.margins)}.")

    @cached_property
    def bounds(self) -> Bounds:
        """A share."""
        return Bounds(0.0, 1.0)

    @property
    def formula(self) -> str:
        """For instance ``copeland(tests~0.15, style~0)``."""
        terms = zip(self.of, self.margins, strict=True)
        return f"copeland({', '.join(f'{n.formula}~{d:g}' for n, d in terms)})"

    def beats(self, one: Sequence[float], other: Sequence[float]) -> int:
        """Return 1 if the first vector of factors wins, -1 if it loses, 0 for a tie."""
        for x, y, margin in zip(one, other, self.margins, strict=True):
            if abs(x - y) > margin:
                return 1 if x > y else -1
        return 0

    def over(self, factors: Sequence[Sequence[float]]) -> tuple[float, ...]:
        """Return one share per vector of factors; [G, K]."""
        size = len(factors)
        if size < 2:
            return (0.5,) * size
        return tuple(
            sum(1 + self.beats(one, other) for j, other in enumerate(factors) if j != i)
            / (2 * (size - 1))
            for i, one in enumerate(factors)
        )

    def cycles(self, factors: Sequence[Sequence[float]]) -> int:
        """Return the number of triples in which each beats the next."""
        import numpy as np

        beaten = np.array(
            [[self.beats(one, other) > 0 for other in factors] for one in factors], dtype=np.int64
        )
        return int(np.trace(beaten @ beaten @ beaten)) // 3 if len(factors) > 2 else 0

    def compare(self, group: Group) -> Sequence[Share]:
        """Return the shares of the members; leaves ranks and cycles in the report."""
        factors = [member.values for member in group.members]
        shares = self.over(factors)
        group.report[self.key] = {
            "shares": {m.id: s for m, s in zip(group.members, shares, strict=True)},
            "cycles_of_three": self.cycles(factors),
        }
        return shares
