"""Davidson's likelihood: counts of wins, draws and losses to the most likely parameters."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_STEPS = 200


class Design(NamedTuple):
    """Observed pairs, one row each, and which of the two extra parameters there are."""

    size: int
    """N players."""
    first: Ints
    """[M]: player in the earlier seat."""
    second: Ints
    """[M]"""
    score: Floats
    """[M], of the first: 1, 0.5 or 0."""
    draws: bool
    """Whether drawing has a parameter; if not, a draw is half a win."""
    first_move: bool
    """Whether the earlier seat has a parameter."""
    prior: float
    """Precision of the Gaussian prior on every parameter, more than 0."""

    def grouped(self) -> tuple["Design", Ints]:
        """Return the distinct rows, and which of them each row is."""
        kind = (2 * self.score).astype(np.intp)
        key = (self.first * self.size + self.second) * 3 + kind
        _, at, group = np.unique(key, return_index=True, return_inverse=True)
        rows = self._replace(first=self.first[at], second=self.second[at], score=self.score[at])
        return rows, group.reshape(-1)

    @property
    def width(self) -> int:
        """Number of parameters: strengths, then the first move's, then the draws'."""
        return self.size + self.first_move + self.draws


def probabilities(design: Design, at: Floats) -> Floats:
    """Return [M, 3]: chances that the first wins, the two draw, the second wins."""
    gap = at[design.first] - at[design.second]
    if design.first_move:
        gap = gap + at[design.size]
    logits = np.stack([0.5 * gap, np.full_like(gap, -np.inf), -0.5 * gap], axis=1)
    if design.draws:
        logits[:, 1] = at[-1]
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True), np.float64)


def slopes(design: Design, at: Floats) -> tuple[Floats, Floats]:
    """Return d log P / d gap and d log P / d log nu of each row, both [M]."""
    chance = probabilities(design, at)
    expected = chance[:, 0] + 0.5 * chance[:, 1]
    return design.score - expected, (design.score == 0.5) - chance[:, 1]


def scatter(design: Design, gap: Floats, draw: Floats, rows: Ints, count: int) -> Floats:
    """Return [count, width]: slopes of the rows added up by ``rows``."""
    found = np.zeros((count, design.width))
    np.add.at(found, (rows, design.first), gap)
    np.add.at(found, (rows, design.second), -gap)
    if design.first_move:
        np.add.at(found, (rows, np.full_like(rows, design.size)), gap)
    if design.draws:
        np.add.at(found, (rows, np.full_like(rows, design.width - 1)), draw)
    return found


def curvature(design: Design, at: Floats, weight: Floats) -> Floats:
    """Return [width, width]: minus the second derivative of the log-posterior."""
    chance = probabilities(design, at)
    spread = chance[:, 0] - chance[:, 2]
    gap = weight * 0.25 * (chance[:, 0] + chance[:, 2] - spread**2)
    i, j = design.first, design.second
    curve = np.zeros((design.width, design.width))
    for row, column, sign in ((i, i, 1.0), (j, j, 1.0), (i, j, -1.0), (j, i, -1.0)):
        np.add.at(curve, (row, column), sign * gap)
    if design.first_move:
        edge = design.size
        _border(curve, i, edge, gap)
        _border(curve, j, edge, -gap)
        curve[edge, edge] += gap.sum()
    if design.draws:
        cross = -0.5 * weight * spread * chance[:, 1]
        last = design.width - 1
        _border(curve, i, last, cross)
        _border(curve, j, last, -cross)
        if design.first_move:
            curve[design.size, last] += cross.sum()
            curve[last, design.size] += cross.sum()
        curve[last, last] += float(np.sum(weight * chance[:, 1] * (1.0 - chance[:, 1])))
    curve[np.diag_indices(design.width)] += design.prior
    return curve


def loss(design: Design, at: Floats, weight: Floats) -> float:
    """Return minus the log-posterior, up to a constant."""
    chance = probabilities(design, at)
    tiny = np.finfo(np.float64).tiny
    won, drawn, lost = np.log(np.maximum(chance, tiny)).T
    half = drawn if design.draws else 0.5 * (won + lost)
    each = np.where(design.score == 0.5, half, np.where(design.score == 1.0, won, lost))
    return float(-np.sum(weight * each) + 0.5 * design.prior * np.sum(at**2))


def most_likely(design: Design, weight: Floats, start: Floats | None = None) -> Floats:
    """Return [width]: the parameters at the top of the posterior, by Newton steps.

    The log-likelihood is that of a multinomial logit, hence concave; steps are halved while they
    overshoot.
    """
    at = np.zeros(design.width) if start is None else start.copy()
    all_rows = np.zeros(len(design.score), np.intp)
    here = loss(design, at, weight)
    for _ in range(_STEPS):
        gap, draw = slopes(design, at)
        slope = scatter(design, weight * gap, weight * draw, all_rows, 1)[0] - design.prior * at
        if np.max(np.abs(slope), initial=0.0) < 1e-9:
            break
        step = np.linalg.solve(curvature(design, at, weight), slope)
        length = 1.0
        while length > 1e-9 and loss(design, at + length * step, weight) > here:
            length /= 2.0
        following = at + length * step
        now = loss(design, following, weight)
        if not now <= here:
            break
        at, here = following, now
    return at


def _border(curve: Floats, rows: Ints, column: int, values: Floats) -> None:
    np.add.at(curve, (rows, np.full_like(rows, column)), values)
    np.add.at(curve, (np.full_like(rows, column), rows), values)
