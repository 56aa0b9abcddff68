"""cascade: cheap checks first, dear ones only for what passed."""

from collections.abc import Sequence

from envgym.rewards.fold.gate import Gate
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError


def cascade(stages: Sequence[tuple[Node, float]], final: Node, *, name: str = "cascade") -> Node:
    """Return the final score if every stage passed, else the constant of the first that failed.

    Formula: y = psi_k for the first k with passed_k <= 0, else final
    Source:  cookbook C7, WebGen-R1, arXiv 2604.20398 (seen: note; psi_s = -0.2 and psi_b = -0.1
             are ours, the source has 0 for both)
    Shapes:  episode values; a step value in ``final`` enters as its sum
    Range:   hull of the constants and the final score
    Laws:    a stage after a failed one is never read, so a judge behind it is never called; up
             in every stage and in ``final`` (L3); no stages: ``final`` (L8)

    The constants rise from stage to stage and stay below the least final score: equal ones give
    no gradient between two failures, and a higher one would pay for failing late.

    Args:
        stages: (passed, constant) in the order in which they are checked; above 0 passes.
        final: the score of what passed everything, for instance ``visual + functional``.
        name: of the gates in the ledger.

    Raises:
        ConfigError: if a constant is not below the next stage's least value.

    >>> from envgym.rewards import Source
    >>> passed = [(Source("static", "episode", lo=0, hi=1), -0.2)]
    >>> node = cascade(passed, Source("visual", "episode", lo=0, hi=5))
    >>> [node.settle([{}, {"static": s, "visual": 3.5}])[0] for s in (0, 1)]
    [-0.2, 3.5]
    """
    whole = final
    lowest = final.total.lo
    for depth in range(len(stages) - 1, -1, -1):
        passed, constant = stages[depth]
        if not constant < lowest:
            raise ConfigError(
                f"cascade.stages[{depth}]: the constant {constant!r} must be below the next "
                f"stage's least value {lowest:g}, or failing here would pay as much."
            )
        label = name if depth == 0 else f"{name}.{depth + 1}"
        whole = Gate(passed, whole, Constant(constant), name=label)
        lowest = constant
    return whole
