"""Values of steps inferred from a tree of reasoning, ReST-MCTS* (E6)."""

from collections.abc import Sequence

from envgym.types.errors import ConfigError


def tree_weight(value: float, left: int, error: float) -> float:
    """Return what one step adds to the value of its path.

    Formula: w = (1 - v) / (m + 1) * (1 - 2 e)
    Source:  cookbook E6, ReST-MCTS* (recalled)
    Range:   [-(1 - v), 1 - v]
    Laws:    down in e; e = .5: 0

    Args:
        value: v, of the path before the step, 0 to 1.
        left: m, steps still needed after this one, 0 or more.
        error: e, 0 if the step is right, 1 if it is wrong, or between.

    >>> round(tree_weight(0.4, 2, 0.0), 3)
    0.2
    """
    if not 0.0 <= value <= 1.0 or not 0.0 <= error <= 1.0:
        raise ConfigError(f"tree values need v and e in 0 to 1, got {value!r} and {error!r}.")
    if isinstance(left, bool) or not isinstance(left, int) or left < 0:
        raise ConfigError(f"tree_weight.left must be a whole number 0 or more, got {left!r}.")
    return (1.0 - value) / (left + 1) * (1.0 - 2.0 * error)


def tree_value(value: float, left: int, error: float) -> float:
    """Return the value of a path after one step.

    Formula: v' = max(v + w, 0), w as in ``tree_weight``
    Source:  cookbook E6, ReST-MCTS* (recalled)
    Range:   [0, 1]
    Laws:    a right last step (m = 0, e = 0) gives 1; free with cap 1

    >>> round(tree_value(0.4, 2, 0.0), 3)
    0.6
    """
    return max(value + tree_weight(value, left, error), 0.0)


def tree_path(
    left: Sequence[int], errors: Sequence[float], start: float = 0.0
) -> tuple[float, ...]:
    """Return the value after every step of a path; [T].

    Formula: v_t = max(v_{t-1} + w_t, 0), v_{-1} = start
    Source:  cookbook E6, ReST-MCTS* (recalled)
    Laws:    telescoping: the last value is start plus the sum of the changes; a path of right
             steps with m = T - 1, ..., 0 rises evenly by 1 / T to 1

    >>> [round(v, 3) for v in tree_path([2, 1, 0], [0, 0, 0])]
    [0.333, 0.667, 1.0]
    """
    if len(left) != len(errors):
        raise ConfigError(
            f"tree_path needs one error per step, got {len(errors)} for {len(left)} steps."
        )
    values = []
    value = start
    for m, e in zip(left, errors, strict=True):
        value = tree_value(value, m, e)
        values.append(value)
    return tuple(values)
