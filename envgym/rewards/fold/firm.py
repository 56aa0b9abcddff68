"""firm: a bonus that multiplies what was achieved."""

from envgym.rewards.fold.product import Product
from envgym.rewards.map.affine import Affine
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def firm(base: Node, bonus: Node, weight: float = 0.4, *, name: str = "firm") -> Node:
    """Return what was achieved, of which a share depends on a second score.

    Formula: R = base * (1 - w + w * bonus)
    Source:  cookbook C5, FIRM, arXiv 2603.12247 (seen: paper notes): execution and consistency
             with w = 0.4, alignment and quality with w = 0.6; one of two sources swaps the weights
    Shapes:  of one scope, both in [0, 1]
    Range:   [0, 1]
    Laws:    base 0: 0, so a lazy answer that is merely consistent earns nothing; R <= base; up
             in both (L3); w = 0: identity (L8)

    Raises:
        ConfigError: for a weight outside [0, 1] or values that may leave [0, 1].

    >>> from envgym.rewards import Source
    >>> node = firm(*(Source(key, "episode", lo=0, hi=1) for key in ("done", "consistent")))
    >>> round(node.settle([{}, {"done": 0.9, "consistent": 0.5}])[0], 3)
    0.72
    """
    if not 0 <= weight <= 1:
        raise ConfigError(f"firm.weight must be 0 to 1, got {weight!r}.")
    within("firm.base", base, 0.0, 1.0)
    within("firm.bonus", bonus, 0.0, 1.0)
    return Product((base, Affine(bonus, weight, 1.0 - weight)), name=name)
