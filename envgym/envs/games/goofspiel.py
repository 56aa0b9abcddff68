"""Goofspiel: bid the cards of a hand for point cards, all at the same time.

Players: 2 (default) to 4. Actions: 0 to cards - 1, bid the card of value action + 1. The last round
plays itself, since one card is left. Ties for the highest bid leave the point card to nobody.
Default: four cards, point cards in descending order, bids never shown, win or loss: 1,077 nodes,
162 information sets; five cards 26,931 and 2,124. Chance only with ``points="random"``. Utility of
the default -1 to 1, zero sum, value 0 by symmetry. Same rules and actions as OpenSpiel's
``goofspiel`` in its turn-based form.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.envs.games.base import (
    Position,
    Rules,
    check_choice,
    check_flag,
    check_whole,
    one_hot,
    pettingzoo_forms,
    result_line,
)
from envgym.envs.games.blotto import shared
from envgym.types.game import CHANCE, OVER

POINTS = ("ascending", "descending", "random")
RETURNS = ("point_difference", "total_points", "win_loss")


@dataclass(frozen=True)
class Goofspiel(Rules):
    """Goofspiel."""

    name: ClassVar[str] = "goofspiel"
    simultaneous: ClassVar[bool] = True

    cards: int = 4
    """Cards of each hand and point cards, 2 to 20; values from 1."""
    players: int = 2
    """Players, 2 to 4."""
    points: str = "descending"
    """Order of the point cards: descending, ascending or random."""
    returns: str = "win_loss"
    """win_loss: 1 shared by those with most points, -1 by the others; total_points: the points won;
    point_difference: the points won minus the mean."""
    imp_info: bool = True
    """True: only who won a round is told; False: the bids are shown after each round."""

    def __post_init__(self) -> None:
        check_whole("goofspiel", "cards", self.cards, 2, 20)
        check_whole("goofspiel", "players", self.players, 2, 4)
        check_choice("goofspiel", "points", self.points, POINTS)
        check_choice("goofspiel", "returns", self.returns, RETURNS)
        check_flag("goofspiel", "imp_info", self.imp_info)

    @property
    def num_actions(self) -> int:
        """One action per card."""
        return self.cards

    @property
    def max_decisions(self) -> int:
        """Decisions of an episode: the last round plays itself."""
        return self.players * (self.cards - 1)

    @property
    def zero_sum(self) -> bool:
        """Whether returns always sum to 0: not with total_points."""
        return self.returns != "total_points"

    @property
    def utility(self) -> tuple[float, float]:
        """Lowest and highest return.

        A player outbids everybody in at most cards - 1 rounds, since its lowest card is left for
        one; so the most it can win is all points but 1. Its highest card is never outbid, so
        others win at most all but 1 too; with two players that last point is then the player's.
        """
        n, total = self.players, self.cards * (self.cards + 1) // 2
        if self.returns == "win_loss":
            return (-1.0, 1.0)
        if self.returns == "total_points":
            return (0.0, total - 1.0)
        if n == 2:
            return (1.0 - total / 2, total / 2 - 1.0)
        return (-(total - 1) / n, (total - 1) * (n - 1) / n)

    @property
    def unit(self) -> float:
        """A win shared by all but one, a point, or a point's part above the mean."""
        if self.returns == "win_loss":
            return 1.0 / (self.players - 1)
        return 1.0 if self.returns == "total_points" else 1.0 / self.players

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        n, k = self.players, self.cards
        return n + k * (k + n + n * k)

    def initial(self) -> "GoofspielState":
        """Return the position before the first bid."""
        order = self.order[:1]
        return GoofspielState(self, (), 0 if order else CHANCE, order, (), ())

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Point cards in order, as values from 1; () where chance draws them."""
        if self.points == "random":
            return ()
        values = range(1, self.cards + 1)
        return tuple(values if self.points == "ascending" else reversed(values))

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        n, k = self.players, self.cards
        order = {
            "random": "in random order",
            "ascending": f"in the order 1 to {k}",
            "descending": f"in the order {k} to 1",
        }[self.points]
        told = (
            "After each round you are told who won it, not what the others bid."
            if self.imp_info
            else "After each round all bids are shown."
        )
        result = {
            "win_loss": "Most points win: +1 shared equally among the players with the most "
            "points, -1 shared equally among the others; 0 for all if everybody has the same.",
            "total_points": "Your result is the sum of the points you won.",
            "point_difference": "Your result is the points you won minus the mean over all players.",
        }[self.returns]
        return (
            f"Goofspiel. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"Each player holds the cards 1 to {k}. Point cards 1 to {k} are turned up {order}, one "
            "a round. For each, all players bid one card of their hand at the same time; a card "
            "that was bid is gone. The strictly highest bid wins the point card's value; on a tie "
            f"for the highest nobody does. {told} In the last round everybody's last card is bid "
            f"automatically.\n{result}\n"
            "Actions: card 1, card 2, ...: bid the card of that value."
        )

    def aliases(self) -> dict[str, int]:
        """Return the cards as bare numbers, such as "3"."""
        return {str(card + 1): card for card in range(self.cards)}


class GoofspielState(Position):
    """A position; ``history`` is the bids, player by player, with chance's point cards between."""

    __slots__ = ("_bids", "_open", "_order")

    game: Goofspiel

    def __init__(
        self,
        game: Goofspiel,
        history: tuple[int, ...],
        player: int,
        order: tuple[int, ...],
        bids: tuple[tuple[int, ...], ...],
        pending: tuple[int, ...],
    ) -> None:
        self.game, self.history, self.current_player = game, history, player
        self._order = order  # point cards turned up so far, the current round's included
        self._bids = bids  # bids of the complete rounds
        self._open = pending  # bids of the current round

    def movers(self) -> tuple[int, ...]:
        """Return the players who have not bid yet in this round."""
        here = self.current_player
        return tuple(range(here, self.game.players)) if here >= 0 else ()

    def _hand(self, player: int) -> tuple[int, ...]:
        """Return the cards a player still holds, as actions, its open bid not yet taken off."""
        gone = [joint[player] for joint in self._bids]
        return tuple(card for card in range(self.game.cards) if card not in gone)

    def legal(self) -> tuple[int, ...]:
        """Return the hand of the player who is asked."""
        return self._hand(self.current_player) if self.current_player >= 0 else ()

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return the point cards left (value - 1), equally likely."""
        if self.current_player != CHANCE:
            return ()
        left = [value for value in range(1, self.game.cards + 1) if value not in self._order]
        return tuple((value - 1, 1.0 / len(left)) for value in left)

    def apply(self, action: int) -> "GoofspielState":
        """Return the position after a bid or a drawn point card."""
        game, player, order = self.game, self.current_player, self._order
        after = (*self.history, action)
        if player < 0:
            if player == OVER or action + 1 in order or not 0 <= action < game.cards:
                raise self.impossible(action)
            return GoofspielState(game, after, 0, (*order, action + 1), self._bids, ())
        if not 0 <= action < game.cards or any(b[player] == action for b in self._bids):
            raise self.impossible(action)
        pending = (*self._open, action)
        if len(pending) < game.players:
            return GoofspielState(game, after, player + 1, order, self._bids, pending)
        bids = (*self._bids, pending)
        k = game.cards
        if len(bids) == k - 1:
            # One card is left in every hand and one point card: the last round plays itself.
            whole = k * (k - 1) // 2
            last = tuple(whole - sum(b[p] for b in bids) for p in range(game.players))
            order = (*order, k * (k + 1) // 2 - sum(order))
            return GoofspielState(game, after, OVER, order, (*bids, last), ())
        if game.points == "random":
            return GoofspielState(game, after, CHANCE, order, bids, ())
        return GoofspielState(game, after, 0, game.order[: len(bids) + 1], bids, ())

    def _winners(self) -> list[int]:
        """Return who won each complete round, -1 for a tie."""
        found = []
        for joint in self._bids:
            best = max(joint)
            found.append(joint.index(best) if joint.count(best) == 1 else -1)
        return found

    def _points(self) -> list[int]:
        """Return the points of every player so far."""
        points = [0] * self.game.players
        for winner, value in zip(self._winners(), self._order, strict=False):
            if winner >= 0:
                points[winner] += value
        return points

    def returns(self) -> tuple[float, ...]:
        """Return the points so far, plain or minus the mean; for win_loss zeros before the end."""
        kind = self.game.returns
        points = self._points()
        if kind == "win_loss":
            over = self.current_player == OVER
            return shared(points) if over else (0.0,) * len(points)
        mean = sum(points) / len(points) if kind == "point_difference" else 0.0
        return tuple(x - mean for x in points)

    def infostate(self, player: int) -> str:
        """Return the own bids, the point cards, who won the rounds (or all bids)."""
        own = self._open[player] if len(self._open) > player else -1
        order = ",".join(map(str, self._order))
        if self.game.imp_info:
            mine = ",".join(str(joint[player] + 1) for joint in self._bids)
            past = f"{mine}|{''.join('-' if w < 0 else str(w) for w in self._winners())}"
        else:
            past = "/".join(",".join(str(card + 1) for card in joint) for joint in self._bids)
        return f"{order}|{past}" + (f"|{own + 1}?" if own >= 0 else "")

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (players), then per round: point card (cards), winner (players), bids
        (players x cards).

        All one-hot; zeros where something has not happened, is tied or is not seen.
        """
        game = self.game
        n, k = game.players, game.cards
        seen = one_hot(n, player)
        winners = self._winners()
        for r in range(k):
            seen += one_hot(k, self._order[r] - 1 if r < len(self._order) else -1)
            seen += one_hot(n, winners[r] if r < len(winners) else -1)
            done = r < len(self._bids)
            joint = self._bids[r] if done else self._open if r == len(self._bids) else ()
            for p in range(n):
                visible = p == player or (done and not game.imp_info)
                seen += one_hot(k, joint[p] if visible and p < len(joint) else -1)
        return tuple(seen)

    def _round_line(self, r: int, player: int) -> str:
        """Return who won a round and, where bids are shown, the bids."""
        winner = self._winners()[r]
        line = f"{'you' if winner == player else f'player {winner}'} won"
        if winner < 0:
            line = "a tie, nobody won"
        if not self.game.imp_info:
            bids = ", ".join(
                f"{'you' if p == player else f'player {p}'} {card + 1}"
                for p, card in enumerate(self._bids[r])
            )
            line = f"bids {bids}, {line}"
        return f"Round {r + 1}: point card {self._order[r]}, {line}"

    def text(self, player: int) -> str:
        """Return the rounds so far, points, hand and what is to be done."""
        game, done = self.game, len(self._bids)
        lines = [self._round_line(r, player) for r in range(done)]
        points = ", ".join(f"player {p} {x}" for p, x in enumerate(self._points()))
        lines.append(f"Points: {points}")
        if self.current_player == OVER:
            lines.append(result_line(self.returns()))
            return "\n".join(lines)
        lines.append(f"Your hand: {' '.join(str(card + 1) for card in self._hand(player))}")
        now = f"Round {done + 1} of {game.cards}"
        if self.current_player == CHANCE:
            lines.append(f"{now}: the point card is being drawn.")
        elif len(self._open) > player:
            card = self._open[player] + 1
            lines.append(f"{now}: point card {self._order[done]}; you bid {card}, the others bid.")
        else:
            lines.append(f"{now}: point card {self._order[done]}; bid a card, as the others do.")
        return "\n".join(lines)

    def log(self, player: int) -> tuple[str, ...]:
        """Return the point cards, the own bids and who won the rounds."""
        lines = []
        for r, value in enumerate(self._order):
            lines.append(f"Round {r + 1}: the point card is {value}.")
            done = r < len(self._bids)
            joint = self._bids[r] if done else self._open
            if player < len(joint):
                lines.append(f"Round {r + 1}: you bid {joint[player] + 1}.")
            if done:
                lines.append(f"{self._round_line(r, player)}.")
        if self.current_player == OVER:
            lines.append(result_line(self.returns()))
        return tuple(lines)

    def action_text(self, action: int) -> str:
        """Return "card 3" for the card of value 3."""
        return f"card {action + 1}"


env, raw_env, parallel_env = pettingzoo_forms("goofspiel")
