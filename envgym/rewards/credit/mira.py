"""Milestone progress as a potential, MiRA (E12)."""

from collections.abc import Sequence

import numpy as np

from envgym.rewards.credit.ragged import Floats
from envgym.rewards.map.potential import Potential
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError


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


def progress_labels(completed: Sequence[int], milestones: int, length: int) -> Floats:
    """Return the label of every state, to fit a potential critic by its squared error.

    Formula: k / K at the k-th completion, linear between completions, flat after the last one
    Source:  cookbook A2 and E12, MiRA (seen: note on arXiv 2603.19685)
    Shapes:  labels [length], states 0 to length - 1, state 0 being reset's
    Range:   [0, 1]
    Laws:    never falls; at a completion it equals the latched share of milestones

    Args:
        completed: state at which each met milestone was first met, in any order; a milestone
            never met is left out.
        milestones: K.
        length: number of states, T + 1.

    >>> progress_labels([2, 4], 4, 6).tolist()
    [0.0, 0.125, 0.25, 0.375, 0.5, 0.5]
    """
    if milestones < 1 or len(completed) > milestones:
        raise ConfigError(
            f"progress_labels.milestones must be 1 or more and at least the {len(completed)} "
            f"met, got {milestones!r}."
        )
    if any(not 0 <= t < length for t in completed):
        raise ConfigError(f"progress_labels.completed must be states 0 to {length - 1}.")
    anchors = {0: 0.0}
    for k, t in enumerate(sorted(completed), start=1):
        anchors[t] = k / milestones
    times = sorted(anchors)
    return np.interp(np.arange(length), times, [anchors[t] for t in times])
