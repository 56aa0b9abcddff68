"""partial_credit: how far a run got, below what the real metric pays."""

from envgym.rewards.fold.gate import Gate
from envgym.rewards.map.above import Above
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def partial_credit(
    real: Node,
    reached: Node,
    prints: int,
    *,
    mark: float = 1.0,
    most: float = 0.5,
    name: str = "partial_credit",
) -> Node:
    """Return the real metric where it is full, else a little for the progress prints reached.

    Formula: R = real if real >= mark, else most * (prints / (prints + 1)) * share reached
    Source:  cookbook C15 (inferred; the factor prints / (prints + 1) keeps R below ``most``)
    Shapes:  episode scalars
    Range:   [0, most) without the full metric
    Laws:    up in both if ``mark`` is at least ``most`` (L3); all prints pay less than the metric

    Args:
        real: the metric that counts, such as a test's result; its full score is ``mark``.
        reached: share of the ordered progress prints that were reached, 0 to 1; a ``Milestones``
            node with ``ordered`` counts them in order. Evidence that pays must not come from a
            process that the agent's code can write to.
        prints: how many there are, 1 or more.
        mark: the real metric pays from here.
        most: supremum of the partial credit.
        name: mark of the gate in the ledger.

    Raises:
        ConfigError: for no prints, a share that may leave [0, 1], or ``most`` above ``mark``.

    >>> from envgym.rewards import Source
    >>> solved, share = (Source(key, "episode", lo=0, hi=1) for key in ("solved", "share"))
    >>> node = partial_credit(solved, share, prints=4)
    >>> [node.settle([{}, {"solved": s, "share": 1.0}])[0] for s in (0, 1)]
    [0.4, 1.0]
    """
    if prints < 1:
        raise ConfigError(f"partial_credit.prints must be 1 or more, got {prints!r}.")
    if reached.scope != "episode" or reached.bounds.lo < 0 or reached.bounds.hi > 1:
        raise ConfigError(
            f"partial_credit.reached must be an episode's share in [0, 1]; '{reached.label}' is a "
            f"{reached.scope} value in {reached.bounds}."
        )
    if not 0 <= most <= mark:
        raise ConfigError(f"partial_credit.most must be from 0 to mark, got {most!r} and {mark!r}.")
    little = Scale(reached, most * prints / (prints + 1))
    return Gate(Above(real, mark, strict=False), real, little, name=name)
