"""Advantages of rollouts and of their turns, within groups that share task and seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.rewards.group.normalise import Estimator, estimator, normalise

Floats = NDArray[np.float64]


def discounted(rewards: ArrayLike, gamma: float) -> float:
    """Return the sum of gamma**t times the reward of turn t.

    >>> round(discounted([0, 0, 1], 0.9), 2)
    0.81
    """
    values = np.asarray(rewards, dtype=np.float64)
    return float(values @ gamma ** np.arange(values.size))


def episode_advantages(
    rewards: Sequence[ArrayLike],
    groups: Sequence[int],
    *,
    name: Estimator = "rloo",
    gamma: float = 1.0,
) -> Floats:
    """Return one advantage per rollout, shape [N].

    Formula: A_i = est_{j in group}(R_j)[i], R_j = sum_t gamma**t r_{j,t}
    Source:  cookbook D1 for the estimators; gamma below 1 makes the faster success better.

    Args:
        rewards: N arrays [T_i], settled reward per turn of valid episodes: an invalid one is
            left out before, never given as 0.
        groups: int [N]; members need not be neighbours.
        name: rloo, grpo or dr_grpo.
        gamma: discount per turn, 0 to 1.

    >>> episode_advantages([[0, 1], [0, 0]], [7, 7]).tolist()
    [1.0, -1.0]
    """
    return normalise([discounted(r, gamma) for r in rewards], np.asarray(groups), name)


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
    name: Estimator = "rloo",
    gamma: float = 1.0,
) -> list[Floats]:
    """Return one advantage per turn of every rollout: its reward-to-go against the group's.

    Formula: A_{i,t} = est_{j in group}(G_{j,t})[i], G_{i,t} = sum_{u >= t} gamma**(u-t) r_{i,u}
    Source:  reward-to-go with the estimators of D1 (ours); a member that has ended counts
             with G = 0, which is what it will still earn.
    Shapes:  rewards: N arrays [T_i]; result: N arrays [T_i].
    Laws:    T = 1 for all members equals ``episode_advantages``; where no member earns
             anything from turn t on, turn t gets zeros.

    >>> [a.tolist() for a in turn_advantages([[0, 1], [0]], [0, 0])]
    [[1.0, 1.0], [-1.0]]
    """
    compare = estimator(name)
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
            column = compare(table[:, turn])
            for row, i in enumerate(members):
                if turn < out[i].size:
                    out[i][turn] = column[row]
    return out
