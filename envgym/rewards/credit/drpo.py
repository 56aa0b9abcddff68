"""Decoupled length weights, DRPO (B11)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Bools, Floats, row
from envgym.types.errors import ConfigError


def drpo_weights(
    lengths: ArrayLike, correct: ArrayLike, *, scale: float, temperature: float = 0.1
) -> Floats:
    """Return the weight of every correct answer of one group; wrong ones get 0.

    Formula: w_i = softmax over correct answers of -L_i / (C * lambda)
    Source:  cookbook B11, DRPO, arXiv 2510.04474 (seen: integration documentation of eq. 7;
             lambda = .1)
    Shapes:  L, correct, w [G]
    Range:   [0, 1]
    Laws:    exact: sums to 1 over the correct answers; each of them keeps a positive weight,
             whatever the wrong ones look like; shorter weighs more; no correct answer: zeros

    Args:
        lengths: tokens of each answer, 0 or more.
        correct: bool.
        scale: C, the length that counts as 1, for instance the longest allowed.
        temperature: lambda; large: equal weights.

    >>> drpo_weights([100, 200, 400], [True] * 3, scale=1000).round(3).tolist()
    [0.705, 0.259, 0.035]
    """
    size, right = _group("drpo_weights", lengths, correct)
    if not scale > 0 or not temperature > 0:
        raise ConfigError(
            f"drpo_weights.scale and temperature must be more than 0, got {scale!r} and "
            f"{temperature!r}."
        )
    out = np.zeros_like(size)
    if right.any():
        logits = -size[right] / (scale * temperature)
        raw = np.exp(logits - logits.max())
        out[right] = raw / raw.sum()
    return out


def drpo_loss(
    scores: ArrayLike,
    lengths: ArrayLike,
    correct: ArrayLike,
    *,
    scale: float,
    temperature: float = 0.1,
    tau: float = 10.0,
) -> float:
    """Return the loss of one group.

    Formula: -sum over correct of w_i s_i + tau * log(mean over wrong of exp(s_j / tau)),
             w: see ``drpo_weights``; 0 unless the group has correct and wrong answers
    Source:  cookbook B11, DRPO, arXiv 2510.04474 (seen: integration documentation of eq. 7;
             tau = 10)
    Shapes:  s [G] mean token log-probability of each answer
    Laws:    down in the scores of correct answers, up in those of wrong ones; tau -> inf: the
             mean of the wrong scores; equivariant (L4)

    >>> drpo_loss([-1.0, -2.0], [100, 100], [True, False], scale=1000)
    -1.0
    """
    weights = drpo_weights(lengths, correct, scale=scale, temperature=temperature)
    values = row("drpo_loss.scores", scores, len(weights))
    if not tau > 0:
        raise ConfigError(f"drpo_loss.tau must be more than 0, got {tau!r}.")
    right = np.asarray(correct, dtype=bool)
    if right.all() or not right.any():
        return 0.0
    wrong = values[~right] / tau
    top = wrong.max()
    return float(tau * (top + np.log(np.mean(np.exp(wrong - top)))) - weights @ values)


def _group(name: str, lengths: ArrayLike, correct: ArrayLike) -> tuple[Floats, Bools]:
    size = row(f"{name}.lengths", lengths)
    right = np.asarray(correct, dtype=bool)
    if right.shape != size.shape or np.any(size < 0):
        raise ConfigError(f"{name} needs one length, 0 or more, and one verdict per answer.")
    return size, right
