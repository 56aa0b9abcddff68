"""lagrangian: a reward under constraints."""

from collections.abc import Sequence

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def lagrangian(
    reward: Node, costs: Sequence[Node], multipliers: Sequence[float], *, name: str = ""
) -> Node:
    """Return a reward less every cost at its current price.

    Formula: R = r_0 - sum_k mu_k * c_k
    Source:  cookbook C11, arXiv 2310.04373~ (recalled); mu_k is a ``Multiplier``'s coefficient
    Shapes:  any scopes; step values keep their turns
    Range:   interval arithmetic
    Laws:    up in r_0, down in every cost (L3); all mu 0: r_0 (L8)

    Args:
        reward: r_0.
        costs: c_k.
        multipliers: mu_k, 0 or more, one per cost; frozen while a group is compared.
        name: component in the ledger; empty: each term under its own.

    Raises:
        ConfigError: if the numbers do not fit or a multiplier is negative.

    >>> from envgym.rewards import Source
    >>> node = lagrangian(Source("served", "episode"), [Source("gap", "episode")], [0.21])
    >>> round(node.settle([{}, {"served": 1.0, "gap": 0.6}])[0], 3)
    0.874
    """
    _check("lagrangian", len(costs), multipliers)
    prices = (Scale(c, -mu) for c, mu in zip(costs, multipliers, strict=True))
    return Sum((reward, *prices), name=name)


def usefulness(
    reward: Node,
    channels: Sequence[Node],
    points: Sequence[float],
    multipliers: Sequence[float],
    *,
    name: str = "",
) -> Node:
    """Return a reward that asks each channel to come up to its point of usefulness.

    Formula: R = r_0 + sum_k mu_k * (theta_k - r_k)
    Source:  cookbook C11, composite-reward form, arXiv 2310.04373~ (recalled)
    Shapes:  r_0 of any scope, channels episode scalars
    Range:   interval arithmetic
    Laws:    up in r_0, down in every channel whose mu is above 0 (L3): the price rises while a
             channel is optimised beyond theta_k; all mu 0: r_0 (L8)

    Where r_0 already contains the channels, ``cap(channel, theta)`` is the blunt form: what lies
    beyond the point pays nothing.

    Raises:
        ConfigError: if the numbers do not fit, a channel has a value per step, or a multiplier is
            negative.

    >>> from envgym.rewards import Source
    >>> node = usefulness(Source("r0", "episode"), [Source("meteor", "episode")], [0.3], [2.0])
    >>> round(node.settle([{}, {"r0": 1.0, "meteor": 0.5}])[0], 3)
    0.6
    """
    _check("usefulness", len(channels), multipliers)
    if len(points) != len(channels):
        raise ConfigError(
            f"usefulness.points must be one per channel, got {len(points)} for {len(channels)}."
        )
    for channel in channels:
        if channel.scope != "episode":
            raise ConfigError(
                f"usefulness.channels must be episode values; '{channel.label}' is a step value, "
                "and its point would count once per event."
            )
    prices = (
        Affine(channel, -mu, mu * theta)
        for channel, theta, mu in zip(channels, points, multipliers, strict=True)
    )
    return Sum((reward, *prices), name=name)


def _check(function: str, count: int, multipliers: Sequence[float]) -> None:
    if len(multipliers) != count:
        raise ConfigError(
            f"{function}.multipliers must be one per channel, got {len(multipliers)} for {count}."
        )
    if any(not mu >= 0 for mu in multipliers):
        raise ConfigError(f"{function}.multipliers must be 0 or more, got {list(multipliers)}.")
