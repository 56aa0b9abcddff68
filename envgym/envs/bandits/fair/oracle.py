"""Exact answers: every threshold at its own steady state, and the best one that is allowed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.envs.bandits.fair.population import Population, grid

SLACK = 1e-12
"""Residuals up to this count as met: rounding of sums of shares."""
SHARE_LOW, SHARE_HIGH = 0.05, 0.95
"""The population moves towards a share of group 1 inside these."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Every threshold held until the population rests, float64 [K] each."""

    thresholds: NDArray[Any]
    shares: NDArray[Any]
    """Fixed point of the share of group 1."""
    rewards: NDArray[Any]
    """Expected reward per applicant and round there."""
    gaps: NDArray[Any]
    """Signed difference of acceptance rates, group 1 minus group 0."""
    served: NDArray[Any]
    """Share of the applicants who are accepted."""
    feasible: NDArray[Any]
    """bool [K]: both constraints hold."""
    best: int
    """Feasible threshold of highest reward, the lowest among equals."""
    free: int
    """Threshold of highest reward, constraints ignored."""


def targets(gaps: Any, kappa: float) -> Any:
    """Return the share of group 1 that the population moves towards: clip(.5 + kappa gap, .05, .95)."""
    return np.clip(0.5 + kappa * np.asarray(gaps), SHARE_LOW, SHARE_HIGH)


def sweep(
    people: Population,
    *,
    benefit: float,
    cost: float,
    epsilon: float,
    floor: float,
    kappa: float,
) -> Sweep:
    """Return the steady states of all thresholds.

    The decay of the dynamics moves no fixed point and is not needed. Threshold 0 accepts
    everybody, so that at least one threshold is feasible.

    Args:
        people: rates at K thresholds.
        benefit: reward of an accepted good applicant.
        cost: loss of an accepted bad one.
        epsilon: largest allowed absolute gap.
        floor: smallest allowed share of accepted applicants.
        kappa: strength of the feedback.
    """
    accepted, good = people.accepted, people.good
    gaps = accepted[1] - accepted[0]
    shares = targets(gaps, kappa)
    value = benefit * good - cost * (accepted - good)
    rewards = (1 - shares) * value[0] + shares * value[1]
    served = (1 - shares) * accepted[0] + shares * accepted[1]
    feasible = (np.abs(gaps) - epsilon <= SLACK) & (floor - served <= SLACK)
    return Sweep(
        thresholds=grid(len(gaps)),
        shares=shares,
        rewards=rewards,
        gaps=gaps,
        served=served,
        feasible=feasible,
        best=int(np.argmax(np.where(feasible, rewards, -np.inf))),
        free=int(np.argmax(rewards)),
    )
