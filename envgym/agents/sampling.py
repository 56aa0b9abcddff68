"""From logits to a token and its log-probability."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import PCG64

from envgym.types import ConfigError, derive


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """The distribution that tokens are drawn from; the default is the model's own."""

    temperature: float = 1.0
    """Divides the logits. 0: always the likeliest token, whose log-probability is then 0."""
    top_k: int | None = None
    """Keep this many likeliest tokens. None: all."""
    top_p: float | None = None
    """Keep the likeliest tokens whose probabilities sum to at least this. None: all."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature < float("inf"):
            raise ConfigError(f"temperature must be 0 or more, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ConfigError(f"top_k must be at least 1 or None, got {self.top_k}")
        if self.top_p is not None and not 0.0 < self.top_p <= 1.0:
            raise ConfigError(f"top_p must be above 0 and at most 1 or None, got {self.top_p}")

    def log_probs(self, logits: torch.Tensor) -> torch.Tensor:
        """Return float32 natural log-probabilities, shape as ``logits`` ``[..., vocabulary]``.

        Order: temperature, top_k, top_p, renormalise. Excluded tokens have minus infinity.
        """
        scores = logits.float()
        if self.temperature == 0.0:
            best = scores.argmax(-1, keepdim=True)
            return torch.full_like(scores, -torch.inf).scatter(-1, best, 0.0)
        if self.temperature != 1.0:
            scores = scores / self.temperature
        if self.top_k is not None and self.top_k < scores.shape[-1]:
            least = scores.topk(self.top_k, dim=-1).values[..., -1:]
            scores = scores.masked_fill(scores < least, -torch.inf)
        if self.top_p is not None and self.top_p < 1.0:
            ranked, order = scores.sort(dim=-1, descending=True)
            share = ranked.softmax(-1)
            # Dropped: tokens before which enough has been collected already.
            enough = share.cumsum(-1) - share >= self.top_p
            drop = torch.zeros_like(enough).scatter(-1, order, enough)
            scores = scores.masked_fill(drop, -torch.inf)
        return scores.log_softmax(-1)


def pick(log_probs: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Return one id per row: where the cumulative probability passes the row's point.

    Args:
        log_probs: float32 ``[rows, vocabulary]``.
        points: float64 ``[rows]`` in [0, 1).

    Returns:
        int64 ``[rows]``; never a token of probability 0.
    """
    # float64: over a vocabulary of 150,000 a float32 sum loses the rare tokens.
    cumulative = log_probs.double().exp().cumsum(-1)
    points = points[:, None] * cumulative[:, -1:]
    return torch.searchsorted(cumulative, points, right=True)[:, 0]


def points(count: int, seed: int, *path: int | str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return ``count`` floats in [0, 1) with 53 random bits, decided by seed and path alone."""
    words = PCG64(derive(seed, *path)).random_raw(count)
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
