"""The summands of a program's root, each paid in its own phase."""

from collections.abc import Iterator
from typing import NamedTuple

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node


class Summand(NamedTuple):
    """A constant times a node, booked under one component."""

    component: str
    factor: float
    node: Node


def flatten(root: Node) -> tuple[Summand, ...]:
    """Return the root's summands, flattened through Sum and constant Scale.

    The outermost name on the way to a summand becomes its component; without one it is the
    label of the summand itself.
    """
    return tuple(_below(root, 1.0, ""))


def _below(node: Node, factor: float, name: str) -> Iterator[Summand]:
    name = name or node.name
    if isinstance(node, Sum):
        for child in node.of:
            yield from _below(child, factor, name)
    elif isinstance(node, Scale):
        yield from _below(node.of, factor * node.factor, name)
    else:
        yield Summand(name or node.label, factor, node)
