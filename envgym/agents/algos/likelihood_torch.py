"""The torch twin of ``envgym.rewards.likelihood``: the same numbers to 1e-6 in float64.

Inputs are not checked; padding may hold anything.
"""

import torch
from torch import Tensor

from envgym.rewards.likelihood.dro import Weighting


def reference_logprob(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return the mean log-probability per token [G]."""
    return _mean(logprobs, mask)


def verifree(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return the probability of the whole reference [G]."""
    return torch.where(mask, logprobs, 0.0).sum(1).exp()


def mean_probability(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return the mean token probability [G]."""
    # Padding is taken out before exp, or its gradient would be 0 times infinity.
    return _mean(torch.where(mask, logprobs, 0.0).exp(), mask)


def rlpr_rewards(given: Tensor, alone: Tensor) -> Tensor:
    """Return clip(given - alone, 0, 1) [G]; shaping is one more line of the caller's."""
    return (given - alone).clamp(0.0, 1.0)


def dro_rewards(logprobs: Tensor, mask: Tensor, *, weighting: Weighting = "proportional") -> Tensor:
    """Return the log-probability weighted to the tokens that reasoning moves [G]; mask [N]."""
    values = torch.where(mask, logprobs, 0.0)
    sigma = _spread(values)
    weights = sigma.square() if weighting == "squared" else sigma
    return values @ (weights / weights.sum().clamp(min=torch.finfo(values.dtype).tiny))


def dro_signal(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return the largest spread over reasonings of any token."""
    sigma = _spread(torch.where(mask, logprobs, 0.0))
    return sigma.amax() if sigma.numel() else sigma.sum()


def perplexity(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return exp of minus the mean log-probability [G]."""
    return (-_mean(logprobs, mask)).exp()


def sar_rewards(alone: Tensor, given: Tensor) -> Tensor:
    """Return clip((alone - given) / alone, -1, 1) of perplexities [G]."""
    return ((alone - given) / alone).clamp(-1.0, 1.0)


def follow_up(positive: Tensor, negative: Tensor) -> Tensor:
    """Return the mean log-probability of positive minus that of negative follow-ups."""
    return positive.mean() - negative.mean()


def density_ratio(strong: Tensor, weak: Tensor, mask: Tensor, *, per_token: bool = True) -> Tensor:
    """Return the mean or summed log-ratio of two models [G]."""
    gap = strong - weak
    return _mean(gap, mask) if per_token else torch.where(mask, gap, 0.0).sum(1)


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, values, 0.0).sum(1) / mask.sum(1).clamp(min=1)


def _spread(values: Tensor) -> Tensor:
    if not values.numel():
        return values.new_zeros(values.shape[1])
    alike = values.amax(0) == values.amin(0)
    return torch.where(alike, 0.0, values.std(0, correction=0))
