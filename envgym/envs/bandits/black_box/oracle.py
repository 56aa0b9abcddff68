"""The highest value of a sum of waves on the unit box: a fine grid, then Newton's method."""

import math

import numpy as np
from numpy.typing import NDArray

STARTS = 6
"""Hills of the grid that are climbed to the top. The grid has four points per length scale, so that
its values miss a hill's top by some hundredths of the span at most: the best hill is among them."""
STEPS = 30
"""Newton steps, each with up to ``HALVINGS`` tries of half the length; about six are needed."""
HALVINGS = 14
"""Functions of two or three waves have long ridges, along which full steps leave the box."""
CELLS = 4_000_000
"""Numbers held at once; larger batches are split."""

Floats = NDArray[np.float64]


def evaluate(waves: Floats, phases: Floats, weights: Floats, x: Floats) -> Floats:
    """Return sum_m w_m cos(k_m . x + b_m).

    Args:
        waves: float64 [B, M, d]: k.
        phases: float64 [B, M], in radians: b.
        weights: float64 [B, M]: w.
        x: float64 [B, P, d], points.

    Returns:
        float64 [B, P].
    """
    angles = np.einsum("bmd,bpd->bpm", waves, x) + phases[:, None, :]
    heights: Floats = np.einsum("bpm,bm->bp", np.cos(angles), weights)
    return heights


def maximise(
    waves: Floats, phases: Floats, weights: Floats, length: float
) -> tuple[Floats, Floats]:
    """Return the highest value on the unit box and where it is taken.

    The result of a row does not depend on the batch, up to rounding.

    Args:
        waves, phases, weights: as for ``evaluate``.
        length: length scale of the function, which sets the grid: four points per length.

    Returns:
        float64 [B] and float64 [B, d].
    """
    batch, features, dims = waves.shape
    points = math.ceil(4.0 / length) + 1
    rows = max(1, CELLS // max(points**dims, points ** (dims - 1) * features))
    parts = [
        _maximise(waves[i : i + rows], phases[i : i + rows], weights[i : i + rows], points)
        for i in range(0, batch, rows)
    ]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _maximise(waves: Floats, phases: Floats, weights: Floats, points: int) -> tuple[Floats, Floats]:
    starts = _hills(waves, phases, weights, points)
    batch, count, dims = starts.shape
    x: Floats = starts.reshape(-1, dims)
    value: Floats = evaluate(waves, phases, weights, starts).reshape(-1)
    row, left = np.repeat(np.arange(batch), count), np.arange(len(x))
    for _ in range(STEPS):
        mine = row[left]
        own = waves[mine], phases[mine], weights[mine]
        step = _newton(*own, x[left])
        near, high = x[left], value[left]
        gain = np.zeros(len(left))
        for halving in range(HALVINGS):
            tried = np.clip(x[left] + step * 0.5**halving, 0.0, 1.0)
            found = evaluate(*own, tried[:, None])[:, 0]
            better = (gain == 0.0) & (found > value[left])
            near, high = np.where(better[:, None], tried, near), np.where(better, found, high)
            gain = high - value[left]
            if (gain > 0.0).all() or np.abs(step * 0.5**halving).max() < 1e-9:
                break
        x[left], value[left] = near, high
        left = left[gain > 1e-15 * np.abs(high)]
        if not len(left):
            break
    tops = value.reshape(batch, count)
    best = tops.argmax(axis=1)
    pick = np.arange(batch)
    return tops[pick, best], x.reshape(batch, count, dims)[pick, best]


def _hills(waves: Floats, phases: Floats, weights: Floats, points: int) -> Floats:
    """Return the highest local maxima of the grid, float64 [B, STARTS, d]."""
    batch, _, dims = waves.shape
    axis = np.linspace(0.0, 1.0, points)
    # cos(k . x + b) is the real part of a product over dimensions: one matrix product does it.
    turns = [np.exp(1j * waves[:, :, i, None] * axis) for i in range(dims)]
    outer = (weights * np.exp(1j * phases))[:, :, None] * turns[0]
    for turn in turns[1:-1]:
        outer = (outer[:, :, :, None] * turn[:, :, None, :]).reshape(batch, len(turn[0]), -1)
    if dims == 1:
        grid = outer.sum(axis=1).real
    else:
        grid = np.matmul(outer.transpose(0, 2, 1), turns[-1]).real
    grid = grid.reshape(batch, *[points] * dims)
    top = np.ones(grid.shape, dtype=bool)
    for i in range(1, dims + 1):
        rise = np.diff(grid, axis=i) > 0.0
        lower = [(0, 0)] * grid.ndim
        lower[i] = (0, 1)
        upper = [(0, 0)] * grid.ndim
        upper[i] = (1, 0)
        # A point is no hill if the next is higher, or the one before is at least as high.
        top &= ~np.pad(rise, lower) & np.pad(rise, upper, constant_values=True)
    flat = np.where(top, grid, -np.inf).reshape(batch, -1)
    count = min(STARTS, flat.shape[1])
    cells = np.argsort(-flat, axis=1, kind="stable")[:, :count]
    return np.stack([axis[part] for part in np.unravel_index(cells, [points] * dims)], axis=-1)


def _newton(waves: Floats, phases: Floats, weights: Floats, x: Floats) -> Floats:
    """Return a step uphill from one point per row, float64 [N, d]: Newton's where it is round."""
    angles = np.einsum("nmd,nd->nm", waves, x) + phases
    slope = -np.einsum("nm,nmd->nd", np.sin(angles) * weights, waves)
    scaled = (np.cos(angles) * weights)[:, :, None] * waves
    curve = -np.matmul(scaled.transpose(0, 2, 1), waves)
    # Coordinates pressed against the box's side stay there.
    fixed = ((x <= 0.0) & (slope < 0.0)) | ((x >= 1.0) & (slope > 0.0))
    slope = np.where(fixed, 0.0, slope)
    either = fixed[..., :, None] | fixed[..., None, :]
    curve = np.where(either, -np.eye(x.shape[-1]), curve)
    # Directions of positive or no curvature are climbed by the size of their curvature.
    sizes, axes = np.linalg.eigh(curve)
    sizes = np.maximum(np.abs(sizes), 1e-6 * np.abs(sizes).max(axis=-1, keepdims=True))
    along = np.einsum("nde,nd->ne", axes, slope) / np.maximum(sizes, 1e-300)
    step: Floats = np.einsum("nde,ne->nd", axes, along)
    return step
