"""Utilities of sequences for two players: one sparse matrix-vector product."""

from typing import Any

import numpy as np

from envgym.agents.solvers.sequences import Floats, Seat, Sequences
from envgym.types.errors import ConfigError, MissingExtraError


class SequenceForm:
    """The payoffs as two sparse matrices, sequences of the one player by those of the other.

    Args:
        game: the sequences.
        unit: utilities come in multiples of this.

    Raises:
        ConfigError: the game does not have two players.
        MissingExtraError: SciPy is not installed (extra 'stats').
    """

    def __init__(self, game: Sequences, unit: float = 1.0) -> None:
        if len(game.seats) != 2:
            raise ConfigError(
                f"the sequence form is for 2 players, '{game.tree.game.name}' has "
                f"{len(game.seats)}; take the level form."
            )
        self.game = game
        self.seats: tuple[Seat, ...] = game.seats
        self.matrices = (payoff_matrix(game, 0) / unit, payoff_matrix(game, 1) / unit)

    def utilities(self, player: int, plans: list[Floats]) -> Floats:
        """Return [n + 1] what ends after each of the player's sequences earn it.

        As ``LevelForm.utilities``, to rounding.
        """
        return np.asarray(self.matrices[player] @ plans[1 - player])


def payoff_matrix(game: Sequences, player: int) -> Any:
    """Return [own sequences, the other's sequences] expected returns, CSR."""
    try:
        from scipy.sparse import csr_array
    except ImportError:
        raise MissingExtraError("the sequence form", "stats") from None
    sizes = [len(seat.pairs) + 1 for seat in game.seats]
    at = (game.ends[player], game.ends[1 - player])
    return csr_array((game.payoffs[player], at), shape=(sizes[player], sizes[1 - player]))
