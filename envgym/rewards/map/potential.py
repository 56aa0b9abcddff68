"""Potential: shaping that leaves the best policy as it was."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from envgym.rewards.kinds import Recall
from envgym.rewards.node import State
from envgym.rewards.signal import ZERO, Bounds, Evidenced
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class Potential(Recall):
    """Potential-based reward shaping (PBRS).

    Formula: F_t = gamma * Phi(s_{t+1}) - Phi(s_t), Phi of a final state = 0
    Source:  cookbook B7 (seen: MiRA note, arXiv 2603.19685; policy invariance is classic)
    Shapes:  Phi [T + 1], F [T]
    Range:   gamma * hull([lo, hi], 0) - [lo, hi], and 0
    Laws:    sum over t of gamma**t * F_t = -Phi(s_0), the same for every policy that ends;
             any loop gains nothing for gamma = 1; gamma = 0 and Phi = 0: zeros (L8)

    A task's end and a budget's end both have potential 0: a potential kept at the budget's end
    would pay an agent for stalling. An external cut has no final record, so what was emitted
    stands.

    >>> from envgym.rewards import Source
    >>> steps = [{"progress": p, "end": None} for p in (0.0, 0.5)]
    >>> Potential(Source("progress")).settle([*steps, {"progress": 1.0, "end": "task"}])
    (0.0, (0.5, -0.5))
    """

    kind: ClassVar[str] = "potential"

    gamma: float = 1.0
    """Discount of the trainer, 0 to 1; 1 for one that adds rewards up, as group estimators do:
    with another one, waiting in a state of negative potential pays."""
    on_truncation: Literal["zero", "keep"] = "zero"
    """Potential of the state in which a budget ran out; "keep" is for critics that bootstrap."""

    def validate(self) -> None:
        """Refuse a discount outside [0, 1]."""
        super().validate()
        if not 0.0 <= self.gamma <= 1.0:
            raise ConfigError(f"Potential.gamma must be 0 to 1, got {self.gamma}.")

    def step(self, state: State, record: Evidenced) -> tuple[State, float | None]:
        """Return F of the transition into ``record``."""
        if state is None:
            return self.prime(record)
        inner, last = state
        inner, x = self.of.step(inner, record)
        if x is None:
            return (inner, last), None
        try:
            end = record["end"]
        except KeyError:
            raise EvidenceError("the record lacks 'end', which a potential needs.") from None
        if end is not None and not (end == "budget" and self.on_truncation == "keep"):
            return (inner, x), (None if last is None else 0.0 - last)
        return (inner, x), (None if last is None else self.gamma * x - last)

    @property
    def formula(self) -> str:
        """For instance ``potential(progress)``."""
        extra = "" if self.gamma == 1 else f", gamma={self.gamma:g}"
        kept = "" if self.on_truncation == "zero" else ", keep"
        return f"potential({self.of.formula}{extra}{kept})"

    @cached_property
    def bounds(self) -> Bounds:
        """Of one transition, into a final state or not, and of reset, where nothing is paid."""
        return (self.of.bounds.scaled(self.gamma).hull(ZERO) - self.of.bounds).hull(ZERO)

    @cached_property
    def total(self) -> Bounds:
        """For gamma = 1 the sum telescopes; otherwise a sum over any number of steps."""
        return self.bounds if self.gamma == 1 else self.bounds.over_steps()
