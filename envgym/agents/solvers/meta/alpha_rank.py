"""Alpha-rank's marginals as a meta-solver."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from envgym.agents.ratings.alpha_rank import alpha_rank
from envgym.agents.solvers.meta.payoffs import Weights, checked, profiles
from envgym.types.errors import ConfigError

LIMIT = 1_024
"""Most joint profiles: the chain over them is solved densely, in cubic time."""


def alpha_rank_marginals(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return how long evolution stays with each strategy, in the limit of strong selection.

    Formula: marginals of the stationary distribution of ``envgym.agents.ratings.alpha_rank``
             over joint profiles, one population per player
    Source:  Omidshafiei et al., arXiv 1903.01373; in PSRO: Muller et al., arXiv 1909.12823
             (recalled)
    Laws:    invariant to payoffs * c (c > 0) and + constant, up to rounding of ties; relabelling
             strategies relabels the answer. Not an equilibrium: marginals of a joint distribution

    Raises:
        ConfigError: the populations have more than ``LIMIT`` joint profiles.

    >>> [w.round(6).tolist() for w in alpha_rank_marginals([[[1, 1], [0, 0]], [[1, 0], [1, 0]]])]
    [[1.0, 0.0], [1.0, 0.0]]
    """
    tensors = checked(payoffs)
    count = profiles(tensors)
    if count > LIMIT:
        raise ConfigError(
            f"the meta-solver 'alpha_rank' is for at most {LIMIT:,} joint profiles, got {count:,}; "
            "take fewer iterations or another meta-solver."
        )
    if count == 1:
        return tuple(np.ones(1) for _ in tensors)
    if len(tensors) == 1:  # nobody else: only the best strategies last
        best = np.isclose(tensors[0], tensors[0].max(), rtol=0.0, atol=1e-14).astype(np.float64)
        return (best / best.sum(),)
    found = alpha_rank(tensors, symmetric=False)
    return tuple(found.marginal(player) for player in range(len(tensors)))
