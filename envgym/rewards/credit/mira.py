"""Milestone progress as a potential, MiRA (E12)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import row, table
from envgym.rewards.map.potential import Potential
from envgym.rewards.node import Node


def mira(outcome: Node, progress: Node, *, gamma: float = 1.0, weight: float = 1.0) -> Node:
    """Return the outcome plus shaping by milestone progress.

    Formula: r_t = [t last] * R + weight * (gamma * P(s_{t+1}) - P(s_t)), P(final) = 0
    Source:  cookbook E12, MiRA (seen: note on arXiv 2603.19685; weight ours)
    Shapes:  R scalar, P [T + 1] a step value such as the share of milestones or a critic's
             estimate of it
    Range:   that of the outcome and of the potential
    Laws:    telescoping: the shaping sums to -weight * P(s_0) (discounted by gamma), the same
             for every policy; weight = 0: the outcome (L8)

    >>> from envgym.rewards import Source
    >>> node = mira(Source("outcome", "episode"), Source("progress", lo=0, hi=1))
    >>> rows = [{"progress": p, "end": None} for p in (0.0, 0.5)]
    >>> node.settle([*rows, {"progress": 1.0, "outcome": 1.0, "end": "task"}])
    (1.0, (0.5, 0.5))
    """
    return outcome + weight * Potential(progress, gamma)


def potential_loss(predicted: ArrayLike, labels: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Return the loss that fits a potential critic to progress labels; the mean over states.

    Formula: (P(s) - p(s))^2, p from ``read.milestones.progress_labels``
    Source:  cookbook E12, MiRA (seen: note on arXiv 2603.19685)
    Shapes:  [G, T + 1]; no states: 0.0
    Laws:    0 exactly at the labels; padding changes nothing (L9)

    >>> potential_loss([[0.5, 0.5]], [[0.0, 0.5]])
    0.125
    """
    guess, counts = table("potential_loss.predicted", predicted, mask)
    wanted, _ = table("potential_loss.labels", labels, counts)
    return float(np.sum((guess - wanted) ** 2) / max(counts.sum(), 1))


def value_loss(logits: ArrayLike, outcomes: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Return the loss that fits a value critic to outcomes; the mean over states.

    Formula: BCE(sg(x(s)), y) = log(1 + exp(x)) - y * x, y the outcome of the state's episode
    Source:  cookbook E12, MiRA (seen: note on arXiv 2603.19685)
    Shapes:  x [G, T + 1], y [G] in [0, 1]; no states: 0.0
    Laws:    x = 0: log 2; padding changes nothing (L9)

    >>> round(value_loss([[0.0, 0.0]], [1.0]), 4)
    0.6931
    """
    scores, counts = table("value_loss.logits", logits, mask)
    labels = row("value_loss.outcomes", outcomes, len(scores))
    losses = np.where(counts, np.logaddexp(0.0, scores) - labels[:, None] * scores, 0.0)
    return float(losses.sum() / max(counts.sum(), 1))
