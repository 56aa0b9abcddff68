"""The torch twin of ``losses``: the same numbers, with gradients."""

import torch
from torch import Tensor


def ppo_clip(
    logprobs: Tensor,
    behaviour: Tensor,
    advantages: Tensor,
    *,
    low: float = 0.2,
    high: float = 0.28,
) -> Tensor:
    """Return the clipped surrogate loss of every token; see ``losses.ppo_clip``."""
    ratio = torch.exp(logprobs - behaviour)
    return torch.maximum(
        -advantages * ratio, -advantages * torch.clamp(ratio, 1.0 - low, 1.0 + high)
    )


def weighted_logprob(logprobs: Tensor, advantages: Tensor) -> Tensor:
    """Return minus advantage times log-probability; see ``losses.weighted_logprob``."""
    return -advantages * logprobs


def k3(logprobs: Tensor, reference: Tensor) -> Tensor:
    """Return the non-negative estimate of KL(policy || reference) of every token.

    Formula: exp(d) - d - 1 with d = logp_reference - logp; unbiased on the policy's samples.
    Source:  Schulman's k3 estimator (recalled).
    """
    gap = reference - logprobs
    return torch.exp(gap) - gap - 1.0
