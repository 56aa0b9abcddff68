"""Liar's dice: hidden dice, rising bids, one challenge.

Players: 2 (default) to 4; OpenSpiel has 2. Actions: bid number (quantity - 1) * sides + face - 1,
and "liar" last. Chance rolls each player's dice in turn; the highest face is wild. Default: one die
of four sides each, 8,181 nodes, 1,024 information sets; five sides 51,181 nodes, six 294,883.
Utility: -1 for who loses the challenge, 1 shared by the others; zero sum. Same rules, actions and
chance as OpenSpiel's ``liars_dice``.
"""

from dataclasses import dataclass
from typing import ClassVar

from envgym.envs.games.base import (
    Position,
    Rules,
    check_whole,
    one_hot,
    pettingzoo_forms,
    result_line,
    who,
)
from envgym.types.game import CHANCE, OVER


@dataclass(frozen=True)
class LiarsDice(Rules):
    """Liar's dice."""

    name: ClassVar[str] = "liars_dice"
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False

    players: int = 2
    """Players, 2 to 4."""
    dice: int = 1
    """Dice of each player, 1 to 6."""
    sides: int = 4
    """Sides of a die, 2 to 12."""

    def __post_init__(self) -> None:
        check_whole("liars_dice", "players", self.players, 2, 4)
        check_whole("liars_dice", "dice", self.dice, 1, 6)
        check_whole("liars_dice", "sides", self.sides, 2, 12)

    @property
    def num_actions(self) -> int:
        """All bids, and "liar", the last."""
        return self.players * self.dice * self.sides + 1

    @property
    def max_decisions(self) -> int:
        """Most decisions: every bid in turn, then the challenge."""
        return self.num_actions

    @property
    def utility(self) -> tuple[float, float]:
        """-1 for the loser, 1 shared by the others."""
        return (-1.0, 1.0 / (self.players - 1))

    @property
    def unit(self) -> float:
        """What each of the others gets."""
        return 1.0 / (self.players - 1)

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return self.players + self.dice * self.sides + self.num_actions + self.players

    def initial(self) -> "LiarsDiceState":
        """Return the position before the dice are rolled."""
        return LiarsDiceState(self, (), CHANCE)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        n, top = self.players, self.sides
        dice = "1 die" if self.dice == 1 else f"{self.dice} dice"
        share = "+1" if n == 2 else f"+{1 / (n - 1):g}"
        return (
            f"Liar's dice. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"Each player rolls {dice} with faces 1 to {top} and sees only its own. Player 0 bids "
            "first, then in order.\n"
            f"A bid QxF claims that among all {n * self.dice} dice at least Q show F; a die that "
            f"shows {top} counts as any face. Each bid must be higher than the last: a larger Q, or "
            "the same Q with a larger F. Instead of bidding, a player may say liar to the last "
            "bid; then all dice are shown and the game ends.\n"
            "If the bid holds, the challenger loses, otherwise the bidder. The loser gets -1, "
            f"{'the other' if n == 2 else 'each other'} player {share}."
        )

    def aliases(self) -> dict[str, int]:
        """Return other ways to write a bid, such as "2 x 3", and words for the challenge."""
        found = {"call liar": self.num_actions - 1, "challenge": self.num_actions - 1}
        for bid in range(self.num_actions - 1):
            quantity, face = divmod(bid, self.sides)
            found[f"{quantity + 1} x {face + 1}"] = bid
            found[f"{quantity + 1}-{face + 1}"] = bid
        return found

    def word(self, action: int) -> str:
        """Return "2x3" for a bid, "liar" for the challenge."""
        if action == self.num_actions - 1:
            return "liar"
        quantity, face = divmod(action, self.sides)
        return f"{quantity + 1}x{face + 1}"


class LiarsDiceState(Position):
    """A position; ``history`` is the faces rolled (from 0), then the bids and the challenge."""

    __slots__ = ()

    game: LiarsDice

    def __init__(self, game: LiarsDice, history: tuple[int, ...], player: int) -> None:
        self.game, self.history, self.current_player = game, history, player

    @property
    def _dice(self) -> int:
        return self.game.players * self.game.dice

    def legal(self) -> tuple[int, ...]:
        """Return the higher bids and, after the first bid, the challenge."""
        if self.current_player < 0:
            return ()
        past = self.history
        lowest = past[-1] + 1 if len(past) > self._dice else 0
        count = self.game.num_actions
        return tuple(range(lowest, count if lowest else count - 1))

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return the faces of a die, equally likely."""
        if self.current_player != CHANCE:
            return ()
        sides = self.game.sides
        return tuple((face, 1.0 / sides) for face in range(sides))

    def apply(self, action: int) -> "LiarsDiceState":
        """Return the position after a die is rolled, a bid or the challenge."""
        game, past, player = self.game, self.history, self.current_player
        after = (*past, action)
        if player >= 0:
            liar = game.num_actions - 1
            bids = len(past) > self._dice
            if not (past[-1] if bids else -1) < action < liar + bids:
                raise self.impossible(action)
            return LiarsDiceState(
                game, after, OVER if action == liar else (player + 1) % game.players
            )
        if player == OVER or not 0 <= action < game.sides:
            raise self.impossible(action)
        return LiarsDiceState(game, after, CHANCE if len(after) < self._dice else 0)

    def returns(self) -> tuple[float, ...]:
        """Return -1 for who lost the challenge and 1 shared by the others; zeros before."""
        game, past, n = self.game, self.history, self.game.players
        if self.current_player != OVER:
            return (0.0,) * n
        quantity, face = divmod(past[-2], game.sides)
        wild = game.sides - 1
        matches = sum(1 for die in past[: self._dice] if die in (face, wild))
        decisions = len(past) - self._dice
        caller = (decisions - 1) % n
        loser = caller if matches > quantity else (decisions - 2) % n
        return tuple(-1.0 if p == loser else 1.0 / (n - 1) for p in range(n))

    def _faces(self, player: int) -> list[int]:
        """Return a player's dice from 1, sorted; [] while it has not rolled them all."""
        dice = self.game.dice
        if len(self.history) < (player + 1) * dice:
            return []
        return sorted(face + 1 for face in self.history[player * dice : (player + 1) * dice])

    def infostate(self, player: int) -> str:
        """Return the own dice, the bids and, at the end, all dice."""
        own = "".join(f"{face}," for face in self._faces(player))
        if self.current_player == CHANCE:
            return f"{own}#{len(self.history)}"
        bids = " ".join(map(self.game.word, self.history[self._dice :]))
        text = f"{own}:{bids}"
        if self.current_player == OVER:
            text += "=" + "/".join(str(self._faces(p)) for p in range(self.game.players))
        return text

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (players), own dice (dice x sides, one-hot, sorted), actions taken
        (num_actions), last bidder (players)."""
        game = self.game
        n, sides = game.players, game.sides
        seen = one_hot(n, player)
        for face in self._faces(player) or [0] * game.dice:
            seen += one_hot(sides, face - 1)
        acts = self.history[self._dice :]
        taken = [0.0] * game.num_actions
        for action in acts:
            taken[action] = 1.0
        bids = len(acts) - (self.current_player == OVER)
        return (*seen, *taken, *one_hot(n, (bids - 1) % n if bids > 0 else -1))

    def text(self, player: int) -> str:
        """Return the own dice, the bids and whose turn it is."""
        game, past, n = self.game, self.history, self.game.players
        faces = self._faces(player)
        lines = [f"Your dice: {' '.join(map(str, faces)) if faces else 'not rolled yet'}"]
        acts = past[self._dice :]
        bids = [f"player {i % n} {game.word(a)}" for i, a in enumerate(acts)]
        lines.append(f"Bids: {', '.join(bids) if bids else 'none yet'}")
        if self.current_player == OVER:
            for p in range(n):
                lines.append(f"Player {p} shows {' '.join(map(str, self._faces(p)))}")
            lines.append(result_line(self.returns()))
        elif self.current_player == CHANCE:
            lines.append("The dice are being rolled.")
        elif self.current_player == player:
            if not acts:
                lines.append("Your turn: make the first bid.")
            elif acts[-1] == game.num_actions - 2:
                lines.append("Your turn: no bid is higher; say liar.")
            else:
                lines.append(f"Your turn: bid higher than {game.word(acts[-1])}, or say liar.")
        else:
            lines.append(f"Player {self.current_player} is to act.")
        return "\n".join(lines)

    def log(self, player: int) -> tuple[str, ...]:
        """Return the own dice, every bid and, at the end, all dice and the result."""
        game, n = self.game, self.game.players
        faces = self._faces(player)
        lines = [f"You roll {' '.join(map(str, faces))}."] if faces else []
        for i, action in enumerate(self.history[self._dice :]):
            own = i % n == player
            if action == game.num_actions - 1:
                lines.append(f"{who(i % n, player)} {'say' if own else 'says'} liar.")
            else:
                lines.append(
                    f"{who(i % n, player)} {'bid' if own else 'bids'} {game.word(action)}."
                )
        if self.current_player == OVER:
            for p in range(n):
                shown = " ".join(map(str, self._faces(p)))
                lines.append(f"{who(p, player)} {'show' if p == player else 'shows'} {shown}.")
            lines.append(result_line(self.returns()))
        return tuple(lines)

    def action_text(self, action: int) -> str:
        """Return "2x3" (at least two dice show three) or "liar"."""
        return self.game.word(action)


env, raw_env, parallel_env = pettingzoo_forms("liars_dice")
