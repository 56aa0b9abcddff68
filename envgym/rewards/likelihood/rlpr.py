"""Probability of the reference with its bias removed, RLPR, and its prompt filter (A11)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, isfinite
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Floats
from envgym.rewards.likelihood.reference import logs
from envgym.types.errors import ConfigError, unknown


def mean_probability(logprobs: ArrayLike, mask: ArrayLike | None = None) -> Floats:
    """Return the mean probability of the tokens of each row; [G].

    Formula: mp_i = mean_n exp(lp_{i,n})
    Source:  cookbook 0 and A11, RLPR (seen: OpenBMB/RLPR)
    Range:   [0, 1]

    >>> import math
    >>> mean_probability([[math.log(0.5), 0.0]]).tolist()
    [0.75]
    """
    values, counts = logs("mean_probability.logprobs", logprobs, mask)
    return np.asarray(np.where(counts, np.exp(values), 0.0).sum(axis=1) / counts.sum(axis=1))


def rlpr_rewards(
    given: ArrayLike,
    alone: ArrayLike,
    *,
    shape: Literal["none", "threshold", "sigmoid"] = "none",
    threshold: float = 0.0,
    steepness: float = 10.0,
) -> Floats:
    """Return how much a rollout's reasoning raises the probability of the reference.

    Formula: x = clip(mp(y* | q, c) - mp(y* | q), 0, 1); threshold: x if x >= theta else 0;
             sigmoid: sg(steepness * (x - theta))
    Source:  cookbook A11, RLPR, arXiv 2506.18254~ (seen: OpenBMB/RLPR for shaping; the
             debiasing is recalled; theta and steepness are ours)
    Shapes:  given [G] after each reasoning, alone [G] or one number; rewards [G]
    Range:   [0, 1]
    Laws:    reasoning that changes nothing scores 0 (unshaped, and with a threshold); up in
             ``given``, down in ``alone``

    Args:
        given: ``mean_probability`` after the rollout's reasoning.
        alone: ``mean_probability`` without any.
        shape: none, threshold or sigmoid.
        threshold: theta.
        steepness: of the sigmoid.

    >>> rlpr_rewards([0.62, 0.3], 0.35).round(2).tolist()
    [0.27, 0.0]
    """
    after = np.asarray(given, dtype=np.float64)
    before = np.asarray(alone, dtype=np.float64)
    if after.ndim != 1 or before.shape not in ((), after.shape):
        raise ConfigError(
            f"rlpr needs given [G] and alone [G] or one number, got {after.shape} and "
            f"{before.shape}."
        )
    for name, values in (("given", after), ("alone", before)):
        if not np.all((values >= 0) & (values <= 1)):
            raise ConfigError(f"rlpr.{name} must be mean probabilities, 0 to 1.")
    gain = np.clip(after - before, 0.0, 1.0)
    if shape == "none":
        return np.asarray(gain, np.float64)
    if shape == "threshold":
        return np.where(gain >= threshold, gain, 0.0)
    if shape == "sigmoid":
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * steepness * (gain - threshold)), np.float64)
    raise ConfigError(unknown("shape of rlpr", shape, ("none", "threshold", "sigmoid")))


@dataclass(frozen=True, slots=True)
class StdFilter:
    """Drops prompts whose rollouts score too much alike; its running mean is the whole state.

    Formula: keep if std >= beta * E; E' = decay * E + (1 - decay) * mean std of the batch; the
             first batch sets E
    Source:  cookbook A11, RLPR, arXiv 2506.18254~ (seen: OpenBMB/RLPR; beta .5, decay .99;
             population std and the start are ours)

    >>> state = StdFilter().updated([0.2, 0.4])
    >>> round(state.mean, 3), state.keep([0.1, 0.2])
    (0.3, (False, True))
    """

    beta: float = 0.5
    """Share of the running mean that a prompt must reach; 0 keeps all."""
    decay: float = 0.99
    """Weight of the past, 0 to 1."""
    mean: float | None = None
    """Running mean of the std, E; None before the first batch, when all are kept."""

    def __post_init__(self) -> None:
        if not self.beta >= 0 or not 0.0 <= self.decay <= 1.0:
            raise ConfigError(
                f"StdFilter.beta must be 0 or more and decay 0 to 1, got {self.beta!r} and "
                f"{self.decay!r}."
            )

    def keep(self, stds: Sequence[float]) -> tuple[bool, ...]:
        """Return which prompts stay; ``stds`` holds the std of each group's rewards."""
        least = 0.0 if self.mean is None else self.beta * self.mean
        return tuple(std >= least for std in _checked(stds))

    def updated(self, stds: Sequence[float]) -> "StdFilter":
        """Return the state after a batch, dropped prompts included; none: unchanged."""
        known = _checked(stds)
        if not known:
            return self
        now = fsum(known) / len(known)
        past = now if self.mean is None else self.mean
        return replace(self, mean=self.decay * past + (1.0 - self.decay) * now)


def _checked(stds: Sequence[float]) -> list[float]:
    found = [float(std) for std in stds]
    if any(not isfinite(std) or std < 0 for std in found):
        raise ConfigError("StdFilter needs finite std values, 0 or more.")
    return found
