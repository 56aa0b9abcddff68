"""preference: one user's mixture of channels, and how differently users fare."""

from collections.abc import Mapping, Sequence
from math import fsum, isfinite
from typing import NamedTuple

from envgym.rewards.fold.sum import Sum
from envgym.rewards.fold.variance import Variance
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.types.errors import ConfigError

_SLACK = 1e-9


def preference(of: Sequence[Node], weights: Sequence[float], *, name: str = "preference") -> Node:
    """Return the channels weighted as one user weighs them.

    Formula: R = sum_k w_k * r_k, w on the simplex
    Source:  cookbook C16 (inferred)
    Shapes:  any scopes; step values keep their turns
    Range:   convex combination of the intervals
    Laws:    up in each (L3); all weight on one channel: that channel (L8)

    Args:
        of: channels.
        weights: one per channel, 0 or more, summing to 1.
        name: component in the ledger.

    Raises:
        ConfigError: if the weights leave the simplex; they are never normalised in silence.

    >>> from envgym.rewards import Source
    >>> node = preference([Source("help", "episode"), Source("harm", "episode")], (0.75, 0.25))
    >>> node.settle([{}, {"help": 1.0, "harm": -1.0}])[0]
    0.5
    """
    if not of or len(weights) != len(of):
        raise ConfigError(
            f"preference.weights must be one per channel, got {len(weights)} for {len(of)}."
        )
    if any(not w >= 0 for w in weights) or abs(fsum(weights) - 1.0) > _SLACK:
        raise ConfigError(
            "preference.weights must be on the simplex: 0 or more and summing to 1, got "
            f"{list(weights)}, which sum to {fsum(weights):g}."
        )
    return Sum(tuple(Scale(n, w) for n, w in zip(of, weights, strict=True)), name=name)


def user_variance(
    of: Sequence[Node], users: Sequence[Sequence[float]], *, name: str = "user_variance"
) -> Node:
    """Return how far users with these weights disagree about one rollout.

    Formula: var_P over users u of sum_k w_uk * r_k
    Source:  cookbook C16 (inferred)
    Shapes:  channels of one scope; users U by channels
    Range:   [0, (hi - lo)^2 / 4] of the users' mixtures
    Laws:    equal users: 0

    >>> from envgym.rewards import Source
    >>> channels = [Source("a", "episode"), Source("b", "episode")]
    >>> user_variance(channels, [(1, 0), (0, 1)]).settle([{}, {"a": 1.0, "b": 0.0}])[0]
    0.25
    """
    return Variance(tuple(preference(of, weights) for weights in users), name=name)


class UserReturns(NamedTuple):
    """What one user's episodes were worth."""

    episodes: int
    mean: float
    variance: float
    """Population variance; 0 for one episode."""


def per_user(returns: Sequence[float], users: Sequence[str]) -> Mapping[str, UserReturns]:
    """Return count, mean and population variance of the returns of each user, by name.

    Raises:
        ConfigError: for unequal lengths or a return that is not finite.

    >>> per_user([1.0, 0.0, 0.5], ["ann", "ann", "bo"])["ann"]
    UserReturns(episodes=2, mean=0.5, variance=0.25)
    """
    if len(returns) != len(users):
        raise ConfigError(
            f"per_user needs one user per return, got {len(returns)} returns and {len(users)} users."
        )
    if not all(isfinite(x) for x in returns):
        raise ConfigError("per_user needs finite returns; leave out invalid episodes.")
    found: dict[str, list[float]] = {}
    for user, value in zip(users, returns, strict=True):
        found.setdefault(user, []).append(value)
    report = {}
    for user in sorted(found):
        values = found[user]
        mean = fsum(values) / len(values)
        spread = fsum((x - mean) ** 2 for x in values) / len(values)
        report[user] = UserReturns(len(values), mean, spread)
    return report
