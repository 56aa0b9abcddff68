"""GRPO-lambda: length rewards only where the group masters the task."""

from numpy.typing import ArrayLike

from envgym.rewards.fold.gate import Gate
from envgym.rewards.group.mean import GroupMean
from envgym.rewards.group.selection import top_fraction
from envgym.rewards.node import Node


def grpo_lambda(
    correct: Node, with_length: Node, threshold: float = 0.5, *, name: str = "grpo_lambda"
) -> Node:
    """Return the length reward for tasks that the group masters, the plain outcome for others.

    Formula: R = with_length if mean(correct) >= threshold else correct
    Source:  cookbook B10, GRPO-lambda, arXiv 2505.18086~ (inferred; a fixed accuracy instead of
             the top fraction of prompts is ours)
    Shapes:  episode scalars
    Range:   hull of both
    Laws:    equivariant under permutation (L4); threshold 0: ``with_length`` (L8); threshold
             above 1: ``correct`` (L8)

    >>> from envgym.rewards import Program, Source, score
    >>> right, short = Source("right", "episode", 0, 1), Source("short", "episode", 0, 2)
    >>> program = Program("switch", grpo_lambda(right, short))
    >>> ends = [{"right": x, "short": 1.5 * x, "end": "task"} for x in (1.0, 1.0, 0.0)]
    >>> [each.total for each in score([[{"end": None}, end] for end in ends], program)]
    [1.5, 1.5, 0.0]
    """
    return Gate(GroupMean(correct) >= threshold, with_length, correct, name=name)


def mastered(accuracies: ArrayLike, fraction: float) -> tuple[int, ...]:
    """Return the prompts whose length reward is on: the top fraction by group accuracy.

    Formula: the floor(fraction * P) prompts of highest accuracy; ties: the earlier prompt
    Source:  cookbook B10, GRPO-lambda, arXiv 2505.18086~ (inferred)

    Args:
        accuracies: group accuracy [P] of each prompt of a training batch.
        fraction: 0 to 1.

    >>> mastered([0.2, 1.0, 0.7, 0.1], 0.5)
    (1, 2)
    """
    return top_fraction(accuracies, fraction, split="train").kept
