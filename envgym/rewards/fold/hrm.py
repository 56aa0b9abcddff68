"""hrm: no credit above the first level that failed."""

from collections.abc import Sequence

from envgym.rewards.fold.gate import Gate
from envgym.rewards.fold.product import Product
from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.above import Above
from envgym.rewards.map.scale import Scale
from envgym.rewards.map.soft_gate import SoftGate
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def hrm(
    levels: Sequence[Node],
    weights: Sequence[float],
    marks: Sequence[float],
    *,
    width: float = 0.0,
    delta: float = 0.01,
    name: str = "hrm",
) -> Node:
    """Return weighted level scores, each counting only if every level before it passed.

    Formula: R = sum_l w_l * s_l * prod_{j < l} [s_j >= p_j]; soft: ``SoftGate`` for [.]
    Source:  cookbook C4, HRM, arXiv 2603.06065 (inferred: levels, marks and weights of the shop,
             format, correctness, persuasion, tool efficiency, are ours)
    Shapes:  episode scalars in [0, 1]
    Range:   [0, sum w]
    Laws:    up in each (L3); nothing above the first failed level counts, nor is it read when
             hard; hard marks of 0: the plain weighted sum (L8)

    A hard mark is a cliff: a score just below it earns nothing above. ``width`` 0.05 makes it a
    slope that still closes, see ``SoftGate``.

    Args:
        levels: most basic first.
        weights: one per level, 0 or more.
        marks: one per level but the last, what each must reach.
        width: of the soft gates; 0: hard ones.
        delta: of the soft gates.
        name: of the gates and the component.

    Raises:
        ConfigError: if the numbers do not fit or a level may leave [0, 1].

    >>> from envgym.rewards import Source
    >>> keys = ("format", "correct", "persuades", "tools")
    >>> levels = [Source(key, "episode", lo=0, hi=1) for key in keys]
    >>> node = hrm(levels, (0.1, 0.5, 0.3, 0.1), (0.5, 0.5, 0.5))
    >>> round(node.settle([{}, dict(zip(keys, (1, 0.4, 0.9, 0.9)))])[0], 3)
    0.3
    """
    if not levels or len(weights) != len(levels) or len(marks) != len(levels) - 1:
        raise ConfigError(
            "hrm needs one weight per level and one mark per level but the last, got "
            f"{len(levels)} levels, {len(weights)} weights and {len(marks)} marks."
        )
    if any(not w >= 0 for w in weights):
        raise ConfigError(f"hrm.weights must be 0 or more, got {list(weights)}.")
    for each in levels:
        if each.scope != "episode" or each.bounds.lo < 0 or each.bounds.hi > 1:
            raise ConfigError(
                f"hrm needs episode values in [0, 1]; '{each.label}' is a {each.scope} value in "
                f"{each.bounds}."
            )
    whole: Node = Scale(levels[-1], weights[-1])
    for depth in range(len(marks) - 1, -1, -1):
        level, mark = levels[depth], marks[depth]
        label = name if depth == 0 else f"{name}.{depth + 1}"
        behind: Node
        if width == 0:
            behind = Gate(Above(level, mark, strict=False), whole, name=label)
        else:
            behind = Product((SoftGate(level, mark, width, delta), whole), name=label)
        whole = Sum((Scale(level, weights[depth]), behind))
    return whole
