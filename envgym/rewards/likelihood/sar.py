"""Self-aligned reward: answers that fit this question and no other, SAR (A11)."""

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats, row
from envgym.rewards.likelihood.reference import logs
from envgym.types.errors import ConfigError


def sar_rewards(alone: ArrayLike, given: ArrayLike) -> Floats:
    """Return how much the question lowers the perplexity of each answer.

    Formula: r = clip((ppl(a) - ppl(a | q)) / ppl(a), -1, 1)
    Source:  cookbook A11, SAR, arXiv 2509.05489~ (recalled)
    Shapes:  perplexities [G], 1 or more; r [G]
    Range:   [-1, 1)
    Laws:    the question changes nothing: 0; down in ppl(a | q), up in ppl(a)

    It favours terse answers.

    >>> sar_rewards([12.0], [8.0]).round(3).tolist()
    [0.333]
    """
    blind = row("sar.alone", alone)
    asked = row("sar.given", given, len(blind))
    if np.any(blind < 1 - 1e-6) or np.any(asked < 1 - 1e-6):
        raise ConfigError("sar_rewards needs perplexities, 1 or more.")
    return np.clip((blind - asked) / np.maximum(blind, 1.0), -1.0, 1.0)


def sar_total(verified: ArrayLike, rewards: ArrayLike, *, weight: float = 0.2) -> Floats:
    """Return the verifier's verdict plus the self-aligned part.

    Formula: verify + weight * SAR
    Source:  cookbook A11, SAR, arXiv 2509.05489~ (recalled; weight .2)
    Laws:    weight = 0: the verdict (L8); for weight below .5 a right answer beats a wrong one

    >>> sar_total([1.0, 0.0], [0.5, 0.5]).tolist()
    [1.1, 0.1]
    """
    verdicts = row("sar_total.verified", verified)
    return verdicts + weight * row("sar_total.rewards", rewards, len(verdicts))


def perplexity(logprobs: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the perplexity of each row; [G].

    Formula: exp(-mean_n lp_n)
    Range:   [1, inf)

    >>> perplexity([[0.0, 0.0]]).tolist()
    [1.0]
    """
    values, counts = logs("perplexity.logprobs", logprobs, mask)
    means = values.sum(axis=1) / counts.sum(axis=1)
    if np.any(means < -700.0):
        raise ConfigError("perplexity.logprobs: a mean below -700 per token overflows.")
    return np.asarray(np.exp(-means), np.float64)
