"""A check that every formula with a promised range makes of the values it combines."""

from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def within(where: str, node: Node, lo: float, hi: float) -> None:
    """Refuse a node whose value may leave [lo, hi].

    Raises:
        ConfigError: naming the argument, the node and its bounds.
    """
    if node.bounds.lo < lo or node.bounds.hi > hi:
        raise ConfigError(
            f"{where} must lie in [{lo:g}, {hi:g}]; '{node.label}' has {node.bounds}, so declare "
            "its bounds or clip it."
        )
