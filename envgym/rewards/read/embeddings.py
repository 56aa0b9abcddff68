"""Similarity of embeddings, for a trainer or a judge that has them: BMAS and VLM-RM."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Array = NDArray[np.float64]


def bmas(pred: ArrayLike, gold: ArrayLike) -> float:
    """Return the bidirectional mean of the best cosine of every token.

    Formula: 0.5 (mean_i max_j cos(p_i, g_j) + mean_j max_i cos(p_i, g_j))
    Source:  cookbook A12, BMAS (inferred; no arXiv id there, empty sequences are ours)
    Shapes:  [N, D] and [M, D] to a scalar; a zero vector has cosine 0 with everything
    Range:   [-1, 1]; no tokens on one side: 0
    Laws:    symmetric; equal up to order and positive scale: 1; it rewards the reference's
             wording, and ignores the order of words

    Raises:
        ConfigError: not two matrices of one width, or a number that is not finite.

    >>> round(bmas([[1, 0], [0, 1]], [[1, 0]]), 4)
    0.75
    """
    p, g = _matrix("bmas", pred), _matrix("bmas", gold)
    if len(p) == 0 or len(g) == 0:
        return 0.0
    if p.shape[1] != g.shape[1]:
        raise ConfigError(f"bmas needs embeddings of one width, got {p.shape[1]} and {g.shape[1]}.")
    cosines = np.clip(_unit(p) @ _unit(g).T, -1.0, 1.0)
    return float(0.5 * (cosines.max(axis=1).mean() + cosines.max(axis=0).mean()))


def goal_similarity(
    states: ArrayLike, goal: ArrayLike, baseline: ArrayLike, alpha: float = 0.0
) -> Array:
    """Return how close each state is to a goal, off the line from the baseline to the goal.

    Formula: r = 1 - 0.5 |alpha proj(s) + (1 - alpha) s - g|^2, with s, g, b of length 1 and
             proj the projection onto the line through b and g
    Source:  cookbook A12, VLM-RM, arXiv 2310.12921~ (recalled)
    Shapes:  [N, D], [D], [D] to [N]
    Range:   (-inf, 1]; [-1, 1] for alpha = 0
    Laws:    the goal itself: 1; alpha = 0: the cosine (L8); baseline equal to the goal: no
             direction to project on, so the cosine

    A larger alpha keeps only what tells goal from baseline, and forgets the rest of the scene.

    Raises:
        ConfigError: shapes that do not fit, a zero vector, or alpha outside [0, 1].

    >>> goal_similarity([[0.6, 0.8], [1, 0]], goal=[1, 0], baseline=[0, 1]).round(4).tolist()
    [0.6, 1.0]
    """
    s = _matrix("goal_similarity", states)
    g = _matrix("goal_similarity", [goal])
    b = _matrix("goal_similarity", [baseline])
    if not 0 <= alpha <= 1:
        raise ConfigError(f"goal_similarity.alpha must be in [0, 1], got {alpha:g}.")
    if len(s) == 0:
        return np.zeros(0)
    if not s.shape[1] == g.shape[1] == b.shape[1]:
        raise ConfigError(
            f"goal_similarity needs embeddings of one width, got {s.shape[1]}, {g.shape[1]} and "
            f"{b.shape[1]}."
        )
    if any(np.linalg.norm(m, axis=1).min() == 0 for m in (s, g, b)):
        raise ConfigError("goal_similarity needs embeddings that are not zero.")
    s, g, b = _unit(s), _unit(g), _unit(b)
    line = g - b
    square = float((line * line).sum())
    if square > 1e-18 and alpha > 0:
        projected = b + ((s - b) @ line.T / square) * line
        s = alpha * projected + (1.0 - alpha) * s
    gap = s - g
    return np.asarray(1.0 - 0.5 * (gap * gap).sum(axis=1), dtype=np.float64)


def _matrix(where: str, values: Any) -> Array:
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ConfigError(f"{where} needs rows of numbers of one width.") from None
    if matrix.size == 0:
        return np.zeros((0, 0))
    if matrix.ndim != 2:
        raise ConfigError(f"{where} needs one row per embedding, got shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise ConfigError(f"{where} needs finite embeddings.")
    return matrix


def _unit(matrix: Array) -> Array:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms > 0, norms, 1.0), dtype=np.float64)
