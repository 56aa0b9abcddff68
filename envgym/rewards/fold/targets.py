"""Targets: what every channel must reach."""

from collections.abc import Sequence

from envgym.rewards.fold.min import Min
from envgym.rewards.fold.product import Product
from envgym.rewards.map.above import Above
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def min_with_targets(
    of: Sequence[Node], targets: Sequence[float], *, name: str = "min_with_targets"
) -> Node:
    """Return the smallest share of its target that any channel has reached.

    Formula: R = min_k min(s_k / target_k, 1)
    Source:  cookbook C13 (ours; B5 is the soft form of the same AND)
    Shapes:  of one scope
    Range:   at most 1; [0, 1] for scores of 0 or more
    Laws:    up in each (L3); nothing beyond a target pays; all targets reached: 1

    Raises:
        ConfigError: unless there is one positive target per channel, and at least one.

    >>> from envgym.rewards import Source
    >>> node = min_with_targets([Source("a", "episode"), Source("b", "episode")], (0.5, 2.0))
    >>> node.settle([{}, {"a": 0.9, "b": 1.0}])[0]
    0.5
    """
    _fits("min_with_targets", "target", of, targets)
    if any(not t > 0 for t in targets):
        raise ConfigError(f"min_with_targets.targets must be positive, got {list(targets)}.")
    shares = [Clip(Scale(n, 1.0 / t), hi=1.0) for n, t in zip(of, targets, strict=True)]
    return Min(tuple(shares), name=name)


def threshold_and(
    of: Sequence[Node], marks: Sequence[float], *, name: str = "threshold_and"
) -> Node:
    """Return 1 where every channel reaches its mark, else 0.

    Formula: R = prod_k [s_k >= p_k]
    Source:  cookbook C13 (ours; B5 is the soft form of the same AND)
    Shapes:  of one scope
    Range:   [0, 1]
    Laws:    up in each (L3)

    Raises:
        ConfigError: unless there is one mark per channel, and at least one.

    >>> from envgym.rewards import Source
    >>> node = threshold_and([Source("a", "episode"), Source("b", "episode")], (0.5, 0.5))
    >>> [node.settle([{}, {"a": 0.5, "b": b}])[0] for b in (0.5, 0.4)]
    [1.0, 0.0]
    """
    _fits("threshold_and", "mark", of, marks)
    passed = [Above(n, mark, strict=False) for n, mark in zip(of, marks, strict=True)]
    return Product(tuple(passed), name=name)


def _fits(function: str, what: str, of: Sequence[Node], numbers: Sequence[float]) -> None:
    if not of or len(of) != len(numbers):
        raise ConfigError(
            f"{function} needs one {what} per channel, got {len(of)} channels and "
            f"{len(numbers)} {what}s."
        )
