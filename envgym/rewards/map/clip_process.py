"""clip_process: step scores that can only cost."""

from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.node import Node


def clip_process(of: Node, eta: float = 0.85, *, name: str = "") -> Node:
    """Return step scores from which everything above a mark is cut away.

    Formula: y_t = min(r_t - eta, 0)
    Source:  cookbook B2, arXiv 2410.15115~ (recalled; the default eta is ours, from the example)
    Shapes:  r, y [T]
    Range:   [lo - eta, 0]: [-eta, 0] for scores in [0, 1], so the sum is at most 0
    Laws:    up (L3); no step can be farmed, as none pays more than 0; scores that are never
             below eta: zeros, so a low eta leaves no signal

    Args:
        of: step scores, usually of a process reward model, 0 to 1.
        eta: a step that scores at least this costs nothing; in the unit of the scores.
        name: component in the ledger.

    >>> from envgym.rewards import Source
    >>> steps = [{"score": s} for s in (0.0, 0.9, 0.8, 0.95)]
    >>> total, each = clip_process(Source("score", lo=0, hi=1)).settle(steps)
    >>> [round(amount, 3) for amount in each]
    [0.0, -0.05, 0.0]
    """
    return Clip(Affine(of, shift=-eta), hi=0.0, name=name)
