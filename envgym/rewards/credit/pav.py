"""Progress under a prover policy, PAV (E4)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def pav_rewards(values: ArrayLike, mask: ArrayLike | None = None, *, alpha: float = 3.0) -> Floats:
    """Return the progress of every step where actions have certain effects.

    Formula: r_t = alpha * (Q_mu(s_t, a_t) - V_mu(s_t)), with Q_mu(s_t, a_t) = V_mu(s_{t+1})
    Source:  cookbook E4, PAV, arXiv 2410.08146~ (recalled; alpha 3 to 5)
    Shapes:  V [G, T + 1], mask of the steps [G, T], r [G, T]
    Range:   alpha * [-1, 1] for values in [0, 1]
    Laws:    telescoping: sum_t r_t = alpha * (V(s_T) - V(s_0)), a potential-based shaping; equal
             values: zeros (L8); padding changes nothing (L9)

    The prover must not be the policy itself (for instance its best of 4, ``best_of``). One that
    is too strong succeeds from everywhere, so its progress is flat. Add the outcome.

    Args:
        values: value of every state under the prover, ``runtime.forking.path_values``.
        mask: steps that exist; row i has one state more than steps.
        alpha: weight of progress against the outcome.

    >>> pav_rewards([[0.25, 0.5, 0.4, 1.0]], alpha=1).round(2).tolist()
    [[0.25, -0.1, 0.6]]
    """
    shape = np.shape(values)
    if len(shape) != 2 or shape[1] < 1:
        raise ConfigError(f"pav.values must have the shape [G, T + 1], got {shape}.")
    steps = np.ones((shape[0], shape[1] - 1), bool) if mask is None else np.asarray(mask, bool)
    if steps.shape != (shape[0], shape[1] - 1):
        raise ConfigError(
            f"pav.mask must have the shape [G, T] = {(shape[0], shape[1] - 1)}, got {steps.shape}."
        )
    none = np.zeros((shape[0], 1), bool)
    states = np.concatenate([steps, none], axis=1) | np.concatenate([none, steps], axis=1)
    known, _ = table("pav.values", values, states)
    return np.where(steps, alpha * (known[:, 1:] - known[:, :-1]), 0.0)


def pav_from_q(
    q: ArrayLike, v: ArrayLike, mask: ArrayLike | None = None, *, alpha: float = 3.0
) -> Floats:
    """Return the progress of every step from separate estimates of Q and V.

    Formula: r_t = alpha * (Q_mu(s_t, a_t) - V_mu(s_t))
    Source:  cookbook E4, PAV, arXiv 2410.08146~ (recalled)
    Shapes:  Q, V, r [G, T]
    Laws:    free with cap alpha per step for values in [0, 1]; Q = V: zeros (L8)

    >>> pav_from_q([[0.5, 0.4]], [[0.25, 0.5]], alpha=1).round(2).tolist()
    [[0.25, -0.1]]
    """
    after, counts = table("pav.q", q, mask)
    before, _ = table("pav.v", v, counts)
    return alpha * (after - before) + 0.0


def best_of(values: ArrayLike, k: int = 4) -> Floats:
    """Return the value under the prover that keeps the best of k tries of a policy.

    Formula: V_k = 1 - (1 - V)**k, V the policy's success rate
    Source:  cookbook E4 (best-of-4 prover; recalled)
    Range:   [0, 1]
    Laws:    up in V and in k; k = 1: identity (L8)

    >>> best_of([0.0, 0.5, 1.0]).tolist()
    [0.0, 0.9375, 1.0]
    """
    rates = np.asarray(values, dtype=np.float64)
    if not np.all((rates >= 0) & (rates <= 1)):
        raise ConfigError("best_of.values must be success rates, 0 to 1.")
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ConfigError(f"best_of.k must be 1 or more, got {k!r}.")
    return np.asarray(1.0 - (1.0 - rates) ** k, dtype=np.float64)
