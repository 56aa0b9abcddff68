"""renorm: step scores whose sign agrees with the outcome."""

from envgym.rewards.map.affine import Affine
from envgym.rewards.node import Node
from envgym.rewards.spread.every import Every
from envgym.rewards.within import within


def renorm(steps: Node, outcome: Node, *, name: str = "renorm") -> Node:
    """Return process scores, corrected at every step by how the episode ended.

    Formula: y_t = r_t + R - 1
    Source:  cookbook B6, ReNorm of PPR, arXiv 2509.25598 (form recalled; the half-shift seen in
             a public review, which notes that a constant shift alone leaves GAE advantages as
             they were: the useful part is the coupling of signs)
    Shapes:  r, y [T]; R an episode scalar, 0 or 1; terminal
    Range:   [-1, 1] for r in [0, 1]
    Laws:    up in both (L3); a wrong outcome: y <= 0 everywhere; a right one: y >= 0

    Args:
        steps: step scores in [0, 1].
        outcome: episode value in [0, 1].
        name: component in the ledger.

    Raises:
        ConfigError: if a child's bounds leave [0, 1].

    >>> from envgym.rewards import Source
    >>> node = renorm(Source("score", lo=0, hi=1), Source("outcome", "episode", lo=0, hi=1))
    >>> [round(x, 3) for x in node.settle([{"score": 0}, {"score": 0.6, "outcome": 0}])[1]]
    [-0.4]
    """
    within("renorm.steps", steps, 0.0, 1.0)
    within("renorm.outcome", outcome, 0.0, 1.0)
    # One node, so that a program pays it whole and under one name.
    return Affine(Affine(steps, shift=-1.0) + Every(outcome), name=name)
