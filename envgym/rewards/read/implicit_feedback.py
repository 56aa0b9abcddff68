"""propensity_weighted: what users showed, corrected for who shows anything."""

from envgym.rewards.fold.product import Product
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.curve import Curve
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def propensity_weighted(
    reaction: Node, propensity: Node, floor: float = 0.05, *, name: str = "feedback"
) -> Node:
    """Return an implicit reaction weighted by how unlikely it was to be shown.

    Formula: y = x / max(p, floor)
    Source:  cookbook A18 (inferred; no arXiv id there, the floor is ours)
    Shapes:  two values of one scope to one
    Range:   [min(lo, lo / floor), max(hi, hi / floor)]
    Laws:    up in the reaction (L3); p = 1: identity (L8); the weight is 1 / floor at most

    With the true p the mean over shown and missing reactions is that of all users; a floor
    above p trades that for less variance. Users also react to flattery: keep it beside a
    quality reward, never alone.

    Args:
        reaction: x, for instance a classifier's probability that the user loved the answer.
        propensity: p, the probability that such a user reacts at all, in [0, 1].
        floor: smallest p that counts, in (0, 1].
        name: component in the ledger.

    Raises:
        ConfigError: the floor or the propensity is no probability.

    >>> from envgym.rewards.source import Source
    >>> node = propensity_weighted(Source("love", lo=0, hi=1), Source("p", lo=0, hi=1))
    >>> node.settle([{"love": 0, "p": 1}, {"love": 0.5, "p": 0.25}, {"love": 0.5, "p": 0.01}])[1]
    (2.0, 10.0)
    """
    if not 0 < floor <= 1:
        raise ConfigError(f"propensity_weighted.floor must be in (0, 1], got {floor!r}.")
    within("propensity_weighted.propensity", propensity, 0.0, 1.0)
    return Product((reaction, Curve(Clip(propensity, floor, 1.0), "reciprocal")), name=name)
