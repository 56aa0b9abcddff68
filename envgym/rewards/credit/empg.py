"""Advantages modulated by the entropy of steps, EMPG (E8)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Bools, Floats, table
from envgym.types.errors import ConfigError


def empg_advantages(
    advantages: ArrayLike,
    entropies: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    k: float = 1.0,
    k_f: float = 1.0,
    zeta: float = 0.1,
    centre: bool = True,
) -> Floats:
    """Return advantages that grow where the policy was sure, plus a bonus for clarity ahead.

    Formula: h = min-max of H over the batch's steps; g_t = exp(-k h_t) / mean(exp(-k h));
             A'_t = A_t g_t + zeta * exp(-k_f h_{t+1}), no bonus at an episode's last step;
             then minus the mean of A' over the batch's steps
    Source:  cookbook E8, EMPG, arXiv 2509.09265 (seen: project page; k = k_f = 1, zeta = .1)
    Shapes:  A [G] (one per rollout) or [G, T], H [G, T] mean token entropy per step, A' [G, T]
    Range:   unbounded
    Laws:    free with cap zeta per step on the bonus; mean g = 1; k = 0, zeta = 0, no centring:
             identity (L8); sign(A g) = sign(A); equal entropies: g = 1 (L2); padding gets 0 and
             changes nothing (L9)

    It rewards overconfidence, and the bonus pays on failures too.

    >>> empg_advantages([1], [[0.2, 0.8, 0.5]], centre=False).round(3).tolist()
    [[1.556, 0.62, 0.922]]
    """
    doubt, counts = table("empg.entropies", entropies, mask)
    given = np.asarray(advantages, dtype=np.float64)
    if given.shape == doubt.shape[:1]:
        given = np.broadcast_to(given[:, None], doubt.shape)
    base, _ = table("empg.advantages", given, counts)
    if base.shape != doubt.shape:
        raise ConfigError(
            f"empg.advantages must be [G] or [G, T] = {doubt.shape}, got {np.shape(advantages)}."
        )
    scaled = min_max(doubt, counts)
    out = base * empg_gains(scaled, counts, k=k)
    follows = counts[:, 1:] & counts[:, :-1]
    out[:, :-1] += np.where(follows, zeta * np.exp(-k_f * scaled[:, 1:]), 0.0)
    if centre and counts.any():
        out = out - out[counts].mean()
    return np.where(counts, out, 0.0)


def empg_gains(scaled: Floats, mask: Bools, *, k: float = 1.0) -> Floats:
    """Return g [G, T], mean 1 over what counts, from entropies scaled to [0, 1].

    >>> import numpy as np
    >>> empg_gains(np.array([[0.0, 1.0]]), np.ones((1, 2), bool), k=0).tolist()
    [[1.0, 1.0]]
    """
    gains = np.exp(-k * scaled)
    return np.where(mask, gains / gains[mask].mean(), 0.0) if mask.any() else np.zeros_like(gains)


def min_max(values: Floats, mask: Bools) -> Floats:
    """Return values scaled to [0, 1] over what counts; zeros if all are equal."""
    if not mask.any():
        return np.zeros_like(values)
    low, high = values[mask].min(), values[mask].max()
    if high <= low:
        return np.zeros_like(values)
    return np.where(mask, (values - low) / (high - low), 0.0)
