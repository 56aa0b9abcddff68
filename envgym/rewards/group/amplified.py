"""Amplified: scores above a baseline count several times, perfect rewards count fully."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, batch, row
from envgym.rewards.group.groupmap import GroupUnary
from envgym.types.errors import ConfigError, unknown

Baseline = Literal["mean", "soft"]


def amplify(
    returns: ArrayLike,
    *,
    baseline: Baseline = "mean",
    temperature: float = 1.0,
    factor: float = 3.0,
    top: float = 1.0,
) -> Floats:
    """Return the amplified scores of one group: the shared kernel.

    Formula: score = R - b; R >= top: 1; else score >= 0: factor * score; else score.
             b: mean R, or tau (logsumexp(R / tau) - log G) with baseline "soft"
    Source:  cookbook D8, R^3L (seen: shiweijiezero/R3L)
    Shapes:  R, A: float64 [G]
    Range:   [min R - max R, max(1, factor * (top - min R))]
    Laws:    equivariant under permutation (L4); up in each score above the baseline; factor 1 and
             top above every return: centred returns (L8); equal returns below ``top``: zeros (L2)

    Does not sum to 0: good rollouts outweigh bad ones on purpose. A rollout alone in its group
    scores 0, or 1 if it reached ``top``.

    Args:
        returns: finite returns of one group.
        baseline: "mean", or "soft", which lies between the mean and the best.
        temperature: tau of "soft"; more than 0. Small: towards the best return.
        factor: at least 0.
        top: return that counts as perfect.

    >>> amplify([1, 0.4, 0.1, 0.1]).round(3).tolist()
    [1.0, 0.0, -0.3, -0.3]
    """
    _check(temperature, factor)
    if baseline not in get_args(Baseline):
        raise ConfigError(unknown("baseline of amplify", baseline, get_args(Baseline)))
    values = row(returns)
    if not values.size:
        return values.copy()
    score = values - _baseline(values, baseline, temperature)
    out = np.where(score >= 0, factor * score, score)
    return np.asarray(np.where(values >= top, 1.0, out) + 0.0, dtype=np.float64)


def amplified(
    returns: ArrayLike, groups: ArrayLike, *, mask: ArrayLike | None = None, **options: float
) -> Floats:
    """Return ``amplify`` of every group, shape [N]; masked rollouts get 0 and do not count.

    >>> amplified([1, 0.4, 0.1, 0.1, 9], [0, 0, 0, 0, 1], mask=[1, 1, 1, 1, 0]).round(3).tolist()
    [1.0, 0.0, -0.3, -0.3, 0.0]
    """
    given = batch(returns, groups, mask, "amplified")
    out = np.zeros_like(given.values)
    for chosen in given.each():
        out[chosen] = amplify(given.values[chosen], **options)  # type: ignore[arg-type]
    return out


@dataclass(frozen=True)
class Amplified(GroupUnary):
    """Amplify what lies above the group's baseline.

    Formula: that of ``amplify``
    Source:  cookbook D8, R^3L (seen: shiweijiezero/R3L)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   unbounded below, as the returns are
    Laws:    those of ``amplify``

    >>> from envgym.rewards import Source
    >>> node = Amplified(Source("outcome", "episode"))
    >>> [round(x, 3) for x in node.over([1.0, 0.5, 0.0])]
    [1.0, 0.0, -0.5]
    """

    kind: ClassVar[str] = "group.amplified"

    baseline: Literal["mean", "soft"] = "mean"
    """The group's mean, or its log-mean-exp."""
    temperature: float = 1.0
    """Of the log-mean-exp; more than 0."""
    factor: float = 3.0
    """What scores from 0 on are multiplied with; at least 0."""
    top: float = 1.0
    """Return that counts as perfect and scores 1."""

    def validate(self) -> None:
        """Refuse a temperature of 0 and a negative factor."""
        _check(self.temperature, self.factor)

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], finite."""
        scores = amplify(
            values,
            baseline=self.baseline,
            temperature=self.temperature,
            factor=self.factor,
            top=self.top,
        )
        return tuple(scores.tolist())

    @property
    def formula(self) -> str:
        """For instance ``amplified(outcome, mean, 3, 1)``."""
        how = f"soft {self.temperature:g}" if self.baseline == "soft" else "mean"
        return f"amplified({self.of.formula}, {how}, {self.factor:g}, {self.top:g})"


def _baseline(values: Floats, kind: Baseline, temperature: float) -> float:
    ordered = np.sort(values)  # the order of the rollouts changes nothing
    best = float(ordered[-1])
    if best == ordered[0]:
        return best
    if kind == "mean":
        return float(ordered.mean())
    with np.errstate(under="ignore"):
        return best + temperature * float(np.log(np.mean(np.exp((ordered - best) / temperature))))


def _check(temperature: float, factor: float) -> None:
    if not 0 < temperature < inf:
        raise ConfigError(f"amplify.temperature must be more than 0, got {temperature!r}.")
    if not 0 <= factor < inf:
        raise ConfigError(f"amplify.factor must be at least 0, got {factor!r}.")
