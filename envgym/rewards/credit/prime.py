"""Implicit process rewards, PRIME (E3)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Bools, Floats, members, on_last_step, row, table, to_go


def prime_returns(
    rewards: ArrayLike,
    outcomes: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    process: float = 5.0,
    outcome: float = 5.0,
) -> Floats:
    """Return the sum of the compared rewards from every token on, before whitening.

    Formula: u_{i,n} = process * (G r_{i,n} - sum_j m_j) / (G - 1)
                     + outcome * (G y_i - sum_j y_j) / (G - 1) * [n last], m_j the mean of r_j
             returns_{i,n} = sum over n' >= n of u_{i,n'}
             so a token's process part is r_{i,n} - mean of the others' m_j, plus
             (r_{i,n} - m_i) / (G - 1)
    Source:  cookbook E3, PRIME, arXiv 2502.01456~ (seen: PRIME recipe; process coefficient 5 in
             its example script, the outcome's 5 recalled; whitening cancels their scale)
    Shapes:  r [G, N], y [G], u and returns [G, N]
    Range:   unbounded
    Laws:    free; r = 0 leaves the outcome's RLOO at every token; one rollout in a group: 0
             (L2); equivariant (L4); padding gets 0 and changes nothing (L9)

    >>> prime_returns([[0, 0], [0, 0]], [1, 0], outcome=1.0).tolist()
    [[1.0, 1.0], [-1.0, -1.0]]
    """
    values, counts = table("prime.rewards", rewards, mask)
    scores = row("prime.outcomes", outcomes, len(values))
    compared = np.zeros_like(values)
    for chosen in members("prime.groups", groups, len(values)):
        size = len(chosen)
        if size < 2:
            continue
        own, there = values[chosen], counts[chosen]
        means = own.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        step = (size * own - means.sum()) / (size - 1)
        y = scores[chosen]
        final = on_last_step((size * y - y.sum()) / (size - 1), there)
        compared[chosen] = np.where(there, process * step + outcome * final, 0.0)
    return np.where(counts, to_go(compared), 0.0)


def prime_advantages(
    rewards: ArrayLike,
    outcomes: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    process: float = 5.0,
    outcome: float = 5.0,
    whiten: bool = True,
) -> Floats:
    """Return PRIME's advantage of every token.

    Formula: A = (returns - mean) / sqrt(var_S + 1e-8) over all tokens of the batch;
             returns: see ``prime_returns``
    Source:  cookbook E3, PRIME, arXiv 2502.01456~ (seen: PRIME recipe)
    Shapes:  r [G, N], y [G], A [G, N]
    Range:   mean 0 over the batch's tokens, sample variance 1
    Laws:    pi_phi = pi_ref (r = 0): only the outcome part; equal returns: zeros (L2); padding
             gets 0 and changes nothing (L9)

    Args:
        rewards: token rewards, ``log_ratio_rewards``.
        outcomes: verified outcome of each rollout, 0 to 1.
        mask: tokens of the policy.
        groups: label of each rollout's group; None: one group.
        process: coefficient of the process part.
        outcome: coefficient of the outcome part.
        whiten: False returns ``prime_returns``.

    >>> prime_advantages([[0], [0]], [1, 0]).round(3).tolist()
    [[0.707], [-0.707]]
    """
    sums = prime_returns(rewards, outcomes, mask, groups=groups, process=process, outcome=outcome)
    counts = np.ones(sums.shape, bool) if mask is None else np.asarray(mask, dtype=bool)
    return whitened(sums, counts) if whiten else sums


def whitened(values: Floats, mask: Bools) -> Floats:
    """Return values centred and divided by sqrt(sample variance + 1e-8); zeros in padding."""
    counted = values[mask]
    out = np.zeros_like(values)
    if len(counted) < 2 or np.all(counted == counted[0]):
        return out
    out[mask] = (counted - counted.mean()) / np.sqrt(counted.var(ddof=1) + 1e-8)
    return out


def prime_loss(rewards: ArrayLike, outcomes: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Return the online loss of the implicit reward model; the mean over rollouts.

    Formula: BCE(sg(sum_n r_n), y) = log(1 + exp(s)) - y * s, s = sum_n r_n
    Source:  cookbook E3, PRIME, arXiv 2502.01456~ (seen: PRIME recipe)
    Shapes:  r [G, N], y [G] in [0, 1]; no rollouts: 0.0
    Laws:    r = 0: log 2; padding changes nothing (L9)

    >>> round(prime_loss([[0.0, 0.0]], [1.0]), 4)
    0.6931
    """
    values, _ = table("prime_loss.rewards", rewards, mask)
    labels = row("prime_loss.outcomes", outcomes, len(values))
    scores = values.sum(axis=1)
    return float(np.mean(np.logaddexp(0.0, scores) - labels * scores)) if len(scores) else 0.0
