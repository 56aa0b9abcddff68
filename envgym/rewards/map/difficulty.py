"""Difficulty: pay more where a task is hard, or where it is of the right difficulty."""

from math import isfinite

from envgym.rewards.fold.product import Product
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def questioner(
    success: Node, centre: float = 0.5, sigma: float = 0.5 / 3, *, name: str = "questioner"
) -> Node:
    """Return what the writer of a question earns: most where half of the answers are right.

    Formula: y = exp(-(p - centre)^2 / (2 * sigma^2))
    Source:  cookbook B9, SPELL (recalled; centre 1/2 and sigma 1/6 are its)
    Shapes:  as p, the responders' success rate
    Range:   (0, 1]; [0.011, 1] for p in [0, 1]
    Laws:    symmetric about the centre, where it is 1; no direction (L3)

    Raises:
        ConfigError: if sigma is not a positive number.

    >>> from envgym.rewards import Source
    >>> node = questioner(Source("success_rate", "episode", lo=0, hi=1))
    >>> round(node.settle([{}, {"success_rate": 0.25}])[0], 3)
    0.325
    """
    if not (sigma > 0 and isfinite(sigma)):
        raise ConfigError(f"questioner.sigma must be a positive number, got {sigma!r}.")
    squared = Curve(Affine(success, shift=-centre), "square")
    return Curve(Scale(squared, -0.5 / sigma**2), "exp", name=name)


def difficulty_scaled(of: Node, *difficulties: Node, name: str = "") -> Node:
    """Return credit multiplied by how hard it was to earn.

    Formula: y = r * prod_k d_k
    Source:  cookbook B9: Shop-R1 multiplies a sub-action's credit by its difficulty; DR-IRL by
             data hardness times reward gap (inferred; how d is estimated is the caller's)
    Shapes:  of one scope
    Range:   product of the intervals
    Laws:    up in r (L3); all difficulties 1: identity (L8)

    Raises:
        ConfigError: without a difficulty, or for one that may be negative.

    >>> from envgym.rewards import Source
    >>> node = difficulty_scaled(Source("credit", lo=0, hi=1), Source("hardness", lo=0))
    >>> node.settle([{"credit": 0, "hardness": 0}, {"credit": 0.5, "hardness": 1.5}])[0]
    0.75
    """
    if not difficulties:
        raise ConfigError("difficulty_scaled needs at least one difficulty, got none.")
    for each in difficulties:
        if each.bounds.lo < 0:
            raise ConfigError(
                f"difficulty_scaled: '{each.label}' may be negative, {each.bounds}, and would "
                "turn credit into a penalty; clip it first."
            )
    return Product((of, *difficulties), name=name)
