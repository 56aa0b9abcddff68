"""Subgoals that pay once, CALM / Words as Beacons (E13)."""

from collections.abc import Sequence

from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.peak import Peak
from envgym.rewards.map.progress_delta import ProgressDelta
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def calm(
    subgoals: Sequence[Node], *, bonus: float = 0.1, limit: float = 0.5, name: str = "calm"
) -> Node:
    """Return a bonus for the first time that each subgoal is met, paid inside the step.

    Formula: r_t = Phi_t - Phi_{t-1}, Phi = min(bonus * sum_k max_{s <= t} g_k(s), limit)
    Source:  cookbook E13, CALM and Words as Beacons (inferred; bonus .1 and limit .5 are ours)
    Shapes:  g_k step values [T + 1], 1 where a language model judged subgoal k met, else 0
    Range:   [0, limit] per step and per episode
    Laws:    free with cap ``limit``; meeting a subgoal again adds 0; what reset already meets
             pays nothing; online, so L11 holds

    Args:
        subgoals: one step value in [0, 1] each; proposing and judging them is evidence's part.
        bonus: for each.
        limit: most that one episode may pay; below the outcome's worth.
        name: of the ledger's component.

    >>> from envgym.rewards import Source
    >>> key, door = Source("key", lo=0, hi=1), Source("door", lo=0, hi=1)
    >>> rows = [(0, 0), (1, 0), (0, 0), (1, 1)]
    >>> calm([key, door]).settle([{"key": k, "door": d} for k, d in rows])[1]
    (0.1, 0.0, 0.1)
    """
    if not subgoals:
        raise ConfigError("calm.subgoals needs at least one node.")
    if not bonus >= 0 or not limit >= 0:
        raise ConfigError(f"calm.bonus and limit must be 0 or more, got {bonus!r} and {limit!r}.")
    for goal in subgoals:
        if goal.bounds.lo < 0 or goal.bounds.hi > 1:
            raise ConfigError(
                f"calm.subgoals must lie in [0, 1]; '{goal.label}' has {goal.bounds}."
            )
    met = Sum(tuple(Peak(goal) for goal in subgoals))
    return ProgressDelta(Clip(bonus * met, 0.0, limit), name=name)
