"""How far a profile is from equilibrium: exact best responses, NashConv, exploitability."""

from typing import NamedTuple

import numpy as np

from envgym.agents.solvers.level_form import Form, LevelForm
from envgym.agents.solvers.sequences import Floats, Sequences, sequences
from envgym.agents.solvers.table import PolicyTable, from_profile
from envgym.runtime.games.tree import GameTree


class Quality(NamedTuple):
    """What a profile earns and what a deviator would; in the game's own unit."""

    values: tuple[float, ...]
    """Expected return of each player when all keep to the profile."""
    best: tuple[float, ...]
    """Expected return of each player's best response to the others."""

    @property
    def gains(self) -> tuple[float, ...]:
        """What each player could gain by deviating alone; 0 in a Nash equilibrium."""
        pairs = zip(self.best, self.values, strict=True)
        return tuple(max(0.0, best - value) for best, value in pairs)  # rounding goes below

    @property
    def nash_conv(self) -> float:
        """The sum of the gains."""
        return sum(self.gains)

    @property
    def exploitability(self) -> float:
        """NashConv divided by the number of players."""
        return self.nash_conv / len(self.values)

    @property
    def welfare(self) -> float:
        """The sum of the values; 0 in a zero-sum game."""
        return sum(self.values)


def quality(tree: GameTree, profile: Floats) -> Quality:
    """Return the values and best responses of a profile of ``tree``.

    Best responses choose per information set, not per node: exact for any number of players.
    """
    game = sequences(tree)
    return measure(LevelForm(game), game.plans(profile))


def measure(form: Form, plans: list[Floats]) -> Quality:
    """Return the quality of plans, in the unit of ``form``."""
    values, best = [], []
    for player, seat in enumerate(form.seats):
        utility = form.utilities(player, plans)
        values.append(float(utility @ plans[player]))
        seat.maximise(utility)
        best.append(float(utility[0]))
    return Quality(tuple(values), tuple(best))


def table_quality(tree: GameTree, table: PolicyTable) -> Quality:
    """Return the quality of a table, which plays uniformly where it has no row.

    Raises:
        ConfigError: the table is another game's.
    """
    return quality(tree, table.profile(tree))


def best_response(
    tree: GameTree, profile: Floats, player: int, *, ties: float = 1e-12
) -> tuple[float, Floats]:
    """Return what the player's best response to the others earns, and that response.

    Args:
        tree: the game.
        profile: everybody's behaviour; the player's own part is not looked at.
        player: who responds.
        ties: actions count as equally good within this many units of the largest return times
            the reach of the information set, and share the probability.

    Returns:
        The value in the game's unit, and a profile that has the response at the player's
        information sets (all of them, those that are never reached included) and ``profile``
        at the others'.
    """
    game = sequences(tree)
    seat = game.seats[player]
    utility = LevelForm(game).utilities(player, game.plans(profile))
    values = seat.maximise(utility)
    good = utility[1:] >= values.take(seat.owner) - ties * game.scale
    response = profile.copy()
    response[seat.pairs] = seat.normalise(good.astype(np.float64))
    return float(utility[0]), response


def best_response_table(tree: GameTree, table: PolicyTable, player: int) -> PolicyTable:
    """Return the table in which ``player`` plays its best response and the others as before."""
    _, response = best_response(tree, table.profile(tree), player)
    return from_profile(tree, response, f"best response of player {player} to {table.name}")


def expected_values(game: Sequences, plans: list[Floats]) -> tuple[float, ...]:
    """Return each player's expected return when all keep to their plans, in the game's unit."""
    reach = np.ones(game.ends.shape[1])
    for end, plan in zip(game.ends, plans, strict=True):
        reach = reach * plan.take(end)
    return tuple(float(row @ reach) for row in game.payoffs)
