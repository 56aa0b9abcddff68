"""carl: progress, multiplied down by what went wrong on the way."""

from collections.abc import Sequence
from math import inf

from envgym.rewards.fold.product import Product
from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.within import within


def carl(
    progress: Node, penalties: Sequence[Node], terminal: Node | None = None, *, name: str = "carl"
) -> Node:
    """Return progress times soft penalties, less a terminal penalty.

    Formula: r_t = max(dRC_t, 0) * prod_k p_k,t + min(dRC_t, 0) - T_t
    Source:  cookbook C6, CaRL, arXiv 2504.17838~ (recalled); there progress never falls, so that
             a step back is paid whole is ours
    Shapes:  step values [T]
    Range:   [min(lo, 0) - T_hi, hi] for dRC in [lo, hi], p in [0, 1] and T >= 0
    Laws:    no progress: no positive reward; penalties commute; up in progress and in every p,
             down in T (L3); no penalties: progress (L8); a loop of progress gains nothing

    A penalty on a step back would halve its cost: forward safely and back unsafely would gain
    at every turn. For web tasks: progress is ``ProgressDelta`` of milestones, p is 0.5 after an unsafe click,
    T is 1 after an error that cannot be undone (these numbers are ours).

    Args:
        progress: what the step added, for instance ``ProgressDelta(Source("progress"))``.
        penalties: factors in [0, 1]; 1 where nothing went wrong.
        terminal: T, 0 or more; None: none.
        name: component of the product in the ledger.

    Raises:
        ConfigError: for a penalty that may leave [0, 1] or a negative T.

    >>> from envgym.rewards import ProgressDelta, Source
    >>> node = carl(ProgressDelta(Source("route")), [Source("comfort", lo=0, hi=1)])
    >>> records = [{"route": 0.0, "comfort": 1.0}, {"route": 0.05, "comfort": 0.5}]
    >>> node.settle(records)[0]
    0.025
    """
    for each in penalties:
        within("carl.penalties", each, 0.0, 1.0)
    if terminal is not None:
        within("carl.terminal", terminal, 0.0, inf)
    kept: Node = Product((Clip(progress, lo=0.0), *penalties), name=name)
    if progress.bounds.lo < 0:
        kept = Sum((kept, Clip(progress, hi=0.0)), name=name)
    return kept if terminal is None else kept + Scale(terminal, -1.0)
