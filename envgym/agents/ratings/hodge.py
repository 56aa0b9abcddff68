"""Hodge split: how much of who-beats-whom is an order, and how much runs in circles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]


class Hodge(NamedTuple):
    """A flow split into the gradient of a rating and the rest."""

    rating: Floats
    """[N], sums to 0 in every part of the graph; the flow's unit."""
    transitive: Floats
    """[N, N]: rating_i - rating_j on the edges, 0 elsewhere."""
    cyclic: Floats
    """[N, N]: flow - transitive on the edges; has no divergence where weighted."""
    share: float
    """Transitive share of the weighted sum of squares, 0 to 1; 1 for a flow that is 0."""
    residual: float
    """Weighted sum of squares of the cyclic part over pairs; about chi-squared with ``freedom``
    degrees if the weights are 1 / variance and nothing but noise is cyclic."""
    freedom: int
    """Independent cycles of the graph: edges - players + parts."""


def hodge(flow: ArrayLike, weight: ArrayLike | None = None) -> Hodge:
    """Return the split of an antisymmetric flow on a graph.

    Formula: rating = argmin sum_{i<j} w_ij (flow_ij - (r_i - r_j))^2;
             share = sum w (r_i - r_j)^2 / sum w flow^2
    Source:  Jiang, Lim, Yao, Ye, Statistical ranking and combinatorial Hodge theory, 2011
             (recalled); Balduzzi et al., arXiv 1806.02643 (recalled)
    Shapes:  flow, weight [N, N]
    Laws:    rock, paper, scissors: 0; a flow that is a difference of ratings: 1; the two parts
             are orthogonal; scaling the flow leaves the share

    Margins that saturate are not differences of ratings: N players in a strict order, each
    beating all below by the same margin, have the share 2 (N + 1) / (3 N), 8/9 for three and
    never below 2/3.

    Args:
        flow: how much the row is ahead of the column, in any unit; ignored where weight is 0.
        weight: of the edges, symmetric, 0 or more, 0: never met; None: 1 everywhere.

    Raises:
        ConfigError: shapes that do not fit, a flow that is not antisymmetric or not finite, or
            weights that are not symmetric, negative or not finite.

    >>> hodge([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]).share
    0.0
    >>> round(hodge([[0, 1, 1], [-1, 0, 1], [-1, -1, 0]]).share, 4)
    0.8889
    """
    y = np.asarray(flow, np.float64)
    if y.ndim != 2 or y.shape[0] != y.shape[1]:
        raise ConfigError(f"hodge.flow must be a square matrix, got the shape {y.shape}.")
    size = len(y)
    w = np.ones_like(y) if weight is None else np.asarray(weight, np.float64)
    if w.shape != y.shape or not np.all(np.isfinite(w)) or np.any(w < 0) or np.any(w != w.T):
        raise ConfigError(
            "hodge.weight must be symmetric, finite, 0 or more and of the flow's shape "
            f"{y.shape}, got the shape {w.shape}."
        )
    w = w.copy()
    np.fill_diagonal(w, 0.0)
    met = w > 0
    y = np.where(met, y, 0.0)
    if not np.all(np.isfinite(y)) or not np.allclose(y, -y.T, rtol=1e-9, atol=1e-12):
        raise ConfigError("hodge.flow must be finite with flow[j, i] = -flow[i, j].")
    laplacian = np.diag(w.sum(axis=1)) - w
    parts = _parts(met)
    # A constant per part is not decided by the edges: it is fixed at mean 0.
    fixed = laplacian + sum((np.outer(p, p) for p in parts), np.zeros((size, size)))
    rating = np.linalg.solve(fixed, (w * y).sum(axis=1)) if size else np.zeros(0)
    transitive = np.where(met, rating[:, None] - rating[None, :], 0.0)
    cyclic = y - transitive
    total, rest = float(np.sum(w * y**2)), float(np.sum(w * cyclic**2))
    share = 1.0 if total == 0.0 else float(np.sum(w * transitive**2)) / total
    return Hodge(
        rating=rating,
        transitive=transitive,
        cyclic=cyclic,
        share=min(max(share, 0.0), 1.0),
        residual=rest / 2.0,
        freedom=int(np.triu(met, 1).sum()) - size + len(parts),
    )


def _parts(met: NDArray[np.bool_]) -> list[Floats]:
    """Return the connected parts of the graph as vectors of 0 and 1."""
    left = set(range(len(met)))
    found: list[Floats] = []
    while left:
        reached, edge = set[int](), [min(left)]
        while edge:
            at = edge.pop()
            if at not in reached:
                reached.add(at)
                edge.extend(int(k) for k in np.flatnonzero(met[at]))
        part = np.zeros(len(met))
        part[sorted(reached)] = 1.0
        found.append(part)
        left -= reached
    return found
