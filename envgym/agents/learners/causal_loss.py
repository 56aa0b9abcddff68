"""CausalRM's loss: reward-model errors on noisy feedback that only some users gave."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types import ConfigError


def noise_aware(
    loss_if_1: ArrayLike,
    loss_if_0: ArrayLike,
    label: ArrayLike,
    flip_positive: float = 0.0,
    flip_negative: float = 0.0,
) -> NDArray[np.float64]:
    """Return per-row losses whose mean over label noise is the loss on the clean label.

    Formula: label 1: ((1 - rn) l1 - rp l0) / (1 - rp - rn)
             label 0: ((1 - rp) l0 - rn l1) / (1 - rp - rn)
    Source:  [47] CausalRM, arXiv 2603.18736 (seen: noise-aware surrogate and propensity weights);
             the formula recalled, the standard correction for class-conditional noise
    Range:   unbounded, also below 0: one row's value means nothing, their mean does
    Laws:    rp = rn = 0: the plain loss; E over a flip of the clean label: the clean loss

    Args:
        loss_if_1: float [N], loss of the prediction if the clean label is 1 (l1).
        loss_if_0: float [N], the same for 0 (l0).
        label: [N], the noisy labels, 0 or 1.
        flip_positive: rp, probability that a clean 1 is seen as 0, 0 or more.
        flip_negative: rn, probability that a clean 0 is seen as 1; rp + rn below 1.

    Returns:
        float64 [N].

    Raises:
        ConfigError: a rate, label or shape is not as above.

    >>> noise_aware([0.5, 0.5], [1.0, 1.0], [1, 0], 0.2, 0.1).round(6).tolist()
    [0.357143, 1.071429]
    """
    for name, rate in (("flip_positive", flip_positive), ("flip_negative", flip_negative)):
        if not 0.0 <= rate < 1.0:
            raise ConfigError(f"noise_aware: {name} must be in [0, 1), got {rate!r}.")
    keep = 1.0 - flip_positive - flip_negative
    if keep <= 0.0:
        raise ConfigError(
            "noise_aware: flip_positive + flip_negative must be below 1, "
            f"got {flip_positive!r} + {flip_negative!r}."
        )
    if_1, if_0 = _vector("loss_if_1", loss_if_1), _vector("loss_if_0", loss_if_0)
    seen = _vector("label", label)
    if not len(if_1) == len(if_0) == len(seen):
        raise ConfigError(
            "noise_aware: loss_if_1, loss_if_0 and label must be equally long, "
            f"got {len(if_1)}, {len(if_0)} and {len(seen)}."
        )
    if not np.isin(seen, (0.0, 1.0)).all():
        raise ConfigError("noise_aware: label must hold 0 and 1 only.")
    positive = (1.0 - flip_negative) * if_1 - flip_positive * if_0
    negative = (1.0 - flip_positive) * if_0 - flip_negative * if_1
    return np.where(seen == 1.0, positive, negative) / keep


def causal_loss(
    losses: ArrayLike,
    observed: ArrayLike,
    propensity: ArrayLike | None = None,
    floor: float = 0.01,
) -> float:
    """Return the mean loss over all rows, estimated from the rows with feedback.

    Formula: with propensities mean of o l / max(e, floor) over all rows; without, the mean over
             rows with o = 1
    Source:  [47], as above; the floor is ours
    Laws:    e = 1 and o = 1 everywhere: the plain mean; unbiased where floor <= e is the true
             probability of feedback and the losses are

    Args:
        losses: float [N], for instance from ``noise_aware``; rows with o = 0 are not read.
        observed: [N], o: 1 where there was feedback, else 0.
        propensity: float [N], e in (0, 1], probability of feedback; None: do not correct for it.
        floor: smallest propensity that counts, in (0, 1].

    Raises:
        ConfigError: a shape, mask, propensity or the floor is not as above, or no row counts.

    >>> causal_loss([0.2, 9.0, 0.4], [1, 0, 1], [0.5, 0.1, 1.0])
    0.26666666666666666
    """
    loss, seen = _vector("losses", losses, finite=False), _vector("observed", observed)
    if len(loss) != len(seen):
        raise ConfigError(
            "causal_loss: losses and observed must be equally long, "
            f"got {len(loss)} and {len(seen)}."
        )
    if not np.isin(seen, (0.0, 1.0)).all():
        raise ConfigError("causal_loss: observed must hold 0 and 1 only.")
    counted = seen == 1.0
    if not np.isfinite(loss[counted]).all():
        raise ConfigError("causal_loss: losses must be finite where observed is 1.")
    if propensity is None:
        if not counted.any():
            raise ConfigError("causal_loss: without propensities some row must be observed.")
        return float(loss[counted].mean())
    if not 0.0 < floor <= 1.0:
        raise ConfigError(f"causal_loss: floor must be in (0, 1], got {floor!r}.")
    chance = _vector("propensity", propensity)
    if len(chance) != len(loss):
        raise ConfigError(
            f"causal_loss: propensity must have {len(loss)} entries, got {len(chance)}."
        )
    if not ((chance > 0.0) & (chance <= 1.0)).all():
        raise ConfigError("causal_loss: propensity must lie in (0, 1].")
    return float((loss[counted] / np.maximum(chance[counted], floor)).sum() / len(loss))


def _vector(name: str, values: ArrayLike, *, finite: bool = True) -> NDArray[Any]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise ConfigError(f"{name} must be a vector of at least one number, got {array.shape}.")
    if finite and not np.isfinite(array).all():
        raise ConfigError(f"{name} must be finite.")
    return array
