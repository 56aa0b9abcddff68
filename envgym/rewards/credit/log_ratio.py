"""Token and step rewards from the ratio of two policies (E2, E3, E17)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table
from envgym.types.errors import ConfigError


def log_ratio_rewards(
    logprobs: ArrayLike, reference: ArrayLike, mask: ArrayLike | None = None, *, beta: float = 0.05
) -> Floats:
    """Return the reward of every token: how much more one policy likes it than another.

    Formula: r_n = beta * (log pi_phi(n) - log pi_ref(n))
    Source:  cookbook E17 (AlignDistil and TGDPO, inferred), E3 (PRIME, arXiv 2502.01456, seen:
             PRIME recipe), E2 (iStar, arXiv 2509.19199, seen: Tongyi-ConvAI/Qwen-Character)
    Shapes:  [G, N]; masked tokens get 0
    Range:   unbounded
    Laws:    free: the sum over tokens is beta * log(pi_phi / pi_ref) of the whole text, the
             implicit reward of DPO; equal policies: zeros (L8); antisymmetric in the policies;
             padding changes nothing (L9)

    >>> log_ratio_rewards([[-2.1]], [[-2.5]]).round(3).tolist()
    [[0.02]]
    """
    ours, counts = table("log_ratio_rewards.logprobs", logprobs, mask)
    theirs, _ = table("log_ratio_rewards.reference", reference, counts)
    return beta * (ours - theirs) + 0.0


def sum_by_step(tokens: ArrayLike, steps: ArrayLike, length: int | None = None) -> Floats:
    """Return the sum of the tokens of every step; shape [G, T].

    Formula: r_{i,t} = sum over n with steps[i, n] = t of tokens[i, n]
    Laws:    exact: the sum over steps is the sum over tokens that belong to one

    Args:
        tokens: [G, N].
        steps: int [G, N], the step of each token; -1 for a token of no step (observation,
            padding).
        length: T; None: one more than the largest step.

    >>> sum_by_step([[1, 2, 4]], [[0, 0, 1]]).tolist()
    [[3.0, 4.0]]
    """
    of = np.asarray(steps)
    if of.dtype.kind not in "iu" or of.ndim != 2:
        raise ConfigError("sum_by_step.steps must be whole numbers [G, N].")
    counts = of >= 0
    values, _ = table("sum_by_step.tokens", tokens, counts)
    width = int(of.max(initial=-1)) + 1
    if length is not None and length < width:
        raise ConfigError(f"sum_by_step.length must be {width} or more, got {length}.")
    out = np.zeros((values.shape[0], width if length is None else length))
    rows, columns = np.nonzero(counts)
    np.add.at(out, (rows, of[rows, columns]), values[rows, columns])
    return out
