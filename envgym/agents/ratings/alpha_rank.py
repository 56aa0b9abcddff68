"""Alpha-rank: how long evolution stays with each strategy, cycles included."""

from collections.abc import Sequence
from math import inf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envgym.types.errors import ConfigError

Floats = NDArray[np.float64]


class AlphaRank(NamedTuple):
    """A Markov chain over strategies, or over profiles of them, and where it spends its time."""

    mass: Floats
    """[S], sums to 1: the stationary distribution; ranks strategies, or profiles in C order."""
    transition: Floats
    """[S, S], rows sum to 1: chance that the row's is replaced by the column's."""
    shape: tuple[int, ...]
    """Strategies of each population; (S,) for one population."""

    def marginal(self, population: int) -> Floats:
        """Return the mass of each strategy of a population."""
        others = tuple(axis for axis in range(len(self.shape)) if axis != population)
        return np.asarray(self.mass.reshape(self.shape).sum(axis=others), np.float64)


def alpha_rank(
    payoffs: ArrayLike | Sequence[ArrayLike],
    *,
    alpha: float = inf,
    population: int = 50,
    epsilon: float = 1e-9,
    symmetric: bool | None = None,
) -> AlphaRank:
    """Return alpha-rank's chain and its stationary distribution.

    Formula: a mutant r takes over a population of m playing s with the chance
             rho = (1 - e^-u) / (1 - e^-(m u)), 1 / m at u = 0, u = alpha (f_r - f_s), and
             transition[s, r] = rho / sum_k (S_k - 1). One population (a symmetric game's payoff
             matrix M): f_r = M[r, s], f_s = M[s, r]. Several: profiles that differ in the
             strategy of player k only, f from player k's payoffs. alpha = inf: rho is 1 -
             epsilon for better, 1/2 for equal, epsilon for worse
    Source:  Omidshafiei et al., arXiv 1903.01373 (recalled); OpenSpiel's egt.alpharank (seen),
             whose local selection model one population follows and whose 1/2 for equals
             infinite alpha follows
    Laws:    mass sums to 1; a constant added to all payoffs changes nothing; large finite alpha
             tends to infinite alpha where no payoffs are equal

    The chain is solved in logarithms without subtractions (Grassmann, Taksar, Heyman), so that
    alpha m |f_r - f_s| in the thousands neither overflows nor turns the chain reducible.

    Args:
        payoffs: [S, S] for one population, the row's payoff; or one array [S_1, ..., S_P] per
            player for P populations.
        alpha: strength of selection, 0 or more; inf: the limit.
        population: m, individuals in each, 2 or more.
        epsilon: at alpha = inf, chance of a change for the worse, more than 0, below 1/2.
        symmetric: whether ``payoffs`` is one matrix of a symmetric game; None: if it is a square
            matrix of numbers.

    Raises:
        ConfigError: a value, or a shape of payoffs, that is not allowed.

    >>> alpha_rank([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]).mass.round(6).tolist()
    [0.333333, 0.333333, 0.333333]
    """
    if isnan(alpha) or alpha < 0:
        raise ConfigError(f"alpha_rank.alpha must be 0 or more, got {alpha!r}.")
    if population < 2:
        raise ConfigError(f"alpha_rank.population must be 2 or more, got {population}.")
    if not 0.0 < epsilon < 0.5:
        raise ConfigError(f"alpha_rank.epsilon must be more than 0 and below 0.5, got {epsilon!r}.")
    tables = _tables(payoffs, symmetric)
    shape = tables[0].shape[:1] if len(tables) == 1 else tables[0].shape
    states = int(np.prod(shape))
    moves = sum(count - 1 for count in shape)
    logs = np.full((states, states), -np.inf)
    for s, r, gain in _steps(tables, shape):
        logs[s, r] = _log_fixation(gain, alpha, population, epsilon) - np.log(moves)
    transition = np.exp(logs)
    np.fill_diagonal(transition, np.maximum(0.0, 1.0 - transition.sum(axis=1)))
    return AlphaRank(_stationary(logs), transition, tuple(int(n) for n in shape))


def _tables(
    payoffs: ArrayLike | Sequence[ArrayLike], symmetric: bool | None
) -> list[NDArray[np.float64]]:
    try:
        whole = np.asarray(payoffs, np.float64)
    except (ValueError, TypeError):
        raise ConfigError("alpha_rank.payoffs must be arrays of numbers of one shape.") from None
    one = whole.ndim == 2 if symmetric is None else symmetric
    if one and (whole.ndim != 2 or whole.shape[0] != whole.shape[1]):
        raise ConfigError(
            f"alpha_rank.payoffs of one population must be a square matrix, got {whole.shape}."
        )
    if not one and (whole.ndim < 3 or whole.ndim - 1 != len(whole)):
        raise ConfigError(
            "alpha_rank.payoffs of several populations must be one array per player with an axis "
            f"per player, got the shape {whole.shape}."
        )
    if whole.size == 0 or not np.all(np.isfinite(whole)):
        raise ConfigError("alpha_rank.payoffs must be finite and not empty.")
    return [whole] if one else list(whole)


def _steps(tables: Sequence[Floats], shape: tuple[int, ...]) -> list[tuple[int, int, float]]:
    """Return (state, next state, the mutant's gain) of all changes of one strategy."""
    if len(tables) == 1:
        m, size = tables[0], shape[0]
        pairs = [(s, r) for s in range(size) for r in range(size) if r != s]
        return [(s, r, float(m[r, s] - m[s, r])) for s, r in pairs]
    found: list[tuple[int, int, float]] = []
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    for profile in np.ndindex(*shape):
        for k, count in enumerate(shape):
            for other in range(count):
                if other != profile[k]:
                    mutant = (*profile[:k], other, *profile[k + 1 :])
                    gain = float(tables[k][mutant] - tables[k][profile])
                    found.append((int(numbers[profile]), int(numbers[mutant]), gain))
    return found


def _log_fixation(gain: float, alpha: float, m: int, epsilon: float) -> float:
    """Return the logarithm of a mutant's chance to take over."""
    if alpha == inf:
        equal = abs(gain) <= 1e-14
        return float(np.log(0.5 if equal else 1.0 - epsilon if gain > 0 else epsilon))
    u = alpha * gain
    if abs(u) < 1e-14:
        return float(-np.log(m))
    if u > 0:
        return float(np.log(-np.expm1(-u)) - np.log(-np.expm1(-m * u)))
    # Both differences are negative: (e^|u| - 1) / (e^(m|u|) - 1), with the large powers taken out.
    v = -u
    return float((1.0 - m) * v + np.log(-np.expm1(-v)) - np.log(-np.expm1(-m * v)))


def _stationary(logs: Floats) -> Floats:
    """Return the stationary distribution of a chain from the logarithms of its moves."""
    a = logs.copy()
    np.fill_diagonal(a, -np.inf)
    size = len(a)
    # State k is removed: its visitors go on to where it leads among those before it.
    for k in range(size - 1, 0, -1):
        a[:k, k] -= np.logaddexp.reduce(a[k, :k])
        a[:k, :k] = np.logaddexp(a[:k, :k], a[:k, k, None] + a[k, None, :k])
    mass = np.zeros(size)
    for k in range(1, size):
        mass[k] = np.logaddexp.reduce(mass[:k] + a[:k, k])
    return np.asarray(np.exp(mass - np.logaddexp.reduce(mass)), np.float64)
