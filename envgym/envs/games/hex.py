"""Hex: connect two opposite edges of a rhombus; somebody always does.

Players: 2; player 0 (x) joins top and bottom, player 1 (o) left and right; x moves first, no swap.
Actions: row * board_size + column, written as column letter and row number (a1 is the top left). No
chance, nothing hidden. Default board 5 x 5. Utility: 1 for a win, -1 for a loss; zero sum. The first
player wins with best play on every size (Nash, recalled). Same rules and actions as OpenSpiel's
``hex``.
"""

from dataclasses import dataclass
from math import tanh
from typing import ClassVar, cast

from envgym.envs.games.base import (
    Position,
    Rules,
    check_whole,
    one_hot,
    pettingzoo_forms,
    result_line,
    who,
)
from envgym.envs.games.hex_array import Outcomes, random_games
from envgym.envs.games.hex_paths import Board, best_cell, board, shortest
from envgym.types.game import OVER, State

Groups = tuple[tuple[int, int], ...]
"""Connected stones of a player: (cells as bits, edges reached: 1 first, 2 second, 3 both)."""


@dataclass(frozen=True)
class Hex(Rules):
    """Hex on a square number of cells."""

    name: ClassVar[str] = "hex"
    proof: ClassVar[str] = "reference"
    players: ClassVar[int] = 2
    utility: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False

    board_size: int = 5
    """Cells along an edge, 2 to 19."""

    def __post_init__(self) -> None:
        check_whole("hex", "board_size", self.board_size, 2, 19)

    @property
    def num_actions(self) -> int:
        """One action per cell."""
        return self.board_size**2

    @property
    def max_decisions(self) -> int:
        """At most every cell is filled."""
        return self.board_size**2

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return 2 + 2 * self.board_size**2

    @property
    def board(self) -> Board:
        """Neighbours and edges of the cells."""
        return board(self.board_size)

    def cell(self, action: int) -> str:
        """Return a cell's name, such as "c2"."""
        row, column = divmod(action, self.board_size)
        return "abcdefghijklmnopqrs"[column] + str(row + 1)

    def initial(self) -> "HexState":
        """Return the empty board."""
        return HexState(self, (), 0, 0, 0, (), ())

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        k = self.board_size
        return (
            f"Hex on {k} x {k} cells. You are player {player} of 2 and play {'xo'[player]}. "
            "Player 0 (x) moves first, then the players take turns placing one stone on an empty "
            "cell.\n"
            f"A cell is named by column a to {self.cell(k - 1)[0]} and row 1 to {k}; a1 is the top "
            "left. Each row is drawn half a cell further right, so a cell touches six others: left "
            "and right in its row, the same column and the next one in the row above, the same "
            "column and the one before in the row below"
            + (" (b2 touches a2, c2, b1, c1, b3 and a3).\n" if k > 2 else ".\n")
            + "Player 0 (x) wins with a chain of touching stones from the top row to the bottom "
            "row, player 1 (o) with one from the left column to the right column: +1 for the "
            "winner, -1 for the loser. There is no draw."
        )

    def aliases(self) -> dict[str, int]:
        """Return the cells with the row first, such as "2c"."""
        cells = [self.cell(action) for action in range(self.num_actions)]
        return {cell[1:] + cell[0]: action for action, cell in enumerate(cells)}

    def expert(self, state: State) -> int | None:
        """Return the cell that serves the shortest connections of both players most."""
        here = cast(HexState, state)
        if here.current_player == OVER:
            return None
        stones, groups = here.stones(), here.groups()
        return best_cell(self.board, stones, groups, here.current_player)

    def advantage(self, state: State, player: int) -> float | None:
        """Return a rough value from both players' shortest connections; exact at the end."""
        here = cast(HexState, state)
        if here.current_player == OVER:
            return here.returns()[player]
        stones, groups = here.stones(), here.groups()
        lengths = [shortest(self.board, stones, groups, p) for p in (0, 1)]
        ahead = lengths[1 - player] - lengths[player]
        turn = 0.5 if here.current_player == player else -0.5
        return 0.95 * tanh(0.4 * (ahead + turn))

    def random_games(self, episodes: int, seed: int) -> Outcomes:
        """Return the outcomes of random games, many at a time; ``random_play`` calls it."""
        return random_games(episodes, seed, self.board_size)


class HexState(Position):
    """A position; stones are bits, and each player's chains are kept with the edges they reach."""

    __slots__ = ("_chains_o", "_chains_x", "_o", "_x")

    game: Hex

    def __init__(
        self,
        game: Hex,
        history: tuple[int, ...],
        player: int,
        x: int,
        o: int,
        chains_x: Groups,
        chains_o: Groups,
    ) -> None:
        self.game, self.history, self.current_player = game, history, player
        self._x, self._o = x, o
        self._chains_x, self._chains_o = chains_x, chains_o

    def stones(self) -> tuple[int, int]:
        """Return the stones of both players, as bits."""
        return self._x, self._o

    def groups(self) -> tuple[Groups, Groups]:
        """Return the chains of both players."""
        return self._chains_x, self._chains_o

    def legal(self) -> tuple[int, ...]:
        """Return the empty cells."""
        if self.current_player == OVER:
            return ()
        taken = self._x | self._o
        return tuple([c for c in range(self.game.board_size**2) if not taken >> c & 1])

    def apply(self, action: int) -> "HexState":
        """Return the position after the mover places a stone."""
        game, player = self.game, self.current_player
        x, o = self._x, self._o
        size = game.board_size
        if player == OVER or not 0 <= action < size * size or (x | o) >> action & 1:
            raise self.impossible(action)
        known = board(size)
        cells, edges = 1 << action, known.edges[player][action]
        near = known.near[action]
        rest = []
        for chain in self._chains_o if player else self._chains_x:
            if chain[0] & near:
                cells |= chain[0]
                edges |= chain[1]
            else:
                rest.append(chain)
        chains = (*rest, (cells, edges))
        after = (*self.history, action)
        turn = OVER if edges == 3 else 1 - player
        if player:
            return HexState(game, after, turn, x, o | 1 << action, self._chains_x, chains)
        return HexState(game, after, turn, x | 1 << action, o, chains, self._chains_o)

    def returns(self) -> tuple[float, ...]:
        """Return 1.0 for the winner and -1.0 for the loser; zeros before the end."""
        if self.current_player != OVER:
            return (0.0, 0.0)
        return (1.0, -1.0) if len(self.history) % 2 else (-1.0, 1.0)

    def infostate(self, player: int) -> str:
        """Return the moves so far: nothing is hidden."""
        return " ".join(map(self.game.cell, self.history))

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (2), own stones and the other's (board_size ** 2 each, row by row)."""
        masks = (self._o, self._x) if player else (self._x, self._o)
        cells = [float(mask >> c & 1) for mask in masks for c in range(self.game.num_actions)]
        return (*one_hot(2, player), *cells)

    def text(self, player: int) -> str:
        """Return the board and whose turn it is."""
        k = self.game.board_size
        wide = len(str(k))
        rows = [" " * (wide + 1) + " ".join("abcdefghijklmnopqrs"[:k])]
        for r in range(k):
            marks = (
                "x" if self._x >> c & 1 else "o" if self._o >> c & 1 else "."
                for c in range(r * k, r * k + k)
            )
            rows.append(f"{' ' * r}{r + 1:>{wide}} {' '.join(marks)}")
        if self.current_player == OVER:
            rows.append(result_line(self.returns()))
        elif self.current_player == player:
            way = "left to right" if player else "top to bottom"
            rows.append(f"Your turn: you play {'xo'[player]}, {way}.")
        else:
            rows.append(f"Player {self.current_player} ({'xo'[self.current_player]}) is to move.")
        return "\n".join(rows)

    def log(self, player: int) -> tuple[str, ...]:
        """Return every move and, at the end, the result."""
        lines = [
            f"{who(i % 2, player)} ({'xo'[i % 2]}): {self.game.cell(c)}"
            for i, c in enumerate(self.history)
        ]
        return (
            (*lines, result_line(self.returns())) if self.current_player == OVER else tuple(lines)
        )

    def action_text(self, action: int) -> str:
        """Return the cell, such as "c2"."""
        return self.game.cell(action)


env, raw_env, parallel_env = pettingzoo_forms("hex")
