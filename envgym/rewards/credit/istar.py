"""Implicit step rewards, OPRL / iStar (E2)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, members, row, standardised, table
from envgym.rewards.group.normalise import Estimator, normalise


def istar_advantages(
    rewards: ArrayLike,
    returns: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    invalid: ArrayLike | None = None,
    weight: float = 1.0,
    penalty: float = 0.1,
    episode: Estimator = "grpo",
    floor: float = 1e-6,
) -> Floats:
    """Return the advantage of every step: the episode's plus the step's own.

    Formula: A_{i,t} = A_i + weight * z_{i,t} - penalty * [action invalid]; z = r standardised
             (population std) over all steps of the group; A_i by ``episode`` from the returns
    Source:  cookbook E2, iStar, arXiv 2509.19199 (seen: Tongyi-ConvAI/Qwen-Character). That the
             penalty is taken off the advantage is ours.
    Shapes:  r [G, T] from ``sum_by_step(log_ratio_rewards(...))``, R [G], A [G, T]
    Range:   unbounded
    Laws:    free: per group the step part sums to 0; pi_phi = pi_old gives r = 0 and so only
             the episode part; equivariant (L4); padding gets 0 and changes nothing (L9)

    The statistics cover every step: removing duplicates by trajectory id would leave steps out.

    Args:
        rewards: implicit step rewards.
        returns: return of each rollout.
        mask: steps that exist.
        groups: label of each rollout's group; None: one group.
        invalid: bool [G, T], actions the environment refused.
        weight: of the step part.
        penalty: what an invalid action costs.
        episode: estimator of the episode part.
        floor: added to the std of step rewards.

    >>> step = [[0.02, 0.0], [0.02, 0.0]]
    >>> istar_advantages(step, [1, 0], weight=0.5, episode="rloo").round(2).tolist()
    [[1.5, 0.5], [-0.5, -1.5]]
    """
    values, counts = table("istar.rewards", rewards, mask)
    scores = row("istar.returns", returns, len(values))
    parts = members("istar.groups", groups, len(values))
    out = np.zeros_like(values)
    for chosen in parts:
        whole = normalise(scores[chosen], np.zeros(len(chosen), int), episode)
        step = standardised(values[chosen], counts[chosen], floor=floor)
        out[chosen] = whole[:, None] + weight * step
    if invalid is not None:
        refused, _ = table("istar.invalid", invalid, counts)
        out -= penalty * refused
    return np.where(counts, out, 0.0) + 0.0


def preference_loss(better: ArrayLike, worse: ArrayLike) -> float:
    """Return the loss that trains pi_phi on pairs of trajectories; the mean over pairs.

    Formula: -log sg(sum_t r_t(better) - sum_t r_t(worse))
    Source:  cookbook E2 (the loss of DPO, with sums over steps)
    Shapes:  both [P], sums of implicit step rewards; no pairs: 0.0
    Laws:    equal sums: log 2; falls as the better one leads by more

    >>> round(preference_loss([0.0], [0.0]), 4)
    0.6931
    """
    ahead = row("preference_loss.better", better)
    gap = ahead - row("preference_loss.worse", worse, len(ahead))
    return float(np.mean(np.logaddexp(0.0, -gap))) if len(gap) else 0.0
