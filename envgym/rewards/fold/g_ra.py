"""G-RA: lower reward levels count only behind higher ones."""

from collections.abc import Sequence

from envgym.rewards.fold.gate import Gate
from envgym.rewards.map.above import Above
from envgym.rewards.node import Node
from envgym.rewards.reduce.sum import ReduceSum
from envgym.types.errors import ConfigError


def g_ra(levels: Sequence[Node], gates: Sequence[float], *, name: str = "g_ra") -> Node:
    """Return gated reward accumulation over priority levels.

    Formula: R = R1 + [R1 > g1] * (R2 + [R2 > g2] * (R3 + ...))
    Source:  cookbook C2, G-RA, arXiv 2508.10548 (seen: note and third-party implementation)
    Shapes:  R1, R2, ...: episode scalars; step values are summed
    Range:   [lo1 + min(0, lo2), hi1 + max(0, hi2)]
    Laws:    closed: R does not depend on lower levels; gates at -inf: plain sum (L8);
             up in R1 if lo2 >= -(jump of R1 across its gate) (L3)

    With step sums up to 2 a failing run (0 + 2) beats a short passing run (1 + 0.2): clip the
    level below the outcome's next gap.

    Args:
        levels: at least one node, most important first.
        gates: one threshold per level but the last, in that level's unit; strictly above opens.
        name: name of the gates in the ledger; the second and later get ".2", ".3", ...

    Raises:
        ConfigError: if the numbers of levels and gates do not fit.

    >>> from envgym.rewards import Source
    >>> ladder = Source("outcome", "episode", -1, 1)
    >>> program = g_ra([ladder, Source("steps", "episode", 0, 1)], [-0.5])
    >>> program.settle([{}, {"outcome": 0.0, "steps": 0.75}])
    (0.75, (0.75,))
    >>> program.settle([{}, {"outcome": -0.5, "steps": 0.75}])
    (-0.5, (-0.5,))
    """
    if not levels or len(gates) != len(levels) - 1:
        raise ConfigError(
            f"g_ra needs one gate per level but the last, got {len(levels)} levels and "
            f"{len(gates)} gates."
        )
    whole = levels[-1]
    for depth in range(len(gates) - 1, -1, -1):
        level = levels[depth]
        judged = ReduceSum(level) if level.scope == "step" else level
        label = name if depth == 0 else f"{name}.{depth + 1}"
        whole = level + Gate(Above(judged, gates[depth]), whole, name=label)
    return whole
