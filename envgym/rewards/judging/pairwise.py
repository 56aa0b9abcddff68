"""From path and answer scores to a comparison of two attempts."""

from math import isfinite

from envgym.types.errors import ConfigError


def process_score(path: float, answer: float, path_weight: float = 0.6) -> float:
    """Return one score from how an attempt worked and from what it delivered.

    Formula: s = w P + (1 - w) A
    Source:  cookbook D3 and A10, ArenaRL, arXiv 2601.06487 (seen: Alibaba-NLP/qqr; w = 0.6 is
             its travel setting)
    Shapes:  scalars
    Range:   [min(P, A), max(P, A)]
    Laws:    up in both; w = 1 is the path alone, w = 0 the answer alone

    Raises:
        ConfigError: ``path_weight`` is not from 0 to 1.

    >>> process_score(7, 5)
    6.2
    """
    if not (isfinite(path_weight) and 0.0 <= path_weight <= 1.0):
        raise ConfigError(f"path_weight must be from 0 to 1, got {path_weight}")
    score = path_weight * path + (1.0 - path_weight) * answer
    return float(min(max(score, min(path, answer)), max(path, answer)))
