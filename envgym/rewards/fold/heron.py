"""heron: factors in order of importance, as one number that cannot cycle."""

from collections.abc import Sequence
from math import floor

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError

_SNAP = 1e-9
"""Added before flooring: 0.3 / 0.1 is 2.9999999999999996 in float64."""
_MOST = 2**40
"""Buckets of all factors together that a float64 keeps apart, with room for the last factor."""


def heron(factors: Sequence[Node], margins: Sequence[float], *, name: str = "heron") -> Node:
    """Return factors as digits of one number, the most important first.

    Formula: b_k = floor((z_k - lo_k) / d_k), of n_k buckets; R = sum_k b_k * prod_{j > k} n_j,
             divided by its largest value; a last factor with d = 0 adds half a bucket at most
    Source:  cookbook C9, HERON, arXiv 2309.02632~ (recalled); the positional code is ours
    Shapes:  of one scope, with finite bounds
    Range:   [0, 1]
    Laws:    up in each (L3); transitive, as it is a number; a higher bucket of one factor beats
             anything that less important factors can do

    HERON's own rule compares factor by factor and moves on where the difference is within the
    margin. With margins above 0 that rule can cycle, see ``Copeland``. Buckets cannot, at a
    price: two values closer than the margin may fall on both sides of an edge.

    Args:
        factors: most important first.
        margins: width of a bucket per factor, in its unit; only the last may be 0.
        name: component in the ledger.

    Raises:
        ConfigError: if the numbers do not fit, a factor has no finite bounds, or there are more
            buckets than a float64 can tell apart.

    >>> from envgym.rewards import Source
    >>> tests, style = (Source(key, "episode", lo=0, hi=1) for key in ("tests", "style"))
    >>> node = heron([tests, style], (0.5, 0.0))
    >>> cases = [(0.4, 1.0), (0.6, 0.0), (1.0, 0.0)]
    >>> [round(node.settle([{}, {"tests": t, "style": s}])[0], 3) for t, s in cases]
    [0.2, 0.4, 0.8]
    """
    if not factors or len(factors) != len(margins):
        raise ConfigError(
            f"heron needs one margin per factor, got {len(factors)} factors and {len(margins)} "
            "margins."
        )
    digits: list[Node] = []
    sizes: list[float] = []
    for place, (factor, margin) in enumerate(zip(factors, margins, strict=True)):
        last = place == len(factors) - 1
        if not (margin > 0 or (last and margin == 0)):
            raise ConfigError(
                f"heron.margins must be above 0, and only the last may be 0; got {margin!r} for "
                f"'{factor.label}'."
            )
        lo, hi = factor.bounds.lo, factor.bounds.hi
        if not factor.bounds.finite or hi <= lo:
            raise ConfigError(
                f"heron needs factors with finite bounds apart; '{factor.label}' has "
                f"{factor.bounds}, so clip it first."
            )
        if margin == 0:
            digits.append(Affine(factor, 0.5 / (hi - lo), -0.5 * lo / (hi - lo)))
            sizes.append(1.0)
        else:
            digits.append(Curve(Affine(factor, 1.0 / margin, _SNAP - lo / margin), "floor"))
            sizes.append(float(floor((hi - lo) / margin + _SNAP) + 1))
    worth = 1.0
    places: list[float] = []
    for size in reversed(sizes):
        places.append(worth)
        worth *= size
    places.reverse()
    if worth > _MOST:
        raise ConfigError(
            f"heron.margins make {worth:.3g} buckets, more than the {_MOST:.3g} that one number "
            "can hold; widen them."
        )
    top = sum(p * (s - 1) for p, s in zip(places, sizes, strict=True))
    top += 0.5 if margins[-1] == 0 else 0.0
    if top == 0:
        raise ConfigError("heron.margins are wider than every factor's range: all would tie.")
    return Sum(
        tuple(Scale(digit, p / top) for digit, p in zip(digits, places, strict=True)), name=name
    )
