"""Ensembles of reward channels: the mean, the worst case, the mean less the disagreement."""

from collections.abc import Sequence

from envgym.rewards.fold.mean import Mean
from envgym.rewards.fold.min import Min
from envgym.rewards.fold.sum import Sum
from envgym.rewards.fold.variance import Variance
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


def wco(of: Sequence[Node], *, name: str = "wco") -> Node:
    """Return the reward of worst-case optimisation: the most sceptical member's.

    Formula: R = min_k r_k
    Source:  cookbook C1, WCO (recalled)
    Shapes:  of one scope
    Range:   [min of lo, min of hi]
    Laws:    up in each (L3); never above the mean; one member: identity (L8)

    >>> from envgym.rewards import Source
    >>> members = [Source(f"judge.{k}", "episode", lo=0, hi=1) for k in range(3)]
    >>> last = {"judge.0": 0.8, "judge.1": 0.6, "judge.2": 0.1}
    >>> wco(members).settle([{}, last])[0]
    0.1
    """
    return Min(tuple(of), name=name)


def uwo(of: Sequence[Node], weight: float = 0.5, *, name: str = "uwo") -> Node:
    """Return the reward of uncertainty-weighted optimisation: the mean less the disagreement.

    Formula: R = mean_k r_k - w * var_P(r)
    Source:  cookbook C1, UWO (recalled; w = 0.5 and its range 0.1 to 1 are ours)
    Shapes:  of one scope
    Range:   the mean's, lowered by w * (hi - lo)^2 / 4
    Laws:    not up in each: raising the highest member may lower R; on [0, 1] with w = 0.5 at
             least ``wco``; w = 0, or one member: mean (L8)

    Members that were trained alike share their errors: an ensemble mitigates reward hacking and
    does not remove it.

    Raises:
        ConfigError: for a negative weight.

    >>> from envgym.rewards import Source
    >>> members = [Source(f"judge.{k}", "episode", lo=0, hi=1) for k in range(3)]
    >>> last = {"judge.0": 0.8, "judge.1": 0.6, "judge.2": 0.1}
    >>> round(uwo(members).settle([{}, last])[0], 3)
    0.457
    """
    if not weight >= 0:
        raise ConfigError(f"uwo.weight must be 0 or more, got {weight!r}.")
    members = tuple(of)
    return Sum((Mean(members), Scale(Variance(members), -weight)), name=name)
