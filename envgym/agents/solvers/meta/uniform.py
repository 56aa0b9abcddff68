"""Uniform: every strategy of the population counts the same."""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Weights, checked, uniform_weights


def uniform(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return equal weights; payoffs matter by their shape only.

    Source:  Lanctot et al. 2017, arXiv 1711.00832 (recalled): PSRO with this is fictitious play

    >>> uniform([[[0, 1]], [[0, -1]]])
    (array([1.]), array([0.5, 0.5]))
    """
    return tuple(uniform_weights(checked(payoffs)))
