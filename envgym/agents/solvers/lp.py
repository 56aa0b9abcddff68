"""Two-player zero-sum games solved exactly by linear programs over plans."""

from typing import Any

import numpy as np

from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.sequence_form import payoff_matrix
from envgym.agents.solvers.sequences import Floats, Seat, Sequences, sequences
from envgym.runtime.games.tree import GameTree
from envgym.types.errors import ConfigError, MissingExtraError


def equilibrium(tree: GameTree) -> tuple[float, Floats]:
    """Return the value for player 0 in the game's unit and an equilibrium as a profile.

    Each player's part is a linear program of its own: a plan x and, for every information set of
    the other, a bound q on what the other can still gain there (Koller, Megiddo and von Stengel
    1996, recalled); solved by HiGHS. Where a player never goes the profile is uniform.

    Raises:
        ConfigError: the game does not have two players or is not zero-sum.
        MissingExtraError: SciPy is not installed (extra 'stats').
    """
    game = sequences(tree)
    if len(game.seats) != 2 or np.abs(game.payoffs.sum(axis=0)).max(initial=0.0) > 1e-9:
        raise ConfigError(
            f"the linear program is for two-player zero-sum games; '{tree.game.name}' "
            + (f"has {len(game.seats)} players." if len(game.seats) != 2 else "is not zero-sum.")
        )
    behaviours = []
    for player in (0, 1):
        plan = _best_plan(game, player)
        behaviours.append(game.seats[player].normalise(plan[1:]))
    profile = game.profile(behaviours)
    return quality(tree, profile).values[0], profile


def _best_plan(game: Sequences, player: int) -> Floats:
    """Return [n + 1] a plan that guarantees the player the value of the game."""
    try:
        from scipy.optimize import linprog
        from scipy.sparse import hstack
    except ImportError:
        raise MissingExtraError("the linear program", "stats") from None
    mine, other = _constraints(game.seats[player]), _constraints(game.seats[1 - player])
    payoff = payoff_matrix(game, player)
    own, bounds = mine.shape[1], other.shape[0]
    # Maximise q_0, what the other's empty sequence is worth to us at most, under
    # E' q <= A' x: no continuation of the other's gives us less than q says.
    cost = np.zeros(own + bounds)
    cost[own] = -1.0
    right = np.zeros(mine.shape[0])
    right[0] = 1.0
    zero = np.zeros(payoff.shape[1])
    found = linprog(
        cost,
        A_ub=hstack([-payoff.T, other.T], format="csr"),
        b_ub=zero,
        A_eq=hstack([mine, _empty(mine.shape[0], bounds)], format="csr"),
        b_eq=right,
        bounds=[(0.0, None)] * own + [(None, None)] * bounds,
        method="highs",
    )
    if not found.success:
        raise ConfigError(
            f"the linear program of '{game.tree.game.name}' was not solved: {found.message}."
        )
    return np.asarray(np.maximum(found.x[:own], 0.0))


def _constraints(seat: Seat) -> Any:
    """Return [I + 1, n + 1], CSR: row 0 the empty sequence, then children minus parent."""
    from scipy.sparse import csr_array

    sets, actions = len(seat.starts), len(seat.pairs)
    rows = np.concatenate([[0], 1 + np.arange(sets), 1 + seat.owner])
    columns = np.concatenate([[0], seat.parent, 1 + np.arange(actions)])
    entries = np.concatenate([[1.0], -np.ones(sets), np.ones(actions)])
    return csr_array((entries, (rows, columns)), shape=(sets + 1, actions + 1))


def _empty(rows: int, columns: int) -> Any:
    from scipy.sparse import csr_array

    return csr_array((rows, columns))
