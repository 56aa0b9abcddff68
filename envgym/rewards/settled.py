"""What a node is worth at the end of an episode, and which turns earned it.

The attribution rules of the reward ledger live here: linear nodes combine their children's
attributions, a one-argument map keeps them where it is the identity, scales them if they have
one sign and otherwise gives everything to the last step, as every other node does.
"""

from collections.abc import Callable, Iterable, Sequence
from math import fsum, isfinite
from typing import NamedTuple


class Note(NamedTuple):
    """An invalid signal that was replaced on purpose."""

    event: int
    """The event it concerns."""
    node: str
    """Label of the node that was invalid."""
    policy: str
    """floor, neutral or drop."""


class Part(NamedTuple):
    """One component's share: ``amounts[e]`` was earned at event e; shape [T]."""

    component: str
    amounts: tuple[float, ...]
    gate: str | None = None
    notes: tuple[Note, ...] = ()


class Settled(NamedTuple):
    """A value and the parts whose amounts sum to it."""

    value: float
    parts: tuple[Part, ...]
    gates: tuple[tuple[str, bool], ...] = ()
    """Gates on the path taken and whether each was open, outermost first."""
    series: tuple[float, ...] | None = None
    """Values [T] of a linear step node, rounded as stepping rounds them; None: sum the parts."""

    @property
    def attribution(self) -> tuple[float, ...]:
        """The amounts summed over parts; shape [T]."""
        if self.series is not None:
            return self.series
        if len(self.parts) == 1:
            return self.parts[0].amounts
        return tuple(fsum(column) for column in zip(*(p.amounts for p in self.parts), strict=True))

    def notes(self) -> tuple[Note, ...]:
        """Return every note of every part."""
        return tuple(note for part in self.parts for note in part.notes)


def of_series(component: str, series: Sequence[float], notes: Sequence[Note] = ()) -> Settled:
    """Return a step node's settlement: each event earned its own value."""
    return Settled(fsum(series), (Part(component, tuple(series), None, tuple(notes)),))


def on_last(
    component: str,
    value: float,
    length: int,
    notes: Iterable[Note] = (),
    gates: tuple[tuple[str, bool], ...] = (),
) -> Settled:
    """Return ``value`` attributed whole to the last of ``length`` events."""
    moved = tuple(dict.fromkeys(note._replace(event=length - 1) for note in notes))
    amounts = (0.0,) * (length - 1) + (value,) if length else ()
    return Settled(value, (Part(component, amounts, None, moved),), gates)


def linear(
    terms: Sequence[tuple[float, Settled]], combine: Callable[[Sequence[float]], float] | None
) -> Settled:
    """Return the sum of factor times settlement: the same combination of attributions.

    Args:
        terms: factors and settlements.
        combine: for a step node its value at one event from its children's, so that settling
            is bit-equal to stepping (law L11); None for an episode node.

    Adding 0.0 turns a negative zero into a plain one.
    """
    series = None
    if combine is not None:
        columns = zip(*(term.attribution for _, term in terms), strict=True)
        series = tuple(combine(column) for column in columns)
    return Settled(
        fsum(factor * term.value + 0.0 for factor, term in terms),
        tuple(
            part
            if factor == 1
            else part._replace(amounts=tuple(factor * a + 0.0 for a in part.amounts))
            for factor, term in terms
            for part in term.parts
        ),
        tuple(gate for _, term in terms for gate in term.gates),
        series,
    )


def weighted(below: Settled, weights: Sequence[float]) -> Settled:
    """Return the sum over events of weight times amount, part by part."""
    parts = tuple(
        part._replace(amounts=tuple(w * a for w, a in zip(weights, part.amounts, strict=True)))
        for part in below.parts
    )
    return Settled(fsum(a for part in parts for a in part.amounts), parts, below.gates)


def through(component: str, below: Settled, value: float) -> Settled:
    """Return the settlement of a one-argument map from ``below.value`` to ``value``."""
    if value == below.value:
        return below
    attribution = below.attribution
    whole = fsum(attribution)
    if whole != 0 and _one_sign(attribution) and isfinite(factor := value / whole):
        if _one_sign([a for part in below.parts for a in part.amounts]):
            return linear([(factor, below)], None)._replace(value=value)
        # Parts that nearly cancel would be blown up: 0.62 - 0.61 under a sigmoid as 31.2 - 30.7.
        scaled = of_series(component, [factor * a + 0.0 for a in attribution], below.notes())
        return scaled._replace(value=value, gates=below.gates)
    return on_last(component, value, len(attribution), below.notes(), below.gates)


def _one_sign(amounts: Sequence[float]) -> bool:
    return all(a >= 0 for a in amounts) or all(a <= 0 for a in amounts)


def through_steps(component: str, below: Settled, value: Callable[[float], float]) -> Settled:
    """Return the settlement of a map applied to every event's value."""
    before = below.attribution
    after = tuple(value(x) for x in before)
    if after == before:
        return below
    return of_series(component, after, below.notes())


def renamed(below: Settled, component: str) -> Settled:
    """Return ``below`` with every part booked under ``component``."""
    return below._replace(parts=tuple(p._replace(component=component) for p in below.parts))


def behind(gate: str, is_open: bool, branch: Settled) -> Settled:
    """Return ``branch`` marked as decided by ``gate``; an inner gate's mark stays."""
    return Settled(
        branch.value,
        tuple(p if p.gate is not None else p._replace(gate=gate) for p in branch.parts),
        ((gate, is_open), *branch.gates),
    )
