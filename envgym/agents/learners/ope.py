"""Off-policy evaluation: what another policy would have earned on logged rounds.

The estimators are those of contextual bandits: the mean reward per round over the *logged*
contexts and states. Where actions change who comes next (closed loops), another policy would meet
other states; nothing here corrects for that.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.agents.learners.ope_inputs import (
    chosen_of,
    cut,
    members_of,
    reals,
    same_rounds,
    tables_of,
    weights_of,
)
from envgym.types import ConfigError

_Z = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimated mean reward per round."""

    method: str
    """direct, ipw, snipw or dr."""
    value: float
    """In the unit of the rewards."""
    se: float
    """Standard error, robust to dependence within groups; inf with a single group."""
    low: float
    """Lower end of the 95 % interval: percentile bootstrap, or value - 1.96 se without one."""
    high: float
    """Upper end of it."""
    ess: float
    """Effective sample size (sum w)^2 / sum w^2 of the weights, 0 to N; N where none are used."""
    clipped: int
    """Rounds whose weight was cut."""
    rounds: int
    """N."""


def importance_weights(
    propensities: ArrayLike, target: ArrayLike, *, clip: float | None = None
) -> NDArray[Any]:
    """Return target / propensity per round, float64 [N].

    Args:
        propensities: [N] probability, in (0, 1], with which the logging policy drew what it drew.
        target: [N] probability, in [0, 1], of the same action under the policy to be evaluated.
        clip: Weights above it become it, at the price of a bias; None: none are cut.

    Raises:
        ConfigError: wrong shapes, or values outside their range (NaN included).

    >>> importance_weights([0.5, 0.25, 0.4], [0.25, 0.5, 0.4], clip=1.5).tolist()
    [0.5, 1.5, 1.0]
    """
    return cut(weights_of(propensities, target), clip)[0]


def effective_size(weights: ArrayLike) -> float:
    """Return (sum w)^2 / sum w^2: how many equally weighted rounds tell as much; 0 if all are 0.

    Kish 1965 (recalled).

    Raises:
        ConfigError: a weight is negative or not finite, or there are none.

    >>> round(effective_size([0.5, 2.0, 1.0]), 6)
    2.333333
    """
    w = reals("weights", weights)
    if w.min() < 0:
        raise ConfigError(f"weights must be 0 or more, got {w.min():g}.")
    top = float(w.max(initial=0.0))
    if top == 0.0:
        return 0.0
    w = w / top  # the squares of huge weights would overflow
    return float(w.sum() ** 2 / (w * w).sum())


def taken(table: ArrayLike, actions: ArrayLike) -> NDArray[Any]:
    """Return the entry of each round's action, [N], of a table [N, A].

    Raises:
        ConfigError: shapes do not fit, or an action is not one of 0 to A - 1.
    """
    values = reals("table", table, 2)
    chosen = chosen_of(actions, *values.shape)
    return np.asarray(values[np.arange(len(values)), chosen])


def direct(
    target: ArrayLike,
    q_hat: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> Estimate:
    """Return the direct method's estimate: mean of sum_a target(a) q_hat(a). As good as the model.

    Args:
        target: [N, A] probabilities of the policy to be evaluated; each row sums to 1.
        q_hat: [N, A] predicted reward of each action in each round's context.
        groups: [N] integers, for instance the episode of each round: rounds of one group may depend
            on each other, and the error and the interval then count groups. None: every round is
            its own.
        resamples: Bootstrap resamples of groups; 0: a normal interval.
        seed: Of the bootstrap.

    Raises:
        ConfigError: wrong shapes, or values outside their range (NaN included).
    """
    table, model = tables_of(target, q_hat)
    terms = (table * model).sum(axis=1)
    return _finish("direct", terms, None, None, 0, groups, resamples, seed)


def ipw(
    rewards: ArrayLike,
    propensities: ArrayLike,
    target: ArrayLike,
    *,
    clip: float | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> Estimate:
    """Return the inverse-propensity estimate: mean of w r, with w = target / propensity.

    Unbiased where every action of the target had a chance to be logged and nothing is clipped; its
    variance grows with the weights. Horvitz and Thompson 1952 (recalled).

    Args:
        rewards: [N] realised rewards.
        propensities: As in ``importance_weights``.
        target: [N], as in ``importance_weights``.
        clip: As in ``importance_weights``.
        groups: As in ``direct``.
        resamples: As in ``direct``.
        seed: As in ``direct``.

    Raises:
        ConfigError: wrong shapes, or values outside their range (NaN included).

    >>> found = ipw([1, 0, 2], [0.5, 0.25, 0.4], [0.25, 0.5, 0.4])
    >>> round(found.value, 6), round(found.se, 6)
    (0.833333, 0.600925)
    """
    r = reals("rewards", rewards)
    w, clipped = cut(weights_of(propensities, target), clip)
    same_rounds("propensities", w, r)
    return _finish("ipw", w * r, None, w, clipped, groups, resamples, seed)


def snipw(
    rewards: ArrayLike,
    propensities: ArrayLike,
    target: ArrayLike,
    *,
    clip: float | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> Estimate:
    """Return the self-normalised estimate: sum of w r over sum of w.

    Lies between the lowest and the highest logged reward and moves with a constant added to all
    rewards; slightly biased, by O(1 / N). Swaminathan and Joachims 2015 (recalled). The standard
    error is the delta method's. Arguments as in ``ipw``.

    Raises:
        ConfigError: as ``ipw``, or every weight is 0.

    >>> round(snipw([1, 0, 2], [0.5, 0.25, 0.4], [0.25, 0.5, 0.4]).value, 6)
    0.714286
    """
    r = reals("rewards", rewards)
    w, clipped = cut(weights_of(propensities, target), clip)
    same_rounds("propensities", w, r)
    if not w.any():
        raise ConfigError("snipw: the target gives probability 0 to every logged action.")
    return _finish("snipw", w * r, w, w, clipped, groups, resamples, seed)


def dr(
    rewards: ArrayLike,
    actions: ArrayLike,
    propensities: ArrayLike,
    target: ArrayLike,
    q_hat: ArrayLike,
    *,
    clip: float | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> Estimate:
    """Return the doubly robust estimate: the direct method plus w times the model's error.

    Right on average if either the propensities or the model are right. Dudik, Langford and Li 2011
    (recalled). ``q_hat`` must not have been fitted on the rounds it is used for (see
    ``ridge_model``).

    Args:
        rewards: [N] realised rewards.
        actions: [N] integers, what was played.
        propensities: As in ``importance_weights``.
        target: [N, A], as in ``direct``.
        q_hat: [N, A], as in ``direct``.
        clip: As in ``importance_weights``.
        groups: As in ``direct``.
        resamples: As in ``direct``.
        seed: As in ``direct``.

    Raises:
        ConfigError: wrong shapes, or values outside their range (NaN included).
    """
    r = reals("rewards", rewards)
    table, model = tables_of(target, q_hat)
    same_rounds("target", table, r)
    chosen = chosen_of(actions, *table.shape)
    rows = np.arange(len(r))
    w, clipped = cut(weights_of(propensities, table[rows, chosen]), clip)
    terms = (table * model).sum(axis=1) + w * (r - model[rows, chosen])
    return _finish("dr", terms, None, w, clipped, groups, resamples, seed)


def ridge_model(
    contexts: ArrayLike,
    actions: ArrayLike,
    rewards: ArrayLike,
    count: int,
    *,
    penalty: float = 1.0,
    folds: int = 2,
    groups: ArrayLike | None = None,
) -> NDArray[Any]:
    """Return q_hat, float64 [N, A]: a ridge regression per action, never fitted on its own rounds.

    Each fold is predicted by a model of the others. An action that they never played is given
    their mean reward. Deterministic: round i (or the i-th group) belongs to fold i mod ``folds``.

    Args:
        contexts: [N, d]; d may be 0, which leaves a mean per action.
        actions: [N] integers from 0 to A - 1.
        rewards: [N] realised rewards.
        count: A, the number of actions.
        penalty: Ridge penalty, above 0, on the intercept too (around the mean reward).
        folds: 2 or more, at most the number of groups.
        groups: As in ``direct``; a group is never split between folds.

    Raises:
        ConfigError: wrong shapes, or values outside their range (NaN included).
    """
    x = reals("contexts", contexts, 2)
    r = reals("rewards", rewards)
    same_rounds("contexts", x, r)
    chosen = chosen_of(actions, len(r), count)
    if not penalty > 0 or not np.isfinite(penalty):
        raise ConfigError(f"penalty must be a finite number above 0, got {penalty!r}.")
    members, total = members_of(groups, len(r))
    if not 2 <= folds <= total:
        raise ConfigError(f"folds must be from 2 to the number of groups, {total}, got {folds!r}.")
    features = np.concatenate([np.ones((len(r), 1)), x], axis=1)
    ridge = penalty * np.eye(features.shape[1])
    q_hat = np.empty((len(r), count))
    fold = members % folds
    for number in range(folds):
        test, train = fold == number, fold != number
        mean = r[train].mean()
        for action in range(count):
            rows = train & (chosen == action)
            gram = features[rows].T @ features[rows] + ridge
            weights = np.linalg.solve(gram, features[rows].T @ (r[rows] - mean))
            q_hat[test, action] = mean + features[test] @ weights
    return q_hat


def _finish(
    method: str,
    top: NDArray[Any],
    bottom: NDArray[Any] | None,
    weights: NDArray[Any] | None,
    clipped: int,
    groups: ArrayLike | None,
    resamples: int,
    seed: int,
) -> Estimate:
    """Return the estimate sum(top) / sum(bottom), or the mean of ``top``, with its errors."""
    n = len(top)
    base = np.ones(n) if bottom is None else bottom
    members, total = members_of(groups, n)
    value = float(top.sum() / base.sum())
    # Influence of each round on the ratio; summed within groups, whose rounds may be dependent.
    influence = np.bincount(members, (top - value * base) / base.mean(), total)
    spread = float((influence * influence).sum())
    se = float(np.sqrt(spread * total / (total - 1)) / n) if total > 1 else float("inf")
    low, high = value - _Z * se, value + _Z * se
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < 0:
        raise ConfigError(f"resamples must be an integer of 0 or more, got {resamples!r}.")
    if resamples and total > 1:
        tops, bases = np.bincount(members, top, total), np.bincount(members, base, total)
        draws = _bootstrap(tops, bases, resamples, seed)
        low, high = (float(end) for end in np.quantile(draws, (0.025, 0.975)))
    size = float(n) if weights is None else effective_size(weights)
    return Estimate(
        method=method, value=value, se=se, low=low, high=high, ess=size, clipped=clipped, rounds=n
    )


def _bootstrap(tops: NDArray[Any], bases: NDArray[Any], resamples: int, seed: int) -> NDArray[Any]:
    """Return the ratio of sums in resamples of the groups; those without any weight are left out."""
    rng = np.random.default_rng(seed)
    total = len(tops)
    draws = np.empty((2, resamples))
    for number in range(resamples):
        rows = rng.integers(0, total, total)
        draws[:, number] = tops[rows].sum(), bases[rows].sum()
    kept = draws[:, draws[1] > 0]
    return np.asarray(kept[0] / kept[1])
