"""Success rates of PaymentBandit that are known exactly, as means over worlds."""

import math
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FLAT = 700.0
"""Logits beyond this are cut off there, so that the exponential stays finite."""
_NODES = 4001
_REACH = 9.0


class _Rules(Protocol):
    @property
    def actions(self) -> int: ...
    @property
    def features(self) -> int: ...
    @property
    def available(self) -> float: ...
    @property
    def intercept(self) -> float: ...
    @property
    def slope(self) -> float: ...


def open_counts(actions: int, available: float) -> NDArray[np.float64]:
    """Return P(k actions are available), float64 [actions + 1]; at least one always is."""
    law = [
        math.comb(actions, k) * available**k * (1.0 - available) ** (actions - k)
        for k in range(actions + 1)
    ]
    law[1] += law[0]
    law[0] = 0.0
    return np.array(law)


def best_rate(rules: _Rules) -> float:
    """Return the expected success of the best available action, a share in (0, 1).

    Given a context of length sqrt(d) the logits of different actions are, over worlds, independent
    N(intercept, slope^2 d); so the rate is the mean over k of the sigmoid of the largest of k
    normals: sum_k P(k) integral sigmoid(b + s z) k phi(z) Phi(z)^(k-1) dz, by Simpson's rule.
    """
    return _rates(rules.actions, rules.features, rules.available, rules.intercept, rules.slope)[0]


def uniform_rate(rules: _Rules) -> float:
    """Return the expected success of any choice that ignores the context: E sigmoid(b + s z)."""
    return _rates(rules.actions, rules.features, rules.available, rules.intercept, rules.slope)[1]


@lru_cache(maxsize=64)
def _rates(
    actions: int, features: int, available: float, intercept: float, slope: float
) -> tuple[float, float]:
    z = np.linspace(-_REACH, _REACH, _NODES)
    simpson = np.ones(_NODES)
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    weight = simpson * (z[1] - z[0]) / 3.0 * np.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    below = np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z])
    logit = np.clip(intercept + slope * math.sqrt(features) * z, -FLAT, FLAT)
    chance = 1.0 / (1.0 + np.exp(-logit))
    law = open_counts(actions, available)
    best = sum(law[k] * k * float(weight @ (chance * below ** (k - 1))) for k in range(1, len(law)))
    return float(best), float(weight @ chance)
