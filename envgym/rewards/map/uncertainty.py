"""Uncertainty: a score that counts less the less sure its judge is; and scores from pairs."""

from math import exp, inf

from envgym.rewards.fold.product import Product
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def discounted_by(of: Node, uncertainty: Node, *, name: str = "") -> Node:
    """Return a non-negative score that shrinks as its uncertainty grows.

    Formula: y = r * exp(-u)
    Source:  cookbook B17 (inferred); u is the std of a judge's samples or of an ensemble
    Shapes:  of one scope
    Range:   [0, hi]
    Laws:    u = 0: identity (L8); up in r; never rises with u, as r is never negative

    Raises:
        ConfigError: if the score may be negative (use ``lower_bound``), or the uncertainty may.

    >>> from envgym.rewards import Source
    >>> node = discounted_by(Source("score", lo=0, hi=1), Source("std", lo=0))
    >>> round(node.settle([{"score": 0, "std": 0}, {"score": 0.8, "std": 0.5}])[0], 4)
    0.4852
    """
    within("discounted_by.uncertainty", uncertainty, 0.0, inf)
    if of.bounds.lo < 0:
        raise ConfigError(
            f"discounted_by would pay a negative score for being uncertain; '{of.label}' has "
            f"{of.bounds}, so use lower_bound."
        )
    return Product((of, Curve(Scale(uncertainty, -1.0), "exp")), name=name)


def lower_bound(of: Node, uncertainty: Node, weight: float = 1.0, *, name: str = "") -> Node:
    """Return a score less a multiple of its uncertainty.

    Formula: y = r - w * u
    Source:  cookbook B17 (inferred; the default weight is ours)
    Shapes:  of one scope
    Range:   [lo - w * hi_u, hi - w * lo_u]
    Laws:    u = 0 or w = 0: identity (L8); up in r, down in u (L3)

    Raises:
        ConfigError: for a negative weight, an uncertainty that may be negative, or two scopes.

    >>> from envgym.rewards import Source
    >>> node = lower_bound(Source("score"), Source("std", lo=0), 0.5)
    >>> node.settle([{"score": 0, "std": 0}, {"score": -0.5, "std": 0.5}])[0]
    -0.75
    """
    within("lower_bound.uncertainty", uncertainty, 0.0, inf)
    if not weight >= 0:
        raise ConfigError(f"lower_bound.weight must be 0 or more, got {weight!r}.")
    if of.scope != uncertainty.scope:
        raise ConfigError(
            f"lower_bound needs one scope; '{of.label}' is {of.scope} and '{uncertainty.label}' "
            f"{uncertainty.scope}."
        )
    less = of + Scale(uncertainty, -weight)
    return Scale(less, 1.0, name=name) if name else less


def pairwise_logit(probability: Node, limit: float = 4.6, *, name: str = "") -> Node:
    """Return the Bradley-Terry score difference behind a preference probability.

    Formula: y = clip(log(p / (1 - p)), -limit, limit)
    Source:  cookbook B18 (inferred; 4.6 is the logit of 0.99)
    Shapes:  as p
    Range:   [-limit, limit]
    Laws:    up (L3); antisymmetric: p and 1 - p give opposite scores; p = 1/2: 0

    Raises:
        ConfigError: if the limit is not between 0 and 36, where a float64 still knows 1 - p.

    >>> from envgym.rewards import Source
    >>> node = pairwise_logit(Source("p", "episode", lo=0, hi=1))
    >>> round(node.settle([{}, {"p": 0.75}])[0], 4)
    1.0986
    """
    if not 0 < limit <= 36:
        raise ConfigError(f"pairwise_logit.limit must be above 0 and at most 36, got {limit!r}.")
    least = 1.0 / (1.0 + exp(limit))
    inside = Clip(probability, least, 1.0 - least)
    # Clipped again: the logit of the limits may miss them in the last bit.
    return Clip(Curve(inside, "logit"), -limit, limit, name=name)
