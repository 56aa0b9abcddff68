"""format_length: a reward without labels, from format and length alone."""

from envgym.rewards.fold.product import Product
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.curve import Curve
from envgym.rewards.node import Node
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def format_length(
    form: Node, length: Node, limit: float, turn: float = 0.5, *, name: str = "format_length"
) -> Node:
    """Return a surrogate that pays a valid format and a length near a share of the limit.

    Formula: R = f (2 - u^2 - 2 v^2), x = L / limit, u = clip(1 - x / p, 0, 1),
             v = clip((x - p) / (1 - p), 0, 1), p = turn
    Source:  cookbook A13 (inferred; the shape, its constants and the product are ours)
    Shapes:  two values of one scope to one
    Range:   [0, 2]
    Laws:    bad format: 0; rises up to x = p, falls after it, 0 from the limit on

    It knows nothing of the task, so it is a warm-up and not an objective: watch the outcome
    beside it and stop when the two part.

    Args:
        form: f, in [0, 1].
        length: L, 0 or more.
        limit: length that earns nothing.
        turn: p, the best share of the limit, between 0 and 1.
        name: component in the ledger.

    Raises:
        ConfigError: for a limit of 0 or less, p outside (0, 1), or a format outside [0, 1].

    >>> from envgym.rewards.source import Source
    >>> node = format_length(Source("form", lo=0, hi=1), Source("words", lo=0), limit=100)
    >>> record = {"form": True, "words": 0}
    >>> node.settle([record, *(record | {"words": n} for n in (25, 50, 75, 100))])[1]
    (1.75, 2.0, 1.5, 0.0)
    """
    within("format_length.form", form, 0.0, 1.0)
    if not limit > 0:
        raise ConfigError(f"format_length.limit must be above 0, got {limit!r}.")
    if not 0 < turn < 1:
        raise ConfigError(f"format_length.turn must be in (0, 1), got {turn!r}.")
    short = Clip(Affine(length, -1.0 / (turn * limit), 1.0), 0.0, 1.0)
    late = 1.0 - turn
    long = Clip(Affine(length, 1.0 / (late * limit), -turn / late), 0.0, 1.0)
    cost = Curve(short, "square") + 2.0 * Curve(long, "square")
    return Product((form, Clip(Affine(cost, -1.0, 2.0), 0.0, 2.0)), name=name)
