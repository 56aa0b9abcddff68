"""Outcome and process advantages for retrieval, ProRAG (E7)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, row, standardised, table
from envgym.rewards.group.normalise import grpo
from envgym.types.errors import ConfigError


def prorag_outcome(f1: float, well_formed: bool) -> float:
    """Return the outcome reward of a retrieval answer.

    Formula: (2 F1 if F1 >= .2 else 0) + (1 if well formed else -1)
    Source:  cookbook E7, ProRAG (seen: lilinwz/ProRAG)
    Range:   [-1, 3]
    Laws:    up in F1 and in the form

    >>> prorag_outcome(0.5, True), prorag_outcome(0.1, True), prorag_outcome(0.5, False)
    (2.0, 1.0, 0.0)
    """
    if not 0.0 <= f1 <= 1.0:
        raise ConfigError(f"prorag_outcome.f1 must be 0 to 1, got {f1!r}.")
    return (2.0 * f1 if f1 >= 0.2 else 0.0) + (1.0 if well_formed else -1.0)


def prorag_step(logit: float, well_formed: bool) -> float:
    """Return the process score of one step.

    Formula: sg(logit of the process model) + (1 if well formed else -2)
    Source:  cookbook E7, ProRAG (seen: lilinwz/ProRAG)
    Range:   (-2, -1) or (1, 2)
    Laws:    up in the logit; a well-formed step always beats a malformed one

    >>> prorag_step(0.0, True), prorag_step(0.0, False)
    (1.5, -1.5)
    """
    chance = 1.0 / (1.0 + np.exp(-abs(logit)))
    return float(chance if logit >= 0 else 1.0 - chance) + (1.0 if well_formed else -2.0)


def prorag_advantages(
    outcomes: ArrayLike, scores: ArrayLike, mask: ArrayLike | None = None, *, beta: float = 0.5
) -> Floats:
    """Return the advantage of every position of one group.

    Formula: A_{i,n} = (R_i - mean) / (std_S + 1e-4) + beta * z_{i,n}; z: process scores
             standardised (std_S + 1e-4) over all valid positions of the group
    Source:  cookbook E7, ProRAG (seen: lilinwz/ProRAG; its script has beta .3)
    Shapes:  R [G], scores [G, N] (each position carries its step's score), A [G, N]
    Range:   unbounded
    Laws:    free: the process part sums to 0 over the group; beta = 0: GRPO (L8); masked
             positions, such as retrieved text, get 0 and change nothing (L9)

    >>> prorag_advantages([1, 0], [[1.5, -1.5], [1.5, 1.5]], beta=0).round(2).tolist()
    [[0.71, 0.71], [-0.71, -0.71]]
    """
    values, counts = table("prorag.scores", scores, mask)
    returns = row("prorag.outcomes", outcomes, len(values))
    whole = grpo(returns, floor=1e-4, ddof=1)
    process = standardised(values, counts, ddof=1, floor=1e-4)
    return np.where(counts, whole[:, None] + beta * process, 0.0)
