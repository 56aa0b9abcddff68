"""Per-token policy losses and their weights in the batch (NumPy reference)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Aggregation = Literal["token_global", "sequence_mean", "constant"]


def ppo_clip(
    logprobs: ArrayLike,
    behaviour: ArrayLike,
    advantages: ArrayLike,
    *,
    low: float = 0.2,
    high: float = 0.28,
) -> Floats:
    """Return the clipped surrogate loss of every token.

    Formula: max(-A * r, -A * clip(r, 1 - low, 1 + high)), r = exp(logp - logp_behaviour)
    Source:  PPO; the wider upper bound is DAPO's (clip higher), which keeps entropy.
    Shapes:  three arrays of one shape; the loss has it too.
    Laws:    equal log-probabilities give -A; A = 0 gives 0; r outside the bounds on the
             side that A favours gives a constant (no gradient).

    >>> ppo_clip([0.0, 1.0], [0.0, 0.0], [1.0, 1.0]).round(2).tolist()
    [-1.0, -1.28]
    """
    ratio = np.exp(np.asarray(logprobs, np.float64) - np.asarray(behaviour, np.float64))
    gain = np.asarray(advantages, np.float64)
    clipped = np.clip(ratio, 1.0 - low, 1.0 + high)
    return np.asarray(np.maximum(-gain * ratio, -gain * clipped), np.float64)


def weighted_logprob(logprobs: ArrayLike, advantages: ArrayLike) -> Floats:
    """Return minus advantage times log-probability: REINFORCE, and SFT where A = 1.

    >>> weighted_logprob([-2.0], [0.5]).tolist()
    [1.0]
    """
    return -np.asarray(advantages, np.float64) * np.asarray(logprobs, np.float64)


def token_weights(
    lengths: ArrayLike, kind: Aggregation = "token_global", *, constant: float = 1.0
) -> Floats:
    """Return the weight of one model token of every sequence, shape [N].

    The loss of a batch is the plain sum of weight times token loss, so it is the same
    however the batch is cut into micro-batches: denominators are global before the cut.

    Formula: token_global 1 / sum(lengths); sequence_mean 1 / (N_+ * length), N_+ the number
             of sequences with a model token; constant 1 / (N * constant).
    Args:
        lengths: int [N], model tokens of each sequence; observation tokens never count.
        kind: how sequences of unlike length share the gradient.
        constant: for "constant", tokens that a sequence stands for; above 0.
    Laws:    token_global and sequence_mean: sum(weights * lengths) = 1 (0 without tokens).

    >>> token_weights([1, 3], "token_global").tolist()
    [0.25, 0.25]
    >>> token_weights([1, 3], "sequence_mean").round(3).tolist()
    [0.5, 0.167]
    """
    counts = np.asarray(lengths, np.float64)
    if kind == "token_global":
        total = counts.sum()
        return np.full_like(counts, 1.0 / total if total else 0.0)
    if kind == "sequence_mean":
        filled = counts > 0
        share = np.zeros_like(counts)
        share[filled] = 1.0 / (filled.sum() * counts[filled])
        return share
    return np.full_like(counts, 1.0 / (counts.size * constant) if counts.size else 0.0)
