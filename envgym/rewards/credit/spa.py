"""Stepwise progress attribution, SPA (E1)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import row, table
from envgym.rewards.map.clip import Clip
from envgym.rewards.node import Node
from envgym.rewards.reduce.mean import ReduceMean
from envgym.rewards.reduce.sum import ReduceSum
from envgym.types.errors import ConfigError


def spa(
    progress: Node,
    executed: Node,
    *,
    alpha: float = 1.0,
    beta: float = 0.5,
    grounding: Literal["step", "mean"] = "step",
    limit: float | None = None,
) -> Node:
    """Return step progress plus a bonus for actions that the environment carried out.

    Formula: r_t = alpha * c_t + beta * g_t; grounding="mean": beta * g_t / T
    Source:  cookbook E1, SPA-RL, arXiv 2505.20732 (seen: WangHanLinHenry/SPA-RL-Agent;
             alpha = 1, beta = .5; "mean" and ``limit`` are ours)
    Shapes:  c, g step values [T]; r [T]
    Range:   that of the parts
    Laws:    free with cap: the bonus is at most beta per step, in all at most beta for "mean"
             or ``limit``; beta = 0: alpha * c (L8); up in both for positive weights (L3)

    With "step" the bonuses grow with the length of the episode: use "mean" or a limit.

    Args:
        progress: c, the estimate of each step's progress, fitted with ``spa_loss``.
        executed: g, 1 if the environment carried out the action, else 0.
        alpha: weight of progress.
        beta: weight of grounding.
        grounding: "step" pays at every step, "mean" the mean over the episode.
        limit: most that grounding may pay in one episode, earned in proportion.

    >>> from envgym.rewards import Source
    >>> node = spa(Source("c"), Source("g", lo=0, hi=1))
    >>> rows = [(0, 0), (0.1, 1), (0.5, 0), (0.3, 1)]
    >>> node.settle([{"c": c, "g": g} for c, g in rows])[1]
    (0.6, 0.5, 0.8)
    """
    if grounding not in ("step", "mean"):
        raise ConfigError(f"spa.grounding must be step or mean, got {grounding!r}.")
    bonus = beta * (executed if grounding == "step" else ReduceMean(executed))
    if limit is not None:
        if not limit >= 0:
            raise ConfigError(f"spa.limit must be 0 or more, got {limit!r}.")
        whole = ReduceSum(bonus) if bonus.scope == "step" else bonus
        bonus = Clip(whole, -limit, limit)
    return alpha * progress + bonus


def spa_loss(progress: ArrayLike, returns: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Return the loss that fits step progress to returns; the mean over rollouts.

    Formula: (sum_t c_t - R)^2
    Source:  cookbook E1, SPA-RL, arXiv 2505.20732 (seen: WangHanLinHenry/SPA-RL-Agent)
    Shapes:  c [G, T], R [G]; no rollouts: 0.0
    Laws:    0 exactly where the progress of every rollout sums to its return; padding changes
             nothing (L9)

    >>> spa_loss([[0.25, 0.25]], [1.0])
    0.25
    """
    values, _ = table("spa_loss.progress", progress, mask)
    wanted = row("spa_loss.returns", returns, len(values))
    return float(np.mean((values.sum(axis=1) - wanted) ** 2)) if len(wanted) else 0.0
