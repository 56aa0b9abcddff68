"""count_bonus: a reward that wears off with repetition."""

from math import inf

from envgym.rewards.fold.product import Product
from envgym.rewards.map.above import Above
from envgym.rewards.map.power import Power
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def count_bonus(
    of: Node, visits: Node, beta: float = 0.5, least: float = 0.0, *, name: str = "count_bonus"
) -> Node:
    """Return a reward divided by how often it was earned before.

    Formula: y = r * [r >= least] / N^beta
    Source:  cookbook C14, the online count bonus of ONI (inferred; beta and least are ours)
    Shapes:  of one scope; N counts this occurrence too, so it starts at 1
    Range:   hull of 0 and [lo, hi]
    Laws:    never rises with N for r >= 0; beta = 0 and least at most lo: identity (L8)

    Args:
        of: r, for instance a label of a model that watches the agent.
        visits: N, evidence with lower bound 1.
        beta: 0 or more.
        least: smaller rewards are noise and pay nothing.
        name: component in the ledger.

    Raises:
        ConfigError: for a negative beta, or visits that may be below 1.

    >>> from envgym.rewards import Source
    >>> node = count_bonus(Source("label", lo=0, hi=1), Source("visits", lo=1))
    >>> records = [{"label": 0, "visits": 1}, {"label": 1, "visits": 1}, {"label": 1, "visits": 4}]
    >>> node.settle(records)[1]
    (1.0, 0.5)
    """
    if not beta >= 0:
        raise ConfigError(f"count_bonus.beta must be 0 or more, got {beta!r}.")
    within("count_bonus.visits", visits, 1.0, inf)
    loud = Above(of, least, strict=False)
    return Product((of, loud, Power(visits, -beta)), name=name)
