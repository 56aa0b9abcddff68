"""BNPO: centred returns divided by a Beta density of the group's success rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, batch, row
from envgym.rewards.group.groupmap import GroupUnary
from envgym.rewards.group.normalise import dr_grpo
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError

LARGEST_WEIGHT = 1e6
"""Limit of 1 / pdf, as the source has it."""
LEAST_VARIANCE = 1e-9
"""Between the groups' means (ours); below it counts as 0: alpha and beta would be so large that the
density is rounding noise."""


@dataclass(frozen=True, slots=True)
class BetaShape:
    """What BNPO knows of the batch: the Beta distribution that the groups' means follow.

    A value, never changed in place: fit one per batch, keep it with the checkpoint, and build
    the node of the next rollouts from it.

    >>> shape = BetaShape.fit([0.25, 0.5, 0.75, 0.5])
    >>> round(shape.alpha, 3), round(shape.beta, 3), round(shape.density(0.25), 3)
    (1.833, 1.833, 1.124)
    """

    alpha: float = 1.0
    """At least 1, so that the density has no pole."""
    beta: float = 1.0
    """At least 1."""

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if not 1 <= value < inf:
                raise ConfigError(f"BetaShape.{name} must be at least 1, got {value!r}.")

    @classmethod
    def fit(cls, means: ArrayLike) -> "BetaShape":
        """Return the shape for groups with these mean returns.

        Formula: k = m (1 - m) / v - 1, alpha = max(1, 1 + k m / 3), beta = max(1, 1 + k (1 - m) / 3);
                 m the mean and v the sample variance (ddof 1) of ``means``

        Args:
            means: one per group, in [0, 1]; fewer than two, or with a variance below 1e-9:
                alpha = beta = 1.
        """
        rates = row(means, "the groups' means")
        if np.any((rates < 0) | (rates > 1)):
            raise ConfigError(
                f"the groups' means must be in [0, 1], got {rates.min():g} to {rates.max():g}; "
                "set lo and hi to the reward's range."
            )
        ordered = np.sort(rates)  # the order of the groups changes nothing
        if rates.size < 2 or (v := float(ordered.var(ddof=1))) < LEAST_VARIANCE:
            return cls()
        m = float(ordered.mean())
        k = m * (1 - m) / v - 1
        return cls(max(1.0, 1 + k * m / 3), max(1.0, 1 + k * (1 - m) / 3))

    def updated(self, means: ArrayLike) -> "BetaShape":
        """Return the shape of the next batch; nothing of the old one remains."""
        return BetaShape.fit(means)

    def density(self, p: float) -> float:
        """Return the Beta density at ``p`` in [0, 1]; 1 everywhere for alpha = beta = 1."""
        a, b = self.alpha, self.beta
        if (p <= 0 and a > 1) or (p >= 1 and b > 1):
            return 0.0
        left = (a - 1) * log(p) if a > 1 else 0.0
        right = (b - 1) * log(1 - p) if b > 1 else 0.0
        return exp(left + right + lgamma(a + b) - lgamma(a) - lgamma(b))

    def weigh(self, returns: ArrayLike) -> Floats:
        """Return the advantages of one group whose returns are in [0, 1]: the shared kernel."""
        values = row(returns)
        centred = dr_grpo(values)
        if not values.size or not np.any(centred):
            return centred  # at p = 0 and p = 1 the density vanishes, and so does R - p
        density = self.density(float(np.sort(values).mean()))
        weight = min(1 / density, LARGEST_WEIGHT) if density > 0 else LARGEST_WEIGHT
        return np.asarray(centred * weight, dtype=np.float64)

    def node(self, of: Node, lo: float = 0.0, hi: float = 1.0) -> "BetaNormalised":
        """Return the group node with this shape frozen in."""
        return BetaNormalised(of, self.alpha, self.beta, lo, hi)


def bnpo(
    returns: ArrayLike,
    groups: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    lo: float = 0.0,
    hi: float = 1.0,
    shape: BetaShape | None = None,
) -> Floats:
    """Return BNPO advantages of a batch of groups.

    Formula: A = (R - p) / BetaPDF(p; alpha, beta), R mapped from [lo, hi] to [0, 1], p the
             group's mean; 1 / pdf at most 1e6
    Source:  cookbook D2, BNPO, arXiv 2506.02864~ (seen: changyi7231/BNPO)
    Shapes:  R, A: float64 [N]; several rewards [K, N]: each normalised, then averaged
    Range:   unbounded; sums to 0 per group
    Laws:    equivariant under permutation (L4); masked entries change nothing (L9); alpha =
             beta = 1: R - p; alpha = beta = 1.5: proportional to GRPO for returns 0 and 1;
             equal returns or G = 1: zeros, also where the density vanishes (L2)

    The public code gives a rollout alone in its group its whole return; here it gets 0, as
    with every other estimator.

    Args:
        returns: one row, or one row per reward.
        groups: label [N] of each rollout's group.
        mask: False for padding and invalid episodes, which get 0 and do not count.
        lo: lowest possible return.
        hi: highest possible return; more than ``lo``.
        shape: None: fitted to this batch.

    Raises:
        ConfigError: for unequal lengths, a return outside [lo, hi] or one that is not finite.

    >>> returns = [1, 0, 0, 0] + [1, 1, 0, 0] + [1, 1, 1, 0] + [0, 1, 0, 1]
    >>> bnpo(returns, [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4)[:4].round(3).tolist()
    [0.667, -0.222, -0.222, -0.222]
    """
    _check_range(lo, hi)
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim == 2:
        if shape is not None:
            raise ConfigError("bnpo.shape belongs to one reward; give none for several.")
        each = [bnpo(one, groups, mask=mask, lo=lo, hi=hi) for one in values]
        return np.asarray(np.mean(each, axis=0)) if each else np.zeros(values.shape[1])
    given = batch(values, groups, mask, "bnpo")
    unit = _unit(given.values, lo, hi)
    parts = list(given.each())
    if shape is None:
        shape = BetaShape.fit([float(np.sort(unit[chosen]).mean()) for chosen in parts])
    out = np.zeros_like(unit)
    for chosen in parts:
        _check_unit(unit[chosen], lo, hi)
        out[chosen] = shape.weigh(unit[chosen])
    return out


@dataclass(frozen=True)
class BetaNormalised(GroupUnary):
    """BNPO over the rollouts of one task, with the batch's shape frozen.

    Formula: A = (R - p) / BetaPDF(p; alpha, beta), R mapped from [lo, hi] to [0, 1]
    Source:  cookbook D2, BNPO, arXiv 2506.02864~ (seen: changyi7231/BNPO)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   unbounded; sums to 0 over a group
    Laws:    those of ``bnpo``; alpha = beta = 1: Dr.GRPO of the mapped returns (L8)

    The shape belongs to the batch of groups, which a program never sees: build the node with
    ``BetaShape.fit(means).node(outcome)`` from the batch before.

    >>> from envgym.rewards import Source
    >>> node = BetaNormalised(Source("outcome", "episode"), alpha=1.5, beta=1.5)
    >>> [round(x, 3) for x in node.over([1.0, 0.0, 0.0, 0.0])]
    [0.68, -0.227, -0.227, -0.227]
    """

    kind: ClassVar[str] = "group.beta_normalised"

    alpha: float = 1.0
    """Of the batch's Beta distribution; at least 1."""
    beta: float = 1.0
    """Of the batch's Beta distribution; at least 1."""
    lo: float = 0.0
    """Lowest possible return."""
    hi: float = 1.0
    """Highest possible return."""

    def validate(self) -> None:
        """Refuse a shape below 1 and an empty range."""
        BetaShape(self.alpha, self.beta)
        _check_range(self.lo, self.hi)

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], in [lo, hi]."""
        unit = _unit(row(values), self.lo, self.hi)
        _check_unit(unit, self.lo, self.hi)
        return tuple(BetaShape(self.alpha, self.beta).weigh(unit).tolist())

    @property
    def formula(self) -> str:
        """For instance ``bnpo(outcome, 1.83, 1.83)``."""
        scale = "" if (self.lo, self.hi) == (0.0, 1.0) else f", {self.lo:g}, {self.hi:g}"
        return f"bnpo({self.of.formula}, {self.alpha:g}, {self.beta:g}{scale})"


def _check_range(lo: float, hi: float) -> None:
    if not -inf < lo < hi < inf:
        raise ConfigError(f"bnpo.lo must be less than hi, both finite; got {lo} and {hi}.")


def _unit(values: Floats, lo: float, hi: float) -> Floats:
    return values if (lo, hi) == (0.0, 1.0) else np.asarray((values - lo) / (hi - lo))


def _check_unit(unit: Floats, lo: float, hi: float) -> None:
    if np.any((unit < 0) | (unit > 1)):
        raise ConfigError(f"bnpo needs returns in [lo, hi] = [{lo:g}, {hi:g}]; one lies outside.")
