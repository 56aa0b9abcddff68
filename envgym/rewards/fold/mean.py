"""Mean: a weighted mean of channels, some of which may be missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import fsum
from operator import add
from typing import ClassVar

from envgym.rewards.kinds import Fold
from envgym.rewards.map.on_invalid import OnInvalid
from envgym.rewards.node import UP, Direction, Node, State
from envgym.rewards.settled import Note, Settled, linear
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Mean(Fold):
    """Weighted mean; the one place where an invalid channel may be dropped.

    Formula: y = sum_k w_k * x_k / sum_k w_k over the channels that answered
    Source:  cookbook A8, C1 and 1.4 (inferred; weights ours)
    Shapes:  of one scope, step or episode
    Range:   weighted mean of the intervals; their hull if a channel may be dropped
    Laws:    up in each (L3); does not depend on the weights' scale; one child: identity (L8)

    >>> from envgym.rewards import Source
    >>> rubric = Mean((Source("a"), Source("b"), Source("c")), weights=(2, 1, 1))
    >>> rubric.combine([1, 0, 1])
    0.75
    """

    kind: ClassVar[str] = "mean"

    weights: tuple[float, ...] = ()
    """One positive number per child; empty: equal."""

    def validate(self) -> None:
        """Refuse weights that do not fit."""
        super().validate()
        self.one_scope()
        if self.weights and len(self.weights) != len(self.of):
            raise ConfigError(
                f"Mean.weights must be one per node, got {len(self.weights)} for {len(self.of)}."
            )
        if any(w <= 0 for w in self.weights):
            raise ConfigError(f"Mean.weights must be positive, got {list(self.weights)}.")

    @cached_property
    def _shares(self) -> tuple[float, ...]:
        weights = self.weights or (1.0,) * len(self.of)
        whole = fsum(weights)
        return tuple(w / whole for w in weights)

    @cached_property
    def _may_drop(self) -> bool:
        return any(_droppable(child) for child in self.of)

    def combine(self, values: Sequence[float]) -> float:
        """Return the weighted mean."""
        return fsum(w * x for w, x in zip(self._shares, values, strict=True))

    @property
    def formula(self) -> str:
        """For instance ``mean(2*a, 1*b)``."""
        if not self.weights:
            return f"mean({', '.join(child.formula for child in self.of)})"
        terms = zip(self.weights, self.of, strict=True)
        return f"mean({', '.join(f'{w:g}*{child.formula}' for w, child in terms)})"

    @cached_property
    def bounds(self) -> Bounds:
        """Weighted mean of the children's bounds, or their hull."""
        if self._may_drop:
            return reduce(Bounds.hull, (child.bounds for child in self.of))
        terms = zip(self._shares, self.of, strict=True)
        return reduce(add, (child.bounds.scaled(w) for w, child in terms))

    def directions(self) -> tuple[Direction, ...]:
        """Return "up" for each."""
        return (UP,) * len(self.of)

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return the mean of the channels that answered; None if none did or one must."""
        pairs = [child.step(s, record) for child, s in zip(self.of, state, strict=True)]
        after = tuple(s for s, _ in pairs)
        answers: list[tuple[float, float]] = []
        for share, child, (_, x) in zip(self._shares, self.of, pairs, strict=True):
            if x is not None:
                answers.append((share, x))
            elif not _droppable(child):
                return after, None
        if not answers:
            return after, None
        return after, _normalised(answers, len(self.of))

    def attribute(self, records: Sequence[Evidenced]) -> Settled:
        """Return the same combination of the parts of the channels that answered."""
        if self.phase == "online" and self._may_drop:
            return self.run(records)
        answers: list[tuple[float, Settled]] = []
        dropped: list[Note] = []
        for share, child in zip(self._shares, self.of, strict=True):
            try:
                answers.append((share, child.explain(records)))
            except InvalidSignal:
                if not _droppable(child):
                    raise
                dropped.append(Note(len(records) - 2, child.label, "drop"))
        if not answers:
            raise InvalidSignal(self.label)
        # The shares of all channels sum to 1 up to rounding: divide only if one is missing.
        whole = fsum(share for share, _ in answers) if dropped else 1.0
        settled = linear(
            [(share / whole, below) for share, below in answers],
            self.combine if self.scope == "step" and not dropped else None,
        )
        notes = tuple(dropped)
        return settled._replace(
            parts=tuple(part._replace(notes=part.notes + notes) for part in settled.parts)
        )


def _droppable(child: Node) -> bool:
    return isinstance(child, OnInvalid) and child.policy == "drop"


def _normalised(answers: Sequence[tuple[float, float]], channels: int) -> float:
    whole = 1.0 if len(answers) == channels else fsum(share for share, _ in answers)
    return fsum(share * x for share, x in answers) / whole
