"""Kuhn poker: one card each, one bet.

Players: 2 (default), 3 or 4. Actions: 0 pass (check, fold), 1 bet (call). Chance deals every
player one of players + 1 cards.

| players | nodes | information sets |
|---|---|---|
| 2 | 58 | 12 |
| 3 | 617 | 48 |
| 4 | 7,886 | 160 |

Utility: -2 to 2 per opponent, zero sum. The value for player 0 of two is -1/18 (Kuhn 1950,
recalled). Same rules, actions and chance as OpenSpiel's ``kuhn_poker``.
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

_BOTH = (0, 1)
_WORDS = ("pass", "bet")


@dataclass(frozen=True)
class Kuhn(Rules):
    """Kuhn poker for 2 to 4 players."""

    name: ClassVar[str] = "kuhn"
    num_actions: ClassVar[int] = 2
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False

    players: int = 2
    """Players, 2 to 4."""

    def __post_init__(self) -> None:
        check_whole("kuhn", "players", self.players, 2, 4)

    @property
    def max_decisions(self) -> int:
        """Most decisions: everybody passes but the last, then everybody else answers."""
        return 2 * self.players - 1

    @property
    def utility(self) -> tuple[float, float]:
        """A player loses at most its 2 chips and wins at most those of the others."""
        return (-2.0, 2.0 * (self.players - 1))

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return 6 * self.players - 1

    @property
    def cards(self) -> str:
        """The deck, lowest card first."""
        return "9TJQK"[-self.players - 1 :]

    def initial(self) -> "KuhnState":
        """Return the position before the deal."""
        return KuhnState(self, (), CHANCE)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        n = self.players
        deck = " ".join(self.cards)
        return (
            f"Kuhn poker. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"The deck has {n + 1} cards, lowest first: {deck}. Each player pays 1 chip into the "
            "pot and is dealt one card that only that player sees. Player 0 acts first, then in "
            "order.\n"
            "Actions: pass or bet. While nobody has bet, pass checks and bet pays 1 more chip. "
            "After a bet each other player acts once more: bet pays 1 chip (a call), pass folds. "
            "There is no raise.\n"
            "If nobody bets, the highest card takes the pot. Otherwise the highest card among "
            "those who bet takes it; if only one bet, that player takes it unseen. Your result is "
            "the chips you win minus the chips you paid: at best "
            f"+{2 * (n - 1)}, at worst -2."
        )

    def aliases(self) -> dict[str, int]:
        """Return the usual poker words for the two actions."""
        return {"check": 0, "fold": 0, "call": 1}


class KuhnState(Position):
    """A position of Kuhn poker; ``history`` is the cards dealt, then the actions."""

    __slots__ = ("_first",)

    game: Kuhn

    def __init__(
        self, game: Kuhn, history: tuple[int, ...], current_player: int, first: int = -1
    ) -> None:
        self.game, self.history, self.current_player = game, history, current_player
        self._first = first  # place of the first bet in history, -1 before it

    def legal(self) -> tuple[int, ...]:
        """Return both actions at a decision."""
        return _BOTH if self.current_player >= 0 else ()

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return the cards left in the deck, equally likely."""
        if self.current_player != CHANCE:
            return ()
        left = [c for c in range(self.game.players + 1) if c not in self.history]
        return tuple((card, 1.0 / len(left)) for card in left)

    def apply(self, action: int) -> "KuhnState":
        """Return the position after a card is dealt or a player acts."""
        game, past, player, first = self.game, self.history, self.current_player, self._first
        n = game.players
        if player < 0:
            if player == OVER or action in past or not 0 <= action <= n:
                raise self.impossible(action)
            return KuhnState(game, (*past, action), CHANCE if len(past) + 1 < n else 0)
        after = (*past, action)
        if action == 1:
            if first < 0:
                first = len(past)
        elif action != 0:
            raise self.impossible(action)
        # After the first bet everybody else has one more action; without one, everybody had one.
        last = first + n if first >= 0 else 2 * n
        turn = OVER if len(after) == last else player + 1 if player + 1 < n else 0
        return KuhnState(game, after, turn, first)

    def _paid(self) -> list[int]:
        n = self.game.players
        paid = [1] * n
        for i, action in enumerate(self.history[n:]):
            paid[i % n] += action
        return paid

    def _shown(self) -> tuple[int, ...]:
        """Return the players whose cards are compared at the end, () where one takes it unseen."""
        if self.current_player != OVER:
            return ()
        paid = self._paid()
        most = max(paid)
        left = tuple(p for p, chips in enumerate(paid) if chips == most)
        return left if len(left) > 1 else ()

    def returns(self) -> tuple[float, ...]:
        """Return the chips won minus those paid; zeros before the end."""
        n = self.game.players
        if self.current_player != OVER:
            return (0.0,) * n
        paid = self._paid()
        most = max(paid)
        cards = self.history
        winner = max((p for p in range(n) if paid[p] == most), key=lambda p: cards[p])
        pot = sum(paid)
        return tuple(float(pot * (p == winner) - paid[p]) for p in range(n))

    def infostate(self, player: int) -> str:
        """Return the own card, what everybody did and, at the end, the cards shown."""
        n = self.game.players
        card = self.game.cards[self.history[player]] if len(self.history) > player else ""
        if len(self.history) < n:
            return f"{card}#{len(self.history)}"
        acts = "".join("pb"[a] for a in self.history[n:])
        shown = ",".join(f"{p}{self.game.cards[self.history[p]]}" for p in self._shown())
        return f"{card}:{acts}" + (f"={shown}" if shown else "")

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (players), own card (players + 1), then (pass, bet) per decision so far."""
        n = self.game.players
        past = self.history
        seen = one_hot(n, player) + one_hot(n + 1, past[player] if len(past) > player else -1)
        for action in past[n:]:
            seen += one_hot(2, action)
        return tuple(seen + [0.0] * (self.game.observation_size - len(seen)))

    def text(self, player: int) -> str:
        """Return the own card, the pot, the actions so far and whose turn it is."""
        n, past = self.game.players, self.history
        card = self.game.cards[past[player]] if len(past) > player else "not dealt yet"
        lines = [f"Your card: {card}", f"Pot: {sum(self._paid())} chips"]
        acts = [f"player {i % n} {self._verb(i)}" for i in range(len(past) - n)]
        lines.append(f"So far: {', '.join(acts)}" if acts else "So far: nobody has acted")
        if self.current_player == OVER:
            lines += [f"Player {p} shows {self.game.cards[past[p]]}" for p in self._shown()]
            lines.append(result_line(self.returns()))
        elif self.current_player == CHANCE:
            lines.append("The cards are being dealt.")
        elif self.current_player == player:
            after = 1 in past[n:]
            lines.append(
                "Your turn: bet to call 1 chip, or pass to fold."
                if after
                else "Your turn: pass to check, or bet 1 chip."
            )
        else:
            lines.append(f"Player {self.current_player} is to act.")
        return "\n".join(lines)

    def _verb(self, decision: int) -> str:
        """Return what the action of a decision amounted to."""
        n = self.game.players
        before = self.history[n : n + decision]
        if self.history[n + decision]:
            return "bets" if 1 not in before else "bets (call)"
        return "passes" if 1 not in before else "passes (fold)"

    def log(self, player: int) -> tuple[str, ...]:
        """Return the own card, every action and, at the end, the cards shown and the result."""
        n, past = self.game.players, self.history
        lines = [f"You are dealt {self.game.cards[past[player]]}."] if len(past) > player else []
        for i in range(len(past) - n):
            word = self._verb(i)
            if i % n == player:
                word = word.replace("passes", "pass").replace("bets", "bet")
            lines.append(f"{who(i % n, player)} {word}.")
        if self.current_player == OVER:
            for p in self._shown():
                verb = "show" if p == player else "shows"
                lines.append(f"{who(p, player)} {verb} {self.game.cards[past[p]]}.")
            lines.append(result_line(self.returns()))
        return tuple(lines)

    def action_text(self, action: int) -> str:
        """Return "pass" or "bet"."""
        return _WORDS[action]


env, raw_env, parallel_env = pettingzoo_forms("kuhn")
