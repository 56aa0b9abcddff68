"""Utterance-level advantages for token-level updates, ArCHer (E16)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def utterance_advantages(
    rewards: ArrayLike,
    values: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    gamma: float = 1.0,
) -> Floats:
    """Return the one-step advantage of every utterance under a critic of conversations.

    Formula: A_t = r_t + gamma * V(s_{t+1}) - V(s_t), V after the last utterance = 0
    Source:  cookbook E16, ArCHer (inferred): the critic sees utterances, the policy gradient
             sees tokens; ``to_tokens`` gives every token its utterance's advantage
    Shapes:  r [G, T], V [G, T], A [G, T]
    Range:   unbounded
    Laws:    telescoping: for gamma = 1, sum_t A_t = sum_t r_t - V(s_0); a perfect critic of a
             certain world: zeros; padding gets 0 and changes nothing (L9)

    >>> utterance_advantages([[0.0, 1.0]], [[0.5, 0.75]]).tolist()
    [[0.25, 0.25]]
    """
    if not 0.0 <= gamma <= 1.0:
        raise ConfigError(f"utterance_advantages.gamma must be 0 to 1, got {gamma!r}.")
    earned, counts = table("utterance_advantages.rewards", rewards, mask)
    known, _ = table("utterance_advantages.values", values, counts)
    # Padding holds 0, which is also the value after the last utterance.
    later = np.concatenate([known[:, 1:], np.zeros((len(known), 1))], axis=1)[:, : known.shape[1]]
    return np.where(counts, earned + gamma * later - known, 0.0)
