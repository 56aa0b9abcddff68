"""Leduc poker: a private card, a public card, two rounds of betting.

Players: 2 (default) or 3. Actions: 0 fold, 1 call (check), 2 raise. Chance deals every player one
of 2 * (players + 1) cards, two of each rank, and a public card after the first round. Ante 1,
raises of 2 and then 4, at most two raises a round. Two players: 9,457 nodes, 936 information sets
(suits are seen, though they never matter). Utility: -13 to 13 per opponent, zero sum. The value for
player 0 of two is about -0.0856 (recalled). Same rules, actions and chance as OpenSpiel's
``leduc_poker``.
"""

from dataclasses import dataclass
from typing import ClassVar

from envgym.envs.games.base import Position, Rules, check_whole, one_hot, pettingzoo_forms
from envgym.envs.games.leduc_words import log_lines, view
from envgym.types.game import CHANCE, OVER

FOLD, CALL, RAISE = 0, 1, 2
WORDS = ("fold", "call", "raise")
RAISES = (2, 4)
"""Chips of a raise in the first and second round."""
_LIMIT = 2
"""Raises of one round."""


@dataclass(frozen=True)
class Leduc(Rules):
    """Leduc poker for 2 or 3 players."""

    name: ClassVar[str] = "leduc"
    num_actions: ClassVar[int] = 3
    zero_sum: ClassVar[bool] = True
    simultaneous: ClassVar[bool] = False

    players: int = 2
    """Players, 2 or 3."""

    def __post_init__(self) -> None:
        check_whole("leduc", "players", self.players, 2, 3)

    @property
    def max_decisions(self) -> int:
        """Most decisions: per round all check but the last, who raises; one more raise; calls."""
        return 2 * (3 * self.players - 2)

    @property
    def utility(self) -> tuple[float, float]:
        """A player pays at most 1 + 2 * 2 + 2 * 4 chips."""
        return (-13.0, 13.0 * (self.players - 1))

    @property
    def unit(self) -> float:
        """Half a chip, where two of three split an odd pot; one chip for two."""
        return 1.0 if self.players == 2 else 0.5

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return self.players + 2 * self.deck + 2 * (3 * self.players - 2) * 3 + self.players

    @property
    def deck(self) -> int:
        """Number of cards."""
        return 2 * (self.players + 1)

    def card(self, card: int) -> str:
        """Return a card's rank and suit, such as "Qh"."""
        return "TJQK"[-self.players - 1 :][card // 2] + "sh"[card % 2]

    def initial(self) -> "LeducState":
        """Return the position before the deal."""
        return LeducState(self, (), CHANCE)

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        n = self.players
        ranks = " ".join("TJQK"[-n - 1 :])
        return (
            f"Leduc poker. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"The deck has {self.deck} cards: ranks {ranks}, lowest first, each in spades (s) and "
            "hearts (h); suits never matter. Each player pays 1 chip into the pot and is dealt one "
            "private card. After a first round of betting one public card is turned up, and a "
            "second round of betting follows. In each round the lowest-numbered player still in "
            "the game acts first, then in order.\n"
            "Actions: call pays what is missing to the highest stake (nothing is missing: it "
            "checks); raise calls and adds 2 chips in the first round, 4 in the second; fold gives "
            "up and is possible only when something is missing. At most two raises a round. A "
            "round ends when all players still in have paid the same and have acted.\n"
            "If all others fold, the last player takes the pot. Otherwise a private card of the "
            "public card's rank (a pair) wins, else the highest rank; equal hands split the pot. "
            "Your result is the chips you win minus the chips you paid: at best "
            f"+{13 * (n - 1)}, at worst -13."
        )

    def aliases(self) -> dict[str, int]:
        """Return other poker words for the actions."""
        return {"check": CALL, "bet": RAISE}


class LeducState(Position):
    """A position of Leduc poker; ``history`` is the deal, first round, public card, second round."""

    __slots__ = ("_calls", "_left", "_paid", "_public_at", "_raises", "_stake")

    game: Leduc

    def __init__(
        self,
        game: Leduc,
        history: tuple[int, ...],
        player: int,
        public_at: int = 0,
        paid: tuple[int, ...] = (),
        left: tuple[int, ...] = (),
        stake: int = 1,
        calls: int = 0,
        raises: int = 0,
    ) -> None:
        self.game, self.history, self.current_player = game, history, player
        self._public_at = public_at  # where history holds the public card; 0: not yet
        self._paid = paid or (1,) * game.players
        self._left = left or tuple(range(game.players))  # players who have not folded
        self._stake, self._calls, self._raises = stake, calls, raises

    def legal(self) -> tuple[int, ...]:
        """Return fold where something is missing, call, and raise below the limit."""
        player = self.current_player
        if player < 0:
            return ()
        behind = self._stake > self._paid[player]
        if self._raises < _LIMIT:
            return (FOLD, CALL, RAISE) if behind else (CALL, RAISE)
        return (FOLD, CALL) if behind else (CALL,)

    def chance_outcomes(self) -> tuple[tuple[int, float], ...]:
        """Return the cards left in the deck, equally likely."""
        if self.current_player != CHANCE:
            return ()
        dealt = self.history[: self.game.players]
        left = [c for c in range(self.game.deck) if c not in dealt]
        return tuple((card, 1.0 / len(left)) for card in left)

    def apply(self, action: int) -> "LeducState":
        """Return the position after a card is dealt or a player acts."""
        player = self.current_player
        if player < 0:
            return self._deal(action)
        if action not in self.legal():
            raise self.impossible(action)
        game, paid, left = self.game, self._paid, self._left
        stake, calls, raises = self._stake, self._calls, self._raises
        if action == FOLD:
            left = tuple(p for p in left if p != player)
        else:
            if action == RAISE:
                stake += RAISES[self._public_at > 0]
                raises, calls = raises + 1, 0
            else:
                calls += 1
            paid = (*paid[:player], stake, *paid[player + 1 :])
        after, public = (*self.history, action), self._public_at
        if len(left) == 1:
            return LeducState(game, after, OVER, public, paid, left, stake)
        if calls == len(left) - (raises > 0):
            if public:
                return LeducState(game, after, OVER, public, paid, left, stake)
            return LeducState(game, after, CHANCE, 0, paid, left, stake)
        turn = next((p for p in left if p > player), left[0])
        return LeducState(game, after, turn, public, paid, left, stake, calls, raises)

    def _deal(self, card: int) -> "LeducState":
        game, past = self.game, self.history
        dealt = past[: game.players]
        if self.current_player == OVER or card in dealt or not 0 <= card < game.deck:
            raise self.impossible(card)
        after = (*past, card)
        if len(past) < game.players:
            return LeducState(game, after, CHANCE if len(after) < game.players else 0)
        return LeducState(
            game, after, self._left[0], len(past), self._paid, self._left, self._stake
        )

    @property
    def paid(self) -> tuple[int, ...]:
        """Chips each player has paid."""
        return self._paid

    @property
    def public_at(self) -> int:
        """Place of the public card in ``history``; 0 before it is turned up."""
        return self._public_at

    def shown(self) -> tuple[int, ...]:
        """Return the players whose cards are compared at the end, () where one takes it unseen."""
        return self._left if self.current_player == OVER and len(self._left) > 1 else ()

    def returns(self) -> tuple[float, ...]:
        """Return the chips won minus those paid; zeros before the end."""
        n, past, left = self.game.players, self.history, self._left
        if self.current_player != OVER:
            return (0.0,) * n
        winners = left
        if len(left) > 1:
            public = past[self._public_at] // 2
            rank = {p: (past[p] // 2 == public, past[p] // 2) for p in left}
            best = max(rank.values())
            winners = tuple(p for p in left if rank[p] == best)
        share = sum(self._paid) / len(winners)
        return tuple((share if p in winners else 0.0) - self._paid[p] for p in range(n))

    def infostate(self, player: int) -> str:
        """Return the own card, what everybody did, the public card and the cards shown."""
        n, past, at = self.game.players, self.history, self._public_at
        card = self.game.card(past[player]) if len(past) > player else ""
        if len(past) < n:
            return f"{card}#{len(past)}"
        first = "".join("fcr"[a] for a in (past[n:at] if at else past[n:]))
        second = "".join("fcr"[a] for a in past[at + 1 :]) if at else ""
        public = f"|{self.game.card(past[at])}:" if at else ""
        shown = ",".join(f"{p}{self.game.card(past[p])}" for p in self.shown())
        return f"{card}:{first}{public}{second}" + (f"={shown}" if shown else "")

    def observation(self, player: int) -> tuple[float, ...]:
        """Return seat (players), own card (deck), public card (deck), actions, chips paid (players).

        Actions are (fold, call, raise), one-hot, for 3 * players - 2 decisions of each round;
        chips are divided by 13.
        """
        game, past, at = self.game, self.history, self._public_at
        n, deck = game.players, game.deck
        seen = one_hot(n, player) + one_hot(deck, past[player] if len(past) > player else -1)
        seen += one_hot(deck, past[at] if at else -1)
        for acts in (past[n:at] if at else past[n:], past[at + 1 :] if at else ()):
            row = [x for action in acts for x in one_hot(3, action)]
            seen += row + [0.0] * (3 * (3 * n - 2) - len(row))
        return (*seen, *(chips / 13.0 for chips in self._paid))

    def text(self, player: int) -> str:
        """Return the cards, the chips, the actions so far and whose turn it is."""
        return view(self, player)

    def log(self, player: int) -> tuple[str, ...]:
        """Return own card, every action, the public card and, at the end, the cards shown."""
        return log_lines(self, player)

    def action_text(self, action: int) -> str:
        """Return "fold", "call" or "raise"."""
        return WORDS[action]


env, raw_env, parallel_env = pettingzoo_forms("leduc")
