"""Tic-tac-toe: three in a row on a board of three by three.

Players: 2; player 0 is x and moves first. Actions: 0 to 8, the cells from left to right and top to
bottom, written a1, b1, c1, a2, ... No chance, nothing hidden: 549,946 nodes, and as many
information sets as decisions (294,778), since a past is remembered. Utility: 1 for a win, -1 for a
loss, 0 for a draw; zero sum. Value 0: with best play it is a draw. Same rules and actions as
OpenSpiel's ``tic_tac_toe``.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, cast

from envgym.envs.games.base import Position, Rules, one_hot, pettingzoo_forms, result_line, who
from envgym.types.game import OVER, State

_LINES = (0o7, 0o70, 0o700, 0o111, 0o222, 0o444, 0o421, 0o124)
_WINS = tuple(any(mask & line == line for line in _LINES) for mask in range(512))
"""Whether a set of cells, as nine bits, holds a line."""
_LEGAL = tuple(tuple(c for c in range(9) if not mask >> c & 1) for mask in range(512))
_CELLS = tuple("abc"[c % 3] + str(c // 3 + 1) for c in range(9))


@dataclass(frozen=True)
class TicTacToe(Rules):
    """Tic-tac-toe."""

    name: ClassVar[str] = "tic_tac_toe"
    proof: ClassVar[str] = "reference"
    players: ClassVar[int] = 2
    num_actions: ClassVar[int] = 9
    max_decisions: ClassVar[int] = 9
    utility: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False
    observation_size: ClassVar[int] = 20

    def initial(self) -> "TicTacToeState":
        """Return the empty board."""
        return TicTacToeState(self, (), 0, 0, 0)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        return (
            f"Tic-tac-toe. You are player {player} of 2 and play {'xo'[player]}. "
            "Player 0 (x) moves first, then the players take turns.\n"
            "A move marks one empty cell, named by column a to c and row 1 to 3: a1 is the top "
            "left, c3 the bottom right.\n"
            "Three of your marks in a row, column or diagonal win at once: +1 for the winner, -1 "
            "for the loser. A full board without a line is a draw: 0 for both."
        )

    def aliases(self) -> dict[str, int]:
        """Return the cells with the row first, such as "1a"."""
        return {cell[::-1]: action for action, cell in enumerate(_CELLS)}

    def expert(self, state: State) -> int | None:
        """Return a best move (exact; the soonest win or the latest loss, then the lowest cell)."""
        here = cast(TicTacToeState, state)
        if here.current_player == OVER:
            return None
        own, other = here.marks(here.current_player)
        return max(here.legal(), key=lambda c: -_solve(other, own | 1 << c))

    def advantage(self, state: State, player: int) -> float | None:
        """Return the exact value for ``player``: 1.0 won, 0.0 drawn, -1.0 lost with best play."""
        here = cast(TicTacToeState, state)
        if here.current_player == OVER:
            return here.returns()[player]
        score = _solve(*here.marks(here.current_player))
        value = float((score > 0) - (score < 0))
        return value if here.current_player == player else 0.0 - value


@cache
def _solve(own: int, other: int) -> int:
    """Return the mover's score: 0 a draw, else sign of the winner times (cells left at the end + 1)."""
    taken = own | other
    if _WINS[other]:
        return -(10 - taken.bit_count())
    return max((-_solve(other, own | 1 << c) for c in _LEGAL[taken]), default=0)


class TicTacToeState(Position):
    """A position; the marks of both players are sets of cells held as nine bits."""

    __slots__ = ("_o", "_x")

    game: TicTacToe

    def __init__(
        self, game: TicTacToe, history: tuple[int, ...], player: int, x: int, o: int
    ) -> None:
        self.game, self.history, self.current_player = game, history, player
        self._x, self._o = x, o

    def marks(self, player: int) -> tuple[int, int]:
        """Return the cells of ``player`` and of the other one, nine bits each."""
        return (self._o, self._x) if player else (self._x, self._o)

    def legal(self) -> tuple[int, ...]:
        """Return the empty cells."""
        return _LEGAL[self._x | self._o] if self.current_player >= 0 else ()

    def apply(self, action: int) -> "TicTacToeState":
        """Return the position after the mover marks a cell."""
        x, o, player = self._x, self._o, self.current_player
        if player == OVER or not 0 <= action < 9 or (x | o) >> action & 1:
            raise self.impossible(action)
        if player:
            o |= 1 << action
        else:
            x |= 1 << action
        over = _WINS[o if player else x] or x | o == 511
        return TicTacToeState(
            self.game, (*self.history, action), OVER if over else 1 - player, x, o
        )

    def returns(self) -> tuple[float, ...]:
        """Return 1.0 for the winner and -1.0 for the loser; zeros otherwise."""
        if _WINS[self._x]:
            return (1.0, -1.0)
        return (-1.0, 1.0) if _WINS[self._o] else (0.0, 0.0)

    def infostate(self, player: int) -> str:
        """Return the moves so far: nothing is hidden."""
        return " ".join(_CELLS[c] for c in self.history)

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (2), own cells (9), the other's cells (9)."""
        own, other = self.marks(player)
        cells = [float(mask >> c & 1) for mask in (own, other) for c in range(9)]
        return (*one_hot(2, player), *cells)

    def text(self, player: int) -> str:
        """Return the board and whose turn it is."""
        rows = ["  a b c"]
        for r in range(3):
            marks = (
                "x" if self._x >> c & 1 else "o" if self._o >> c & 1 else "." for c in _ROWS[r]
            )
            rows.append(f"{r + 1} {' '.join(marks)}")
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
            f"{who(i % 2, player)} ({'xo'[i % 2]}): {_CELLS[c]}" for i, c in enumerate(self.history)
        ]
        return (
            (*lines, result_line(self.returns())) if self.current_player == OVER else tuple(lines)
        )

    def action_text(self, action: int) -> str:
        """Return the cell, such as "b2"."""
        return _CELLS[action]


_ROWS = (range(3), range(3, 6), range(6, 9))

env, raw_env, parallel_env = pettingzoo_forms("tic_tac_toe")
