"""The absolute anchor: a group advantage that does not vanish where all returns are equal."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, batch
from envgym.rewards.group.mean import GroupMean, group_means
from envgym.rewards.group.normalise import Estimator, normalise
from envgym.rewards.group.normalised import GroupNormalised
from envgym.rewards.map.affine import Affine
from envgym.rewards.node import Node


def anchored(
    of: Node,
    weight: float = 0.1,
    target: float = 0.5,
    estimator: Estimator = "rloo",
    *,
    name: str = "anchored",
) -> Node:
    """Return the group advantage plus an absolute term that survives equal returns.

    Formula: A_i = est(R)_i + weight * (mean R - target)
    Source:  cookbook D11 (inferred; weight and target are ours)
    Shapes:  [G] to [G]
    Range:   unbounded; sums to G * weight * (mean R - target)
    Laws:    equivariant under permutation (L4); weight 0: the estimator (L8); equal returns R:
             weight * (R - target), where an estimator alone gives 0

    Args:
        of: an episode value.
        weight: of the absolute term; 0 or more.
        target: mean return at which the absolute term is 0, for instance the last epoch's.
        estimator: rloo, grpo or dr_grpo.
        name: component in the ledger.

    >>> from envgym.rewards import Program, Source, score
    >>> program = Program("all won", anchored(Source("outcome", "episode")))
    >>> won = [{"end": None}, {"outcome": 1.0, "end": "task"}]
    >>> [round(each.total, 3) for each in score([won, won], program)]
    [0.05, 0.05]
    """
    absolute = Affine(GroupMean(of), weight, -weight * target, name=f"{name}.absolute")
    return GroupNormalised(of, estimator, name=f"{name}.relative") + absolute


def anchored_advantages(
    returns: ArrayLike,
    groups: ArrayLike,
    weight: float = 0.1,
    target: float = 0.5,
    estimator: Estimator = "rloo",
    *,
    mask: ArrayLike | None = None,
) -> Floats:
    """Return what ``anchored`` gives, for arrays [N] of several groups; 0 where masked.

    >>> anchored_advantages([1, 1, 1, 0], [0, 0, 1, 1]).round(3).tolist()
    [0.05, 0.05, 1.0, -1.0]
    """
    given = batch(returns, groups, mask, "anchored_advantages")
    relative = normalise(returns, groups, estimator, mask=mask)
    absolute = weight * group_means(returns, groups, mask=mask) - weight * target
    return np.asarray(relative + np.where(given.valid, absolute, 0.0), dtype=np.float64)
