"""Advantages of the members of a group: several rollouts of one task and one seed."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_STD_FLOOR = 1e-6
"""Added to the standard deviation, as in GRPO; groups whose spread is below it give zeros."""


def rloo(returns: ArrayLike) -> Floats:
    """Return each member's return minus the mean of the others', shape [G].

    Formula: A_i = R_i - mean_{j != i} R_j = G / (G - 1) * (R_i - mean R)
    Source:  cookbook D1 (REINFORCE leave-one-out); the baseline is independent of the
             member's own actions, so the gradient is unbiased.
    Laws:    sums to 0; zero variance or G = 1 gives zeros.

    >>> rloo([1, 0, 0, 0]).round(3).tolist()
    [1.0, -0.333, -0.333, -0.333]
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.size < 2:
        return np.zeros_like(values)
    return dr_grpo(values) * (values.size / (values.size - 1))


def grpo(returns: ArrayLike) -> Floats:
    """Return the z-score inside the group (population deviation), shape [G].

    Formula: A_i = (R_i - mean R) / (std_P R + 1e-6)
    Source:  cookbook D1.
    Laws:    sums to 0; unchanged by a positive affine map of R; zero variance gives zeros.

    >>> grpo([1, 0, 0, 0]).round(3).tolist()
    [1.732, -0.577, -0.577, -0.577]
    """
    centred = dr_grpo(returns)
    spread = float(np.sqrt(np.mean(centred**2))) if centred.size else 0.0
    # Equal returns leave rounding dust after centring; dividing dust by 1e-6 is a signal.
    if spread < _STD_FLOOR:
        return np.zeros_like(centred)
    return centred / (spread + _STD_FLOOR)


def dr_grpo(returns: ArrayLike) -> Floats:
    """Return each member's return minus the group's mean, shape [G].

    Formula: A_i = R_i - mean R
    Source:  cookbook D1 (Dr. GRPO); pair it with the aggregation ``constant``.
    Laws:    sums to 0; zero variance gives zeros.

    >>> dr_grpo([1, 0, 0, 0]).tolist()
    [0.75, -0.25, -0.25, -0.25]
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.size == 0 or values.max() == values.min():
        return np.zeros_like(values)
    return values - values.mean()


ESTIMATORS: dict[str, Callable[[ArrayLike], Floats]] = {
    "rloo": rloo,
    "grpo": grpo,
    "dr_grpo": dr_grpo,
}
"""The estimators by the name a configuration uses."""


def group_advantages(returns: ArrayLike, groups: Sequence[int], estimator: str = "rloo") -> Floats:
    """Return the episode-level advantage of every rollout of a batch, shape [N].

    Args:
        returns: float [N], one return per rollout; every one valid (drop invalid episodes
            before: a missing number must not become a 0).
        groups: int [N], the group of each rollout; members need not be neighbours.
        estimator: a key of ``ESTIMATORS``.
    """
    values = np.asarray(returns, dtype=np.float64)
    keys = np.asarray(groups)
    out = np.zeros_like(values)
    for key in np.unique(keys):
        members = keys == key
        out[members] = ESTIMATORS[estimator](values[members])
    return out


def discounted(rewards: ArrayLike, gamma: float) -> float:
    """Return the sum of gamma**t times the reward of turn t.

    >>> round(discounted([0, 0, 1], 0.9), 2)
    0.81
    """
    values = np.asarray(rewards, dtype=np.float64)
    return float(values @ gamma ** np.arange(values.size))


def rewards_to_go(rewards: ArrayLike, gamma: float) -> Floats:
    """Return for every turn the discounted sum of its own and all later rewards, shape [T].

    >>> rewards_to_go([0, 0, 1], 0.5).tolist()
    [0.25, 0.5, 1.0]
    """
    out = np.array(rewards, dtype=np.float64)
    for turn in range(out.size - 2, -1, -1):
        out[turn] += gamma * out[turn + 1]
    return out


def turn_advantages(
    rewards: Sequence[ArrayLike],
    groups: Sequence[int],
    *,
    estimator: str = "rloo",
    gamma: float = 1.0,
) -> list[Floats]:
    """Return one advantage per turn of every rollout: reward-to-go against the group's.

    Formula: A_{i,t} = est_{j in group}(G_{j,t})[i], G_{i,t} = sum_{u >= t} gamma**(u-t) r_{i,u}
    Source:  reward-to-go with the estimators above; a member that has ended counts with
             G = 0, which is what it will still earn.
    Shapes:  rewards: N arrays [T_i]; result: N arrays [T_i].
    Laws:    T = 1 for all members equals ``group_advantages``; turns that nobody is paid
             for afterwards get zeros.

    >>> [a.tolist() for a in turn_advantages([[0, 1], [0]], [0, 0])]
    [[1.0, 1.0], [-1.0]]
    """
    to_go = [rewards_to_go(r, gamma) for r in rewards]
    keys = np.asarray(groups)
    out = [np.zeros_like(g) for g in to_go]
    for key in np.unique(keys):
        members = np.flatnonzero(keys == key)
        longest = max(to_go[i].size for i in members)
        table = np.zeros((members.size, longest))
        for row, i in enumerate(members):
            table[row, : to_go[i].size] = to_go[i]
        for turn in range(longest):
            column = ESTIMATORS[estimator](table[:, turn])
            for row, i in enumerate(members):
                if turn < out[i].size:
                    out[i][turn] = column[row]
    return out
