"""Token rewards from the ratio of two policies (E2, E3, E17)."""

from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, table


def log_ratio_rewards(
    logprobs: ArrayLike, reference: ArrayLike, mask: ArrayLike | None = None, *, beta: float = 0.05
) -> Floats:
    """Return the reward of every token: how much more one policy likes it than another.

    Formula: r_n = beta * (log pi_phi(n) - log pi_ref(n))
    Source:  cookbook E17 (AlignDistil and TGDPO, inferred), E3 (PRIME, arXiv 2502.01456~, seen:
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
