"""How well a written reward serves the true task metric, and only that."""

from collections.abc import Sequence
from math import fsum, isfinite, sqrt

from envgym.types.errors import ConfigError


def ranking(values: Sequence[float | None], truth: Sequence[float | None]) -> float | None:
    """Return the share of pairs that the reward orders as the true metric does.

    Formula: mean over pairs with truth_i > truth_j of [v_i > v_j] + 0.5 [v_i = v_j]
    Source:  cookbook F1, "fitness uses the true task metric only" (the measure is ours)
    Shapes:  values, truth [N]; None: invalid
    Range:   [0, 1]; 0.5 is chance; None where the truth tells no two episodes apart
    Laws:    up in nothing but order: any increasing map of the values changes nothing; a pair
             with an invalid value counts as lost, so that failing on hard episodes never pays

    >>> ranking([0.2, 0.9, 0.5], [0.0, 1.0, 1.0])
    1.0
    >>> ranking([0.2, None, 0.1], [0.0, 1.0, 1.0])
    0.0
    """
    _same(values, truth)
    known = [(v, t) for v, t in zip(values, truth, strict=True) if t is not None]
    won, pairs = 0.0, 0
    for better, high in known:
        for worse, low in known:
            if high > low:
                pairs += 1
                if better is not None and worse is not None:
                    won += 1.0 if better > worse else 0.5 if better == worse else 0.0
    return won / pairs if pairs else None


def correlation(values: Sequence[float | None], truth: Sequence[float | None]) -> float | None:
    """Return Pearson's correlation of reward and true metric over the episodes that have both.

    Range:   [-1, 1]; None for fewer than two episodes, or if either does not vary
    Laws:    unchanged by a positive scale and a shift of either side

    >>> correlation([1, 2, 3], [0, 0.5, 1])
    1.0
    """
    _same(values, truth)
    known = [(v, t) for v, t in zip(values, truth, strict=True) if v is not None and t is not None]
    if len(known) < 2:
        return None
    # Scaled first: the square of a large value must not overflow.
    x, y = (_centred([pair[side] for pair in known]) for side in (0, 1))
    norm = sqrt(fsum(a * a for a in x)) * sqrt(fsum(b * b for b in y))
    if norm == 0.0:
        return None
    return min(1.0, max(-1.0, fsum(a * b for a, b in zip(x, y, strict=True)) / norm))


def rank_correlation(values: Sequence[float | None], truth: Sequence[float | None]) -> float | None:
    """Return Spearman's correlation: Pearson's of the ranks, ties sharing their mean rank.

    >>> round(rank_correlation([1, 10, 100], [0, 0.5, 1]), 6)
    1.0
    """
    _same(values, truth)
    known = [(v, t) for v, t in zip(values, truth, strict=True) if v is not None and t is not None]
    return correlation(_ranks([v for v, _ in known]), _ranks([t for _, t in known]))


def _same(values: Sequence[float | None], truth: Sequence[float | None]) -> None:
    if len(values) != len(truth):
        raise ConfigError(
            f"fitness needs one true value per episode, got {len(values)} and {len(truth)}."
        )
    for number in (*values, *truth):
        if number is not None and not isfinite(number):
            raise ConfigError(f"fitness needs finite numbers or None, got {number}.")


def _centred(values: Sequence[float]) -> list[float]:
    scale = max(map(abs, values)) or 1.0
    mean = fsum(v / scale for v in values) / len(values)
    spread = [v / scale - mean for v in values]
    # What is left of equal values is rounding.
    return [0.0] * len(values) if max(values) == min(values) else spread


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    first = {value: i for i, value in reversed(list(enumerate(order)))}
    count = {value: order.count(value) for value in first}
    return [first[value] + (count[value] - 1) / 2 for value in values]
