"""blend: a primary reward with an auxiliary one, mixed by a tuner."""

from collections.abc import Sequence

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.signal import Evidenced, InvalidSignal
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError


def blend(primary: Node, auxiliary: Node, weights: Sequence[float]) -> Node:
    """Return the reward that the inner policy learns on.

    Formula: R = phi_1 * r_p + phi_2 * r_aux (+ phi_3)
    Source:  cookbook C12, BARFI, arXiv 2310.19007~ (inferred: the outer loop here is a bandit
             over fixed blends, ``BlendTuner``, not a gradient through training)
    Shapes:  any scopes; booked as the components "primary", "auxiliary" and "offset"
    Range:   interval arithmetic
    Laws:    weights (1, 0): the primary reward (L8)

    Args:
        primary: what counts.
        auxiliary: a heuristic that may help or harm.
        weights: phi_1, phi_2 and, if there are three, phi_3.

    Raises:
        ConfigError: unless there are two or three weights.

    >>> from envgym.rewards import Source
    >>> node = blend(Source("won", "episode"), Source("hint", "episode"), (1.0, 0.5))
    >>> node.settle([{}, {"won": 1.0, "hint": 0.5}])[0]
    1.25
    """
    if len(weights) not in (2, 3):
        raise ConfigError(f"blend.weights must be two or three numbers, got {len(weights)}.")
    terms = [
        Scale(primary, weights[0], name="primary"),
        Scale(auxiliary, weights[1], name="auxiliary"),
    ]
    if len(weights) == 2:
        return Sum(tuple(terms))
    return Sum((*terms, Constant(weights[2], name="offset")))


def two_returns(
    primary: Node, auxiliary: Node, records: Sequence[Evidenced]
) -> tuple[float | None, float | None]:
    """Return the primary and the auxiliary value of one episode, separately and unweighted.

    The outer loop ascends the first alone. A value is None where its signal is invalid.

    >>> from envgym.rewards import Source
    >>> two_returns(Source("won", "episode"), Source("hint"), [{"hint": 0}, {"hint": 1, "won": 0}])
    (0.0, 1.0)
    """
    return _value(primary, records), _value(auxiliary, records)


def _value(node: Node, records: Sequence[Evidenced]) -> float | None:
    try:
        return node.explain(records).value
    except InvalidSignal:
        return None
