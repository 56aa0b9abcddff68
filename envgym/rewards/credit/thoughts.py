"""Thought-level process rewards (E10)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, on_last_step, row, table
from envgym.types.errors import ConfigError


def thoughts(correct: Sequence[bool]) -> tuple[tuple[int, int], ...]:
    """Return the runs of steps that are all right or all wrong, as (first, after last).

    Laws:    the runs cover every step once; splitting a step in two equal ones keeps their
             number and order

    >>> thoughts([True, True, False, True])
    ((0, 2), (2, 3), (3, 4))
    """
    edges = [t for t in range(1, len(correct)) if bool(correct[t]) != bool(correct[t - 1])]
    starts = [0, *edges] if len(correct) else []
    return tuple(zip(starts, [*edges, len(correct)], strict=False))


def thought_rewards(
    correct: ArrayLike,
    outcomes: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    weight: float = 0.5,
    adaptive: bool = True,
) -> Floats:
    """Return step rewards: the outcome, and the share of right thoughts, of one group.

    Formula: R_i = y_i + w * (right thoughts / thoughts)_i; w = weight * (1 - success rate of the
             group), or weight if not adaptive. Each right thought earns w / thoughts, divided
             evenly among its steps; the last step earns y_i.
    Source:  cookbook E10, TP-GRPO (inferred; the adaptive weight and the even division are ours)
    Shapes:  correct [G, T], y [G] in [0, 1], rewards [G, T]
    Range:   [0, 1 + weight] per rollout
    Laws:    free with cap w beside the outcome; splitting a step into equal ones changes no R_i;
             weight = 0: the outcome at the last step (L8); padding gets 0 (L9)

    >>> thought_rewards([[1, 1, 0, 1]], [0.0]).round(4).tolist()
    [[0.0833, 0.0833, 0.0, 0.1667]]
    """
    if not weight >= 0:
        raise ConfigError(f"thought_rewards.weight must be 0 or more, got {weight!r}.")
    values, counts = table("thought_rewards.correct", correct, mask)
    scores = row("thought_rewards.outcomes", outcomes, len(values))
    if np.any((scores < 0) | (scores > 1)):
        raise ConfigError("thought_rewards.outcomes must be 0 to 1.")
    out = on_last_step(scores, counts)
    if not len(scores):
        return out
    scale = weight * (1.0 - float(scores.mean())) if adaptive else weight
    for i in range(len(values)):
        places = np.flatnonzero(counts[i])
        right = values[i, places] > 0.5
        runs = thoughts([bool(x) for x in right])
        for first, after in runs:
            if right[first]:
                out[i, places[first:after]] += scale / len(runs) / (after - first)
    return out
