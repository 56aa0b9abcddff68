"""Connect Four: four in a line on seven columns of six cells.

Players: 2; player 0 is x and moves first. Actions: 0 to 6, the column a piece drops into, written 1
to 7. No chance, nothing hidden; about 4.5e12 positions (recalled), so there is an expert instead of
a solution. Utility: 1 for a win, -1 for a loss, 0 for a draw; zero sum. The first player wins with
best play (Allis 1988, recalled). Same rules and actions as OpenSpiel's ``connect_four``.
"""

from dataclasses import dataclass
from math import tanh
from typing import ClassVar, cast

from envgym.envs.games.base import Position, Rules, one_hot, pettingzoo_forms, result_line, who
from envgym.envs.games.connect_four_array import Outcomes, random_games
from envgym.envs.games.connect_four_search import COLUMNS, TALL, WIDE, best_column, lead, wins
from envgym.types.game import OVER, State

_TOPS = tuple(1 << (c * TALL + 5) for c in range(WIDE))
_ALL = tuple(range(WIDE))
_SHIFTS = tuple(c * TALL for c in range(WIDE))
_FLOATS = tuple(tuple(float(bits >> r & 1) for r in range(6)) for bits in range(64))
"""The six cells of a column as numbers, from the bottom."""


@dataclass(frozen=True)
class ConnectFour(Rules):
    """Connect Four on the usual board."""

    name: ClassVar[str] = "connect_four"
    proof: ClassVar[str] = "reference"
    players: ClassVar[int] = 2
    num_actions: ClassVar[int] = 7
    max_decisions: ClassVar[int] = 42
    utility: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False
    observation_size: ClassVar[int] = 86

    def initial(self) -> "ConnectFourState":
        """Return the empty board."""
        return ConnectFourState(self, (), 0, 0, 0)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        return (
            f"Connect Four. You are player {player} of 2 and play {'xo'[player]}. "
            "Player 0 (x) moves first, then the players take turns.\n"
            "A move names one of the columns 1 to 7; your piece falls to its lowest empty cell of "
            "six. A full column cannot be chosen.\n"
            "Four of your pieces in a row, column or diagonal win at once: +1 for the winner, -1 "
            "for the loser. A full board without four is a draw: 0 for both."
        )

    def aliases(self) -> dict[str, int]:
        """Return the columns as "column 4" and "col 4"."""
        return {f"{word} {c + 1}": c for word in ("column", "col") for c in range(WIDE)}

    def expert(self, state: State) -> int | None:
        """Return a good column: wins and blocks at once, else looks four moves ahead."""
        here = cast(ConnectFourState, state)
        if here.current_player == OVER:
            return None
        return best_column(*here.pieces(here.current_player))

    def advantage(self, state: State, player: int) -> float | None:
        """Return a rough value from cells that would complete four; exact at the end."""
        here = cast(ConnectFourState, state)
        if here.current_player == OVER:
            return here.returns()[player]
        return 0.95 * tanh(lead(*here.pieces(player)) / 16.0)

    def random_games(self, episodes: int, seed: int) -> Outcomes:
        """Return the outcomes of random games, many at a time; ``random_play`` calls it."""
        return random_games(episodes, seed)


class ConnectFourState(Position):
    """A position; both players' pieces are bits, seven a column with the top one always empty."""

    __slots__ = ("_o", "_x")

    game: ConnectFour

    def __init__(
        self, game: ConnectFour, history: tuple[int, ...], player: int, x: int, o: int
    ) -> None:
        self.game, self.history, self.current_player = game, history, player
        self._x, self._o = x, o

    def pieces(self, player: int) -> tuple[int, int]:
        """Return the cells of ``player`` and of the other one, as bits."""
        return (self._o, self._x) if player else (self._x, self._o)

    def legal(self) -> tuple[int, ...]:
        """Return the columns that are not full."""
        if self.current_player == OVER:
            return ()
        taken = self._x | self._o
        return tuple([c for c in _ALL if not taken & _TOPS[c]])

    def apply(self, action: int) -> "ConnectFourState":
        """Return the position after the mover drops a piece."""
        x, o, player = self._x, self._o, self.current_player
        taken = x | o
        if player == OVER or not 0 <= action < WIDE or taken & _TOPS[action]:
            raise self.impossible(action)
        # Adding a column's lowest bit carries to its lowest empty cell.
        cell = (taken + (1 << action * TALL)) & COLUMNS[action] & ~taken
        after = (*self.history, action)
        if player:
            o |= cell
            over = wins(o)
        else:
            x |= cell
            over = wins(x)
        over = over or len(after) == 42
        return ConnectFourState(self.game, after, OVER if over else 1 - player, x, o)

    def returns(self) -> tuple[float, ...]:
        """Return 1.0 for the winner and -1.0 for the loser; zeros otherwise."""
        if self.current_player != OVER:
            return (0.0, 0.0)
        if wins(self._x):
            return (1.0, -1.0)
        return (-1.0, 1.0) if wins(self._o) else (0.0, 0.0)

    def infostate(self, player: int) -> str:
        """Return the moves so far, as columns from 1: nothing is hidden."""
        return "".join(str(c + 1) for c in self.history)

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (2), own cells (42), the other's (42); column by column, from the bottom."""
        seen = one_hot(2, player)
        for mask in self.pieces(player):
            for shift in _SHIFTS:
                seen += _FLOATS[mask >> shift & 63]
        return tuple(seen)

    def text(self, player: int) -> str:
        """Return the board and whose turn it is."""
        rows = []
        for r in range(5, -1, -1):
            cells = (c * TALL + r for c in range(WIDE))
            rows.append(
                " ".join(
                    "x" if self._x >> i & 1 else "o" if self._o >> i & 1 else "." for i in cells
                )
            )
        rows.append("1 2 3 4 5 6 7")
        if self.current_player == OVER:
            rows.append(result_line(self.returns()))
        elif self.current_player == player:
            rows.append(f"Your turn: you play {'xo'[player]}.")
        else:
            rows.append(f"Player {self.current_player} ({'xo'[self.current_player]}) is to move.")
        return "\n".join(rows)

    def log(self, player: int) -> tuple[str, ...]:
        """Return every move and, at the end, the result."""
        lines = [
            f"{who(i % 2, player)} ({'xo'[i % 2]}): column {c + 1}"
            for i, c in enumerate(self.history)
        ]
        return (
            (*lines, result_line(self.returns())) if self.current_player == OVER else tuple(lines)
        )

    def action_text(self, action: int) -> str:
        """Return the column, "1" to "7"."""
        return str(action + 1)


env, raw_env, parallel_env = pettingzoo_forms("connect_four")
